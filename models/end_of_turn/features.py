"""Whisper's log-mel spectrogram of the last seconds of a turn, as Smart Turn was trained on. Pure.

The numbers are those of Whisper's feature extractor: Hann windows of 25 ms every 10 ms, 80 bands on
Slaney's mel scale up to 8 kHz, log10 with a floor 8 below the maximum, then (x + 4) / 4. A test
compares a spectrogram with faster-whisper's.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..contracts import HEARING_RATE, Samples

SECONDS = 8
"""Length of the audio that the model hears, fixed by its training."""
BANDS = 80
HOP = 160
"""Samples from one window to the next."""
WINDOW = 400
"""Samples in a window."""
LENGTH = SECONDS * HEARING_RATE

Spectrogram = NDArray[np.float32]


def features(audio: Samples) -> Spectrogram:
    """Return the spectrogram, (BANDS, LENGTH / HOP), of the end of `audio` (int16, 16 kHz).

    Shorter audio gets silence in front, and the whole is brought to mean 0 and variance 1, as in
    the training (Smart Turn's README).
    """
    heard = np.zeros(LENGTH, dtype=np.float32)
    end = audio[-LENGTH:]
    if end.size:
        heard[-end.size :] = end.astype(np.float32) / np.float32(32768)
    heard = (heard - heard.mean()) / np.sqrt(heard.var() + np.float32(1e-7))
    return log_mel(heard)


def log_mel(waveform: NDArray[np.float32]) -> Spectrogram:
    """Return Whisper's log-mel spectrogram of a waveform, one column for each `HOP` samples."""
    padded = np.pad(waveform, WINDOW // 2, mode="reflect")
    windows = sliding_window_view(padded, WINDOW)[::HOP][: waveform.size // HOP]
    spectrum = np.fft.rfft(windows * _HANN)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    levels = np.log10(np.maximum(power @ _FILTERS, np.float32(1e-10)))
    levels = np.maximum(levels, levels.max() - np.float32(8))
    return np.ascontiguousarray(((levels + 4) / 4).T, dtype=np.float32)


def _mel_filters() -> NDArray[np.float32]:
    """Return the triangular filters, (WINDOW / 2 + 1, BANDS), each of the same area."""
    bins = np.linspace(0, HEARING_RATE / 2, WINDOW // 2 + 1)
    edges = _hertz(np.linspace(0, _mel(HEARING_RATE / 2), BANDS + 2))
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins[:, None] - low) / (middle - low)
    falling = (high - bins[:, None]) / (high - middle)
    filters = np.clip(np.minimum(rising, falling), 0, None) * (2 / (high - low))
    return filters.astype(np.float32)


# Slaney's scale is linear below 1 kHz, with 3 mel for 200 Hz, and logarithmic above, with 27 mel
# for a factor of 6.4 (Auditory Toolbox, 1998).
_LINEAR = 3 / 200
_STEP = np.log(6.4) / 27
_BEND_HERTZ, _BEND_MEL = 1000.0, 15.0


def _mel(hertz: float) -> float:
    """Return a frequency above 1 kHz on the mel scale."""
    return float(_BEND_MEL + np.log(hertz / _BEND_HERTZ) / _STEP)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    logarithmic = _BEND_HERTZ * np.exp(_STEP * (mel - _BEND_MEL))
    return np.where(mel < _BEND_MEL, mel / _LINEAR, logarithmic)


_HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
_FILTERS = _mel_filters()
