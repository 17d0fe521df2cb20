"""A trained voice as the ONNX graph and settings that Piper loads.

    python -m scripts.starter.voice_export build/starter/voice/last.pt \\
        models/starter/voice/en_US-starter.onnx

Piper gives symbol ids with a padding id between all of them, and three scales: noise, length, and
one for random durations, which this voice does not have.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP
from torch import Tensor, nn

from scripts.starter.voice_net import BINS, HOP, RATE, SYMBOLS, TRANSFORM, Voice

NOISE_SCALE = 0.667  # Piper's default; at this value the noise has the level that was trained
LIKE = dict(
    pair.split()
    for pair in (
        "; ,|: ,|( ,|) ,|r ɹ|g ɡ|ɫ l|ɬ l|ɒ ɑ|ɝ ɚ|ɞ ɜ|ɵ ə|ɘ ə|ɨ ɪ|y u|ʏ ʊ|ø ɜ|œ ɜ|ç h|χ h|ħ h|ɦ h|"
        "c k|q k|ɣ ɡ|ʁ ɹ|ɾ t|ɲ n|ɳ n|ɱ m|ʎ l|ɭ l|ʂ ʃ|ɕ ʃ|ʐ ʒ|ʑ ʒ|ʈ t|ɖ d|ɸ f|β v|ʋ v|ʍ w|ɥ j|ɯ u|"
        "ʉ u|ɤ ʌ|ε ɛ|ʀ ɹ|ɻ ɹ|x k|ʔ t"
    ).split("|")
)
"""Symbols of other languages -> the English one to say in their place."""


class PiperGraph(nn.Module):
    """Piper's inputs to samples; transforms as matrix products, a batch of one."""

    def __init__(self, voice: Voice, breath: float) -> None:
        super().__init__()
        self.voice, self._breath = voice, breath
        time = torch.arange(TRANSFORM, dtype=torch.float64)
        angle = 2 * math.pi * time[:, None] * torch.arange(BINS, dtype=torch.float64)[None]
        angle = angle / TRANSFORM
        forward = torch.cat([torch.cos(angle), -torch.sin(angle)], 1)[: 2 * HOP]
        twice = torch.full((BINS,), 2.0, dtype=torch.float64)
        twice[0] = twice[-1] = 1
        inverse = torch.cat([(torch.cos(angle) * twice).T, (-torch.sin(angle) * twice).T], 0)
        self.register_buffer("there", (forward * voice.window[:, None]).float())
        self.register_buffer("back", (inverse / TRANSFORM).float())

    def _spectrum(self, samples: Tensor) -> tuple[Tensor, Tensor]:
        half = HOP // 2
        pieces = F.pad(samples, (half, half)).reshape(1, -1, half)
        stop = pieces.shape[1] - 3
        frames = torch.cat([pieces[:, j : stop + j : 2] for j in range(4)], -1)
        both = frames @ self.there
        return both[..., :BINS], both[..., BINS:]

    def _durations(self, real: Tensor, ids: Tensor, logs: Tensor, scale: Tensor) -> Tensor:
        """Whole frames of every symbol.

        Rounded for all ids of the input, padding included, by the graph's only Ceil: that is where
        Piper looks for alignments.
        """
        frames = (torch.exp(logs) - 1).clamp(min=0) * self.voice.can_last[ids] * scale
        place = (torch.cumsum(real.long(), 0) - 1).clamp(min=0)
        rounded = torch.ceil(frames[:, place] * real.float()[None] - 0.5).clamp(min=0)
        return rounded[:, torch.nonzero(real)[:, 0]]

    def forward(self, input: Tensor, input_lengths: Tensor, scales: Tensor) -> Tensor:
        voice = self.voice
        input = input[:, : input_lengths[0]]
        real = input[0] != 0
        ids = input[:, torch.nonzero(real)[:, 0]]
        states, logs = voice.encode(ids)
        durations = self._durations(real, ids, logs, scales[1])
        x = voice.frames(states, durations, durations.sum().long().clamp(min=1))
        prosody = voice.prosody(x)
        pitch, voiced = prosody[..., 0], (prosody[..., 1] > 0).float()
        pulse_log, pulse_phase, noise_log, noise_phase = voice.filters(
            voice.decode(x, pitch, voiced)
        )
        pulses = voice.pulses(pitch, voiced)
        noise = torch.randn_like(pulses) * (scales[0] / NOISE_SCALE)
        pulse, hiss = torch.exp(pulse_log), torch.exp(noise_log)
        if self._breath != 1:  # less noise in voiced frames, the same power in every bin
            kept = 1 - voiced[..., None] * (1 - self._breath)
            pulse, hiss = torch.sqrt(pulse**2 + (1 - kept**2) * hiss**2), kept * hiss
        real_part, imaginary = _filtered(self._spectrum(pulses), pulse, pulse_phase)
        more_real, more_imaginary = _filtered(self._spectrum(noise), hiss, noise_phase)
        spectrum = torch.cat([real_part + more_real, imaginary + more_imaginary], -1)
        return voice.overlapped(spectrum @ self.back)[:, None, None, :]


def _filtered(
    spectrum: tuple[Tensor, Tensor], size: Tensor, phase: Tensor
) -> tuple[Tensor, Tensor]:
    """A complex product, in real and imaginary parts."""
    real, imaginary = spectrum
    cos, sin = size * torch.cos(phase), size * torch.sin(phase)
    return real * cos - imaginary * sin, real * sin + imaginary * cos


def loaded(path: Path) -> Voice:
    """The averaged weights; symbols that training never met borrow their nearest neighbour."""
    state = torch.load(path)
    voice = Voice(*state["pitch"])
    voice.load_state_dict(state["average"])
    known = {ids[0] for ids in DEFAULT_PHONEME_ID_MAP.values()}
    with torch.no_grad():
        for symbol, (number, *_) in DEFAULT_PHONEME_ID_MAP.items():
            if symbol in state["seen"]:
                continue
            near = LIKE.get(symbol)
            weight = voice.emb.weight
            weight[number] = weight[DEFAULT_PHONEME_ID_MAP[near][0]] if near else 0
            voice.can_last[number] = float(near is not None)
        voice.emb.weight[[number for number in range(SYMBOLS) if number not in known]] = 0
    return voice.eval()


def settings() -> dict:
    return {
        "audio": {"sample_rate": RATE, "quality": "starter"},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "language": {
            "code": "en_US",
            "family": "en",
            "region": "US",
            "name_native": "English",
            "name_english": "English",
        },
        "dataset": "starter",
        "num_symbols": SYMBOLS,
        "num_speakers": 1,
        "speaker_id_map": {},
        "hop_length": HOP,
        "inference": {"noise_scale": NOISE_SCALE, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--breath", type=float, default=0.85, help="noise left in voiced frames, 0..1"
    )
    args = parser.parse_args()
    graph = PiperGraph(loaded(args.checkpoint), args.breath).eval()
    symbols = [DEFAULT_PHONEME_ID_MAP[symbol][0] for symbol in "^həloʊ wɜːld.$"]
    ids = torch.tensor([[number for symbol in symbols for number in (symbol, 0)][:-1]])
    inputs = (ids, torch.tensor([ids.shape[1]]), torch.tensor([NOISE_SCALE, 1.0, 0.8]))
    names = ["input", "input_lengths", "scales"]
    with torch.no_grad():
        torch.onnx.export(
            graph,
            inputs,
            str(args.out),
            dynamo=False,
            opset_version=17,
            input_names=names,
            output_names=["output"],
            dynamic_axes={"input": {1: "phonemes"}, "output": {3: "samples"}},
        )
    model = onnx.load(str(args.out))
    onnx.checker.check_model(model)
    assert sum(node.op_type == "Ceil" for node in model.graph.node) == 1
    text = json.dumps(settings(), ensure_ascii=False, indent=1)
    args.out.with_name(args.out.name + ".json").write_text(text, encoding="utf-8")
    session = onnxruntime.InferenceSession(str(args.out), providers=["CPUExecutionProvider"])
    feed = dict(zip(names, (np.asarray(value) for value in inputs), strict=True))
    samples = session.run(None, feed)[0].size
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, {samples / RATE:.2f} s said")


if __name__ == "__main__":
    main()
