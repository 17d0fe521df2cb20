"""What the voice's training makes small: errors of length, pitch, voicing and of the sound."""

import math
import random

import torch
import torch.nn.functional as F
from torch import Tensor

from scripts.starter.voice_batches import VoiceBatch
from scripts.starter.voice_net import HOP, RATE, Voice

RESOLUTIONS = ((1024, 256), (512, 128), (256, 64))  # transform and hop
BANDS = {1024: 80, 512: 40, 256: 20}


def mel_matrix(bands: int, transform: int, low: float = 40.0, high: float = 8000.0) -> Tensor:
    """[bins, bands], triangles of equal weight."""

    def mel(hertz: float) -> float:
        return 2595 * math.log10(1 + hertz / 700)

    edges = 700 * (10 ** (torch.linspace(mel(low), mel(high), bands + 2) / 2595) - 1)
    hertz = torch.arange(transform // 2 + 1) * RATE / transform
    rising = (hertz[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - hertz[:, None]) / (edges[2:] - edges[1:-1])
    triangles = torch.minimum(rising, falling).clamp(min=0)
    return triangles / triangles.sum(0, keepdim=True).clamp(min=1e-6)


_WINDOWS = {size: torch.hann_window(size) for size, _ in RESOLUTIONS}
_MELS = {size: mel_matrix(BANDS[size], size) for size, _ in RESOLUTIONS}


def _features(samples: Tensor, size: int, hop: int) -> tuple[Tensor, Tensor, Tensor]:
    """Log spectrum, spectrum and log mel spectrum."""
    window = _WINDOWS[size]
    gain = 1 / math.sqrt(float((window**2).sum()))
    spectrum = torch.stft(samples, size, hop, window=window, return_complex=True) * gain
    power = (spectrum.real**2 + spectrum.imag**2).clamp(min=1e-12)
    magnitude = power.sqrt()
    mel = torch.log(power.transpose(1, 2) @ _MELS[size] + 1e-7)
    return torch.log(magnitude + 3e-4), magnitude, mel


def spectral_distance(one: Tensor, other: Tensor, real: Tensor, size: int, hop: int) -> Tensor:
    """Energy distance |made - real| - |one - other| / 2 of two draws of the same sentence.

    A plain distance prefers pulses to honest noise, because an average of noises is nearer to a
    noise than another noise is; the voice turns buzzy. What the second term subtracts cures that.
    """
    total = torch.zeros(())
    sounds = (_features(x, size, hop) for x in (one, other, real))
    for weight, a, b, c in zip((1.0, 0.5, 1.0), *sounds, strict=True):
        scale = weight / (c.mean() if weight == 0.5 else 1.0)
        near = ((a - c).abs().mean() + (b - c).abs().mean()) / 2
        total = total + scale * (near - (a - b).abs().mean() / 2)
    return total


def losses(model: Voice, batch: VoiceBatch, resolution: int | None = None) -> dict[str, Tensor]:
    """The parts whose sum is the loss; a resolution's number, or None for a random one."""
    states, predicted = model.encode(batch.ids, batch.lengths)
    there = (torch.arange(batch.ids.shape[1])[None] < batch.lengths[:, None]).float()
    there = there * model.can_last[batch.ids]
    lengths = (predicted - torch.log1p(batch.durations)) ** 2
    x = model.frames(states, batch.durations, batch.pitch.shape[1], batch.mask)
    prosody = model.prosody(x)
    voiced = batch.mask * (0.1 + 0.9 * batch.voiced)
    pitch = (prosody[..., 0] - batch.pitch).abs()
    voicing = F.binary_cross_entropy_with_logits(prosody[..., 1], batch.voiced, reduction="none")
    cepstra = model.decode(x, batch.pitch, batch.voiced, batch.mask)
    samples = batch.mask.repeat_interleave(HOP, 1)
    one, other = (
        model.sound(
            cepstra,
            batch.pitch,
            batch.voiced,
            torch.randn_like(batch.audio),
            torch.rand(len(cepstra), 1),
        )
        * samples
        for _ in range(2)
    )
    size, hop = random.choice(RESOLUTIONS) if resolution is None else RESOLUTIONS[resolution]
    return {
        "lengths": (lengths * there).sum() / there.sum(),
        "pitch": (pitch * voiced).sum() / voiced.sum(),
        "voicing": (voicing * batch.mask).sum() / batch.mask.sum(),
        "sound": 3 * spectral_distance(one, other, batch.audio, size, hop),
    }
