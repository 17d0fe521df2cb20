"""The recognizer as a network to train: Whisper's architecture, small, with 20 ms frames.

Names of parameters are short because they are keys of the checkpoint; whisper_export.py gives them
their names in CTranslate2.
"""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer
from torch import Tensor, nn

RATE = 16_000
HOP = 320  # samples; twice Whisper's, so that the encoder has half as many frames to look at
FFT = 400  # samples
WIDTH, HEADS = 192, 3
ENCODER_LAYERS, DECODER_LAYERS = 6, 2
ENCODER_FRAMES = 500  # longest window in training: 500 frames of 40 ms after the stride, 20 s
TOKENS = 128  # longest transcript
LETTERS = "abcdefghijklmnopqrstuvwxyz '"
BLANK = len(LETTERS)

_MEL = torch.tensor(FeatureExtractor(hop_length=HOP).mel_filters, dtype=torch.float32)
_WINDOW = torch.tensor(np.hanning(FFT + 1)[:-1], dtype=torch.float32)


def log_mel(audio: Tensor) -> Tensor:
    """[samples] in -1..1 -> [80, frames], the same numbers as faster-whisper's extractor."""
    spectrum = torch.stft(
        F.pad(audio, (0, 160)),
        FFT,
        HOP,
        window=_WINDOW,
        center=True,
        pad_mode="reflect",
        return_complex=True,
    )
    power = spectrum[..., :-1].abs() ** 2
    mel = torch.log10(torch.clamp(_MEL @ power, min=1e-10))
    return (torch.maximum(mel, mel.max() - 8) + 4) / 4


class Text:
    """Transcripts to token ids and back, and to the letters of the auxiliary loss."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self.size = self._tokenizer.get_vocab_size()
        self.end = self._tokenizer.token_to_id("<|endoftext|>")
        self.start = self._tokenizer.token_to_id("<|startoftranscript|>")
        self.untimed = self._tokenizer.token_to_id("<|notimestamps|>")
        self.no_speech = self._tokenizer.token_to_id("<|nospeech|>")
        self.time_zero = self._tokenizer.token_to_id("<|0.00|>")

    def encode(self, text: str) -> list[int]:
        ids = self._tokenizer.encode(" " + text, add_special_tokens=False).ids if text else []
        return list(ids[: TOKENS - 6])

    def decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode([i for i in ids if i < self.end])).strip()

    @staticmethod
    def letters(text: str) -> list[int]:
        kept = "".join(c if c in LETTERS else " " for c in text.lower())
        return [LETTERS.index(c) for c in " ".join(kept.split())]


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(WIDTH, WIDTH)
        self.k = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v = nn.Linear(WIDTH, WIDTH)
        self.o = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor, source: Tensor, causal: bool) -> Tensor:
        def heads(projected: Tensor) -> Tensor:
            return projected.unflatten(-1, (HEADS, -1)).transpose(1, 2)

        mixed = F.scaled_dot_product_attention(
            heads(self.q(x)), heads(self.k(source)), heads(self.v(source)), is_causal=causal
        )
        return self.o(mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """One layer; a decoder's also looks at the encoder's output."""

    def __init__(self, decodes: bool) -> None:
        super().__init__()
        self.n1, self.a = nn.LayerNorm(WIDTH), Attention()
        if decodes:
            self.n2, self.c = nn.LayerNorm(WIDTH), Attention()
        self.n3 = nn.LayerNorm(WIDTH)
        self.f1, self.f2 = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor, heard: Tensor | None = None) -> Tensor:
        inner = self.n1(x)
        x = x + self.a(inner, inner, causal=heard is not None)
        if heard is not None:
            x = x + self.c(self.n2(x), heard, causal=False)
        return x + self.f2(F.gelu(self.f1(self.n3(x))))


class Recognizer(nn.Module):
    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.c1 = nn.Conv1d(80, WIDTH, 3, padding=1)
        self.c2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("pe", sinusoids(ENCODER_FRAMES))
        self.e = nn.ModuleList(Block(decodes=False) for _ in range(ENCODER_LAYERS))
        self.en = nn.LayerNorm(WIDTH)
        self.emb = nn.Embedding(vocabulary, WIDTH)
        nn.init.normal_(self.emb.weight, std=0.02)
        self.dpe = nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.01)
        self.d = nn.ModuleList(Block(decodes=True) for _ in range(DECODER_LAYERS))
        self.dn = nn.LayerNorm(WIDTH)
        self.ctc = nn.Linear(WIDTH, len(LETTERS) + 1)  # for training only

    def encode(self, mel: Tensor) -> Tensor:
        """[batch, 80, frames] -> [batch, frames / 2, WIDTH]."""
        x = F.gelu(self.c2(F.gelu(self.c1(mel)))).transpose(1, 2)
        x = x + self.pe[: x.shape[1]]
        for block in self.e:
            x = block(x)
        return self.en(x)

    def decode(self, tokens: Tensor, heard: Tensor) -> Tensor:
        """[batch, tokens] -> logits of each next token."""
        x = self.emb(tokens) + self.dpe[: tokens.shape[1]]
        for block in self.d:
            x = block(x, heard)
        return self.dn(x) @ self.emb.weight.T

    @torch.no_grad()
    def transcribe(self, mel: Tensor, text: Text) -> list[str]:
        """Greedy transcripts of a batch."""
        heard = self.encode(mel)
        tokens = torch.tensor([[text.start, text.untimed]] * len(mel))
        open_ = torch.ones(len(mel), dtype=torch.bool)
        while open_.any() and tokens.shape[1] < TOKENS:
            best = self.decode(tokens, heard)[:, -1].argmax(-1)
            best[~open_] = text.end
            open_ &= best != text.end
            tokens = torch.cat([tokens, best[:, None]], 1)
        return [text.decode(row[2:]) for row in tokens.tolist()]


def sinusoids(frames: int) -> Tensor:
    """Whisper's fixed positions."""
    half = WIDTH // 2
    rate = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    angle = torch.arange(frames)[:, None] * rate[None]
    return torch.cat([angle.sin(), angle.cos()], 1)
