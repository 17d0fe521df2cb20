"""Weights of the right shapes and formats filled with noise, to measure what real models cost
before one is downloaded:

    .venv/bin/python scripts/measure/make_shapes.py build/shapes
    .venv/bin/python scripts/measure/bench_shapes.py build/shapes

They compute exactly what the real ones compute, and say nothing but noise. The file sizes are those
of the real files (models/manifest.toml): that is the proof of the shapes. The voice is made by
Piper's own training code and needs torch and onnx in this Python; without them it is left out.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ctranslate2.specs import common_spec, whisper_spec
from gguf import GGMLQuantizationType as Q
from gguf import GGUFWriter, TokenType
from numpy.typing import NDArray
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from tokenizers import decoders as token_decoders

NOISE = np.random.default_rng(0)
SPREAD = 0.02
"""Standard deviation of weights: about what trained ones have, and far from overflowing."""

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("folder", type=Path)


def noise(*shape: int) -> NDArray[np.float32]:
    return NOISE.normal(0, SPREAD, shape).astype(np.float32)


def byte_letters() -> list[str]:
    """The 256 characters that stand for bytes in vocabularies of GPT-2's kind, in byte order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


# Whisper in CTranslate2's format, 16-bit like the published files


@dataclass(frozen=True, slots=True)
class Whisper:
    width: int
    layers: int
    heads: int


WHISPERS = {"whisper-base": Whisper(512, 6, 8), "whisper-small": Whisper(768, 12, 12)}
MELS, FRAMES, POSITIONS = 80, 1500, 448
WORDS = 50257
LANGUAGES = 99
TIMES = 1501
VOCABULARY = WORDS + 1 + 1 + LANGUAGES + 6 + TIMES
"""Words, end, start, languages, six tasks and marks, timestamps: 51865."""


def whisper_tokens() -> list[str]:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    words = byte_letters()
    words += [f"w{n}" for n in range(WORDS - len(words))]
    codes = [f"<|{code}|>" for code in _LANGUAGE_CODES[:LANGUAGES]]
    marks = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    marks += ["<|nospeech|>", "<|notimestamps|>"]
    times = [f"<|{n / 50:.2f}|>" for n in range(TIMES)]
    return [*words, "<|endoftext|>", "<|startoftranscript|>", *codes, *marks, *times]


def whisper(folder: Path, shape: Whisper) -> None:
    width, spec = shape.width, whisper_spec.WhisperSpec(*[shape.layers, shape.heads] * 2)
    for conv, inputs in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, width)):
        conv.weight, conv.bias = noise(width, inputs, 3), noise(width)
    for part, positions in ((spec.encoder, FRAMES), (spec.decoder, POSITIONS)):
        part.position_encodings.encodings = noise(positions, width)
        _norm(part.layer_norm, width)
        for layer in part.layer:
            _layer(layer, width, decodes=part is spec.decoder)
    words = noise(VOCABULARY, width)
    spec.decoder.embeddings.weight = spec.decoder.projection.weight = words
    tokens = whisper_tokens()
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [WORDS]
    spec.config.lang_ids = list(range(WORDS + 2, WORDS + 2 + LANGUAGES))
    spec.config.alignment_heads = [[shape.layers - 1, 0]]
    spec.validate()
    spec.optimize(quantization="float16")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    whisper_tokenizer(tokens).save(str(folder / "tokenizer.json"))


def _norm(spec: common_spec.LayerNormSpec, width: int) -> None:
    spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _linear(spec: common_spec.LinearSpec, outputs: int, inputs: int) -> None:
    spec.weight, spec.bias = noise(outputs, inputs), noise(outputs)


def _layer(layer: object, width: int, decodes: bool) -> None:
    attentions = [layer.self_attention, layer.attention] if decodes else [layer.self_attention]
    for attention in attentions:
        _norm(attention.layer_norm, width)
        crossing = attention is attentions[-1] and decodes
        outputs = (width, 2 * width, width) if crossing else (3 * width, width)
        for linear, size in zip(attention.linear, outputs, strict=True):
            _linear(linear, size, width)
    _norm(layer.ffn.layer_norm, width)
    _linear(layer.ffn.linear_0, 4 * width, width)
    _linear(layer.ffn.linear_1, width, 4 * width)


def whisper_tokenizer(tokens: list[str]) -> Tokenizer:
    vocabulary = {token: n for n, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = token_decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in tokens[WORDS:]])
    return tokenizer


# Language models in GGUF, quantized as llama.cpp does for Q4_K_M


@dataclass(frozen=True, slots=True)
class Qwen:
    """Qwen2.5, whose published files have the matrix of the words twice."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    inner: int


QWENS = {
    "qwen2.5-0.5b": Qwen(896, 24, 14, 2, 4864),
    "qwen2.5-1.5b": Qwen(1536, 28, 12, 2, 8960),
}
QWEN_WORDS = 151936
CONTEXT = 32768
BLOCKS = {Q.Q4_K: (256, 144), Q.Q6_K: (256, 210), Q.Q5_0: (32, 22), Q.Q8_0: (32, 34)}
"""Weights in a block and the bytes that hold them."""
FALLBACK = {Q.Q4_K: Q.Q5_0, Q.Q6_K: Q.Q8_0}
"""Where a row is not a multiple of 256."""
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def finer(layer: int, layers: int) -> bool:
    """Whether Q4_K_M keeps the layer's values and the way down in 6 bits."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def quantized(kind: Q, rows: int, columns: int) -> tuple[Q, NDArray[np.uint8]]:
    """Blocks of noise with scales that spread it as `SPREAD` says."""
    if columns % BLOCKS[kind][0]:
        kind = FALLBACK[kind]
    weights, size = BLOCKS[kind]
    blocks = NOISE.integers(0, 256, (rows * columns // weights, size), np.uint8)
    # The root mean square of scale times quant, where both are uniform over all their values.
    match kind:
        case Q.Q4_K:
            scale = SPREAD / (36.4 * 4.6)
            blocks[:, 0:4] = np.frombuffer(np.array([scale, 7.5 * scale], np.float16), np.uint8)
        case Q.Q6_K:
            blocks[:, 208:210] = np.frombuffer(np.float16(SPREAD / (74 * 18.5)), np.uint8)
        case Q.Q5_0:
            blocks[:, 0:2] = np.frombuffer(np.float16(SPREAD / 9.2), np.uint8)
        case Q.Q8_0:
            blocks[:, 0:2] = np.frombuffer(np.float16(SPREAD / 74), np.uint8)
    return kind, blocks.reshape(rows, -1)


def language_model(path: Path, shape: Qwen) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = GGUFWriter(path, "qwen2")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_freq_base(1e6)
    writer.add_layer_norm_rms_eps(1e-6)
    _vocabulary(writer)
    for name, kind, *size in _tensors(shape):
        if kind is None:
            plain = np.ones(size, np.float32) if name.endswith("norm.weight") else noise(*size)
            writer.add_tensor(name, plain)
        else:
            chosen, blocks = quantized(kind, *size)
            writer.add_tensor(name, blocks, raw_dtype=chosen)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary(writer: GGUFWriter) -> None:
    """Every byte is a word, and the rest is filler: no text is shorter than its bytes."""
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    words = byte_letters()
    words += [f"w{n}" for n in range(QWEN_WORDS - len(words) - len(marks))]
    kinds = [TokenType.NORMAL] * len(words) + [TokenType.CONTROL] * len(marks)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(words + marks)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{words[0]} {words[1]}"])
    writer.add_eos_token_id(QWEN_WORDS - 1)
    writer.add_pad_token_id(QWEN_WORDS - 3)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT)


def _tensors(shape: Qwen) -> list[tuple]:
    """Names, how they are quantized (None: not at all), rows and columns."""
    width, inner, kv = shape.width, shape.inner, shape.width // shape.heads * shape.kv_heads
    found: list[tuple] = [
        ("token_embd.weight", Q.Q4_K, QWEN_WORDS, width),
        ("output.weight", Q.Q6_K, QWEN_WORDS, width),
        ("output_norm.weight", None, width),
    ]
    for n in range(shape.layers):
        fine = Q.Q6_K if finer(n, shape.layers) else Q.Q4_K
        found += [
            (f"blk.{n}.attn_norm.weight", None, width),
            (f"blk.{n}.attn_q.weight", Q.Q4_K, width, width),
            (f"blk.{n}.attn_k.weight", Q.Q4_K, kv, width),
            (f"blk.{n}.attn_v.weight", fine, kv, width),
            (f"blk.{n}.attn_q.bias", None, width),
            (f"blk.{n}.attn_k.bias", None, kv),
            (f"blk.{n}.attn_v.bias", None, kv),
            (f"blk.{n}.attn_output.weight", Q.Q4_K, width, width),
            (f"blk.{n}.ffn_norm.weight", None, width),
            (f"blk.{n}.ffn_gate.weight", Q.Q4_K, inner, width),
            (f"blk.{n}.ffn_up.weight", Q.Q4_K, inner, width),
            (f"blk.{n}.ffn_down.weight", fine, width, inner),
        ]
    return found


# A voice of Piper


SPEED = 1.6
"""How much the noise is slowed down so that a clause lasts as long as a spoken one."""
VOICE = {
    "n_vocab": 256,
    "spec_channels": 513,
    "segment_size": 32,
    "inter_channels": 192,
    "hidden_channels": 192,
    "filter_channels": 768,
    "n_heads": 2,
    "n_layers": 6,
    "kernel_size": 3,
    "p_dropout": 0.1,
    "resblock": "2",
    "resblock_kernel_sizes": (3, 5, 7),
    "resblock_dilation_sizes": ((1, 2), (2, 6), (3, 12)),
    "upsample_rates": (8, 8, 4),
    "upsample_initial_channel": 256,
    "upsample_kernel_sizes": (16, 16, 8),
    "n_speakers": 1,
    "gin_channels": 0,
    "use_sdp": True,
}
"""Piper's medium quality."""
VOICE_SETTINGS = {
    "audio": {"sample_rate": 22050, "quality": "medium"},
    "espeak": {"voice": "en-us"},
    "phoneme_type": "espeak",
    "num_symbols": 256,
    "num_speakers": 1,
    "inference": {"noise_scale": 0.667, "length_scale": SPEED, "noise_w": 0.8},
    "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
}


def voice(path: Path) -> None:
    """Raises ImportError without torch and onnx."""
    import torch
    from piper.train.vits.models import SynthesizerTrn

    torch.manual_seed(0)
    net = SynthesizerTrn(**VOICE)
    net.eval()
    net.dec.remove_weight_norm()

    def speak(text, lengths, scales):
        said = net.infer(
            text, lengths, noise_scale=scales[0], length_scale=scales[1], noise_scale_w=scales[2]
        )
        return said[0].unsqueeze(1)

    net.forward = speak
    ids = torch.randint(0, 256, (1, 50))
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        net,
        (ids, torch.LongTensor([50]), torch.FloatTensor([0.667, 1.0, 0.8])),
        str(path),
        opset_version=15,
        dynamo=False,
        input_names=["input", "input_lengths", "scales"],
        output_names=["output"],
        dynamic_axes={
            "input": {0: "batch_size", 1: "phonemes"},
            "input_lengths": {0: "batch_size"},
            "output": {0: "batch_size", 2: "time"},
        },
    )
    path.with_name(path.name + ".json").write_text(json.dumps(VOICE_SETTINGS), encoding="utf-8")


def main() -> None:
    folder = parser.parse_args().folder
    for name, shape in WHISPERS.items():
        whisper(folder / name, shape)
        print(f"{name}: {(folder / name / 'model.bin').stat().st_size} bytes")
    for name, qwen in QWENS.items():
        path = folder / f"{name}.gguf"
        language_model(path, qwen)
        print(f"{name}: {path.stat().st_size} bytes")
    path = folder / "voice-medium.onnx"
    try:
        voice(path)
    except ImportError as exc:
        print(f"no voice, because {exc.name} is not installed")
    else:
        print(f"voice-medium: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
