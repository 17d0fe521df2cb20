"""Recordings as arrays, and how far apart two of them are."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from models.contracts import SPEAKING_RATE, Samples

Sound = NDArray[np.float64]


def noise(seconds: float, loudness: int, seed: int = 0) -> Samples:
    """Speech without words: no two stretches of it are alike."""
    drawn = np.random.default_rng(seed).standard_normal(round(seconds * SPEAKING_RATE))
    smooth = np.convolve(drawn, np.ones(6) / 6, "same")  # below 4 kHz, where a codec is exact
    return (smooth * loudness).clip(-30_000, 30_000).astype(np.int16)


def channels(path: Path) -> tuple[Sound, Sound]:
    """Left and right at 24 kHz, as far as the file can be decoded."""
    with av.open(str(path)) as file:
        found = [frame.to_ndarray() for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].codec_context.sample_rate
    both = np.concatenate(found, axis=1)[:, :: rate // SPEAKING_RATE] * 32768.0
    return both[0], both[1]


def level(sound: Sound, start: float, end: float) -> float:
    """Root mean square between two seconds."""
    part = sound[round(start * SPEAKING_RATE) : round(end * SPEAKING_RATE)]
    return float(np.sqrt(np.mean(np.square(part.astype(float)))))


def lag(sound: Sound | Samples, wanted: Sound | Samples, within: float = 0.5) -> float:
    """By how many seconds `sound` is later than `wanted`: where they correlate best."""
    size = 1 << (len(sound) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    match = np.fft.irfft(spectrum, size)
    reach = round(within * SPEAKING_RATE)
    around = np.concatenate([match[-reach:], match[: reach + 1]])
    return (int(np.argmax(around)) - reach) / SPEAKING_RATE
