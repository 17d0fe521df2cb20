"""The active speech level of a recording, by method B of ITU-T P.56: the RMS of the time in which
somebody speaks, short pauses included. Signal-to-noise ratios are usually told from it. Pure."""

import numpy as np
from numpy.typing import NDArray

from models.contracts import HEARING_RATE, Samples

# docs/decisions/083-active-speech-level.md: why this one; the constants are those of P.56
ENVELOPE = 0.03
"""Time constant in seconds of either stage of the envelope."""
HANGOVER = round(0.2 * HEARING_RATE)
"""Samples for which speech counts as going on after the envelope has fallen below a threshold."""
MARGIN = 15.9
"""Decibels between the active level and the threshold above which there is speech."""
THRESHOLDS = 2.0 ** np.arange(15)


def active_level(audio: Samples) -> float:
    """Return the RMS of the speech in the recording; that of all of it if it has no level."""
    sound = audio.astype(np.float64)
    energy = float((sound**2).sum())
    if not energy:
        return 1.0
    envelope = _envelope(np.abs(sound))
    active = np.array([_active(envelope >= threshold) for threshold in THRESHOLDS])
    heard = active > 0
    levels = 10 * np.log10(energy / active[heard])
    above = levels - 20 * np.log10(THRESHOLDS[heard])
    # the level rises and its distance from the threshold falls with the threshold
    decibels = np.interp(-MARGIN, -above, levels)
    return float(10 ** (decibels / 20))


def _envelope(loudness: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loudness, smoothed twice."""
    fade = np.exp(-1 / (HEARING_RATE * ENVELOPE))
    lag = np.arange(round(20 * ENVELOPE * HEARING_RATE))
    response = (1 - fade) ** 2 * (lag + 1) * fade**lag
    size = 1 << (loudness.size + response.size).bit_length()
    smooth = np.fft.irfft(np.fft.rfft(loudness, size) * np.fft.rfft(response, size), size)
    return np.asarray(smooth[: loudness.size])


def _active(above: NDArray[np.bool_]) -> int:
    """Return the number of samples in which there is speech, the hangover counted in."""
    at = np.arange(above.size)
    latest = np.maximum.accumulate(np.where(above, at, -HANGOVER - 1))
    return int((at - latest <= HANGOVER).sum())
