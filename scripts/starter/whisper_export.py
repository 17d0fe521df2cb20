"""Trained weights as the CTranslate2 directory that faster-whisper loads.

    python -m scripts.starter.whisper_export build/starter/whisper/weights-fp16.pt \\
        models/starter/recognizer

The tokenizer is the one beside the weights, if there is one, or else that of the shipped model.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from ctranslate2.specs import common_spec, whisper_spec
from tokenizers import Tokenizer

from scripts.starter.whisper_net import (
    DECODER_LAYERS,
    ENCODER_FRAMES,
    ENCODER_LAYERS,
    FFT,
    HEADS,
    HOP,
    RATE,
    WIDTH,
    sinusoids,
)

TOKENIZER = Path(__file__).parents[2] / "models/starter/recognizer/tokenizer.json"
WINDOW_FRAMES = 3000  # features in the window of plain transcribe(); 60 s at this hop
POSITIONS = 448  # tokens that plain transcribe() lets a text run to when it does not end by itself

Weights = dict[str, np.ndarray]


def _linear(spec: common_spec.LinearSpec, weights: Weights, *names: str) -> None:
    """One or several layers, the latter fused into one; a missing bias is zeros."""
    matrices = [weights[f"{name}.weight"] for name in names]
    biases = [
        weights.get(f"{name}.bias", np.zeros(len(matrix), np.float32))
        for name, matrix in zip(names, matrices, strict=True)
    ]
    spec.weight, spec.bias = np.concatenate(matrices), np.concatenate(biases)


def _norm(spec: common_spec.LayerNormSpec, weights: Weights, name: str) -> None:
    spec.gamma, spec.beta = weights[f"{name}.weight"], weights[f"{name}.bias"]


def _layer(spec: object, weights: Weights, name: str, decodes: bool) -> None:
    _norm(spec.self_attention.layer_norm, weights, f"{name}.n1")
    _linear(spec.self_attention.linear[0], weights, *(f"{name}.a.{part}" for part in "qkv"))
    _linear(spec.self_attention.linear[1], weights, f"{name}.a.o")
    if decodes:
        _norm(spec.attention.layer_norm, weights, f"{name}.n2")
        _linear(spec.attention.linear[0], weights, f"{name}.c.q")
        _linear(spec.attention.linear[1], weights, f"{name}.c.k", f"{name}.c.v")
        _linear(spec.attention.linear[2], weights, f"{name}.c.o")
    _norm(spec.ffn.layer_norm, weights, f"{name}.n3")
    _linear(spec.ffn.linear_0, weights, f"{name}.f1")
    _linear(spec.ffn.linear_1, weights, f"{name}.f2")


def specification(weights: Weights, vocabulary: dict[str, int]) -> whisper_spec.WhisperSpec:
    """The network in CTranslate2's terms.

    An end right at the start is not suppressed, other than in Whisper: it is how this model says
    that it heard no speech.
    """
    spec = whisper_spec.WhisperSpec(ENCODER_LAYERS, HEADS, DECODER_LAYERS, HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    for conv, name in ((encoder.conv1, "c1"), (encoder.conv2, "c2")):
        conv.weight, conv.bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    encoder.position_encodings.encodings = sinusoids(WINDOW_FRAMES // 2).numpy()
    for i, layer in enumerate(encoder.layer):
        _layer(layer, weights, f"e.{i}", decodes=False)
    _norm(encoder.layer_norm, weights, "en")
    decoder.embeddings.weight = weights["emb.weight"]
    learnt = weights["dpe"]
    decoder.position_encodings.encodings = np.pad(
        learnt, ((0, POSITIONS - len(learnt)), (0, 0)), mode="edge"
    )
    decoder.scale_embeddings = False
    for i, layer in enumerate(decoder.layer):
        _layer(layer, weights, f"d.{i}", decodes=True)
    _norm(decoder.layer_norm, weights, "dn")
    decoder.projection.weight = weights["emb.weight"]
    spec.register_vocabulary(sorted(vocabulary, key=vocabulary.__getitem__))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [vocabulary["<|en|>"]]
    spec.config.alignment_heads = [[DECODER_LAYERS - 1, head] for head in range(HEADS)]
    spec.validate()
    return spec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quantization", default="int8", choices=["int8", "float32"])
    args = parser.parse_args()
    weights = {k: v.float().numpy() for k, v in torch.load(args.weights).items()}
    assert weights["pe"].shape == (ENCODER_FRAMES, WIDTH)
    tokenizer = args.weights.with_name("tokenizer.json")
    tokenizer = tokenizer if tokenizer.exists() else TOKENIZER
    vocabulary = Tokenizer.from_file(str(tokenizer)).get_vocab()
    assert weights["emb.weight"].shape == (len(vocabulary), WIDTH), "weights of another tokenizer"
    spec = specification(weights, vocabulary)
    spec.optimize(quantization=None if args.quantization == "float32" else args.quantization)
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        spec.save(folder)
        for path in Path(folder).iterdir():
            shutil.copyfile(path, args.out / path.name)
    text = tokenizer.read_bytes()
    (args.out / "tokenizer.json").write_bytes(text)
    features = {
        "feature_size": 80,
        "sampling_rate": RATE,
        "hop_length": HOP,
        "chunk_length": WINDOW_FRAMES * HOP // RATE,
        "n_fft": FFT,
        "nb_max_frames": WINDOW_FRAMES,
        "n_samples": WINDOW_FRAMES * HOP,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
        "feature_extractor_type": "WhisperFeatureExtractor",
        "processor_class": "WhisperProcessor",
    }
    (args.out / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    size = sum(path.stat().st_size for path in args.out.iterdir())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
