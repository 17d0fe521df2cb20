"""Turn a voice's raw samples into a clause that can be played next to any other. Pure.

Silence is cut to a known length, the level is the same for every clause, nothing clips, and both
ends are silent, so that clauses can be put together, or cut off, without a click.
"""

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from ..contracts import SPEAKING_RATE, Samples

Waveform = NDArray[np.float32]
"""Samples as the voice made them, roughly within -1..1."""

LEVEL = 10 ** (-18 / 20)
"""Target level: root mean square of the voiced parts (-18 dB of full scale)."""
MOST_GAIN = 10.0
"""Limit of the gain, upwards and, as its inverse, downwards."""
LEAD_MS = 15
"""Kept before the first voiced frame, because the start of an f, s or h is below the threshold."""
TAIL_MS = 40
"""Kept after the last voiced frame, for a sound that dies away."""
FADE_MS = 4
"""Length of the fade at both ends of a clause, which prevents clicks."""
PAUSE_MS = {".": 150, "?": 150, "!": 150, ",": 60, ";": 60, ":": 60}
"""Silence after the last voiced frame, by the mark that ends the clause."""
PAUSE_WITHIN_MS = 40
"""Silence after a clause that was cut without a mark."""

_FRAME_MS = 10
_BELOW_LOUDEST = 10 ** (-40 / 20)
"""Threshold, relative to the loudest frame, below which a frame is silence."""
_INAUDIBLE = 1e-4
"""Level (-80 dB of full scale) below which a frame is always silence."""
_KNEE, _CEILING = 0.7, 0.98
"""Samples beyond the knee are compressed so that they stay below the ceiling. Fractions of full
scale."""


def gain_for(audio: Waveform, rate: int) -> float:
    """Return the factor (1/10..10) that brings speech like this to the target level."""
    frames = _frame_levels(audio, rate)
    voiced = frames[frames > _threshold(frames)]
    if not voiced.size:
        return 1.0
    level = math.sqrt(float(np.mean(np.square(voiced))))
    return min(MOST_GAIN, max(1 / MOST_GAIN, LEVEL / level))


def clause_audio(audio: Waveform, rate: int, gain: float, mark: str) -> Samples:
    """Return 24 kHz samples of one sentence or clause that ends with `mark` (a character, or
    nothing). Empty when the voice made no sound."""
    frames = _frame_levels(audio, rate)
    voiced = np.flatnonzero(frames > _threshold(frames))
    if not voiced.size:
        return np.zeros(0, dtype=np.int16)
    frame = rate * _FRAME_MS // 1000
    start = max(0, int(voiced[0]) * frame - rate * LEAD_MS // 1000)
    end = (int(voiced[-1]) + 1) * frame
    played = _limited(gain * _at_speaking_rate(audio[start : end + rate * TAIL_MS // 1000], rate))
    _fade(played)
    length = round((end - start) * SPEAKING_RATE / rate)
    pause = PAUSE_MS.get(mark, PAUSE_WITHIN_MS) * SPEAKING_RATE // 1000
    clause = np.zeros(length + pause, dtype=np.int16)
    clause[: played.size] = np.rint(played * 32767)
    return clause


def _frame_levels(audio: Waveform, rate: int) -> Waveform:
    """Return the root mean square of each 10 ms; the last frame may be padded."""
    frame = rate * _FRAME_MS // 1000
    padded = np.pad(audio, (0, -audio.size % frame)).reshape(-1, frame)
    levels: Waveform = np.sqrt(np.mean(np.square(padded), axis=1))
    return levels


def _threshold(frames: Waveform) -> float:
    return max(_INAUDIBLE, float(frames.max(initial=0.0)) * _BELOW_LOUDEST)


def _at_speaking_rate(audio: Waveform, rate: int) -> Waveform:
    if rate == SPEAKING_RATE:
        return audio
    resampled: Waveform = soxr.resample(audio, rate, SPEAKING_RATE, quality="HQ")
    return resampled


def _limited(audio: Waveform) -> Waveform:
    loud = np.abs(audio) - _KNEE
    room = _CEILING - _KNEE
    bent = np.sign(audio) * (_KNEE + room * np.tanh(np.maximum(loud, 0) / room))
    limited: Waveform = np.where(loud > 0, bent, audio).astype(np.float32)
    return limited


def _fade(audio: Waveform) -> None:
    length = min(SPEAKING_RATE * FADE_MS // 1000, audio.size // 2)
    ramp = np.sin(np.linspace(0, np.pi / 2, length, endpoint=False)) ** 2
    audio[:length] *= ramp
    audio[audio.size - length :] *= ramp[::-1]
