"""Tell speech from laughter and coughs by the sound of a short stretch of voice. Pure.

Who says words holds the pitch for a syllable and goes from vowel to vowel. Who laughs repeats one
sound, with a pitch that jumps; a cough has hardly any pitch.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.contracts import HEARING_RATE, Samples

from .endpointing import samples
from .interruption import Sound

_RATE = HEARING_RATE // 2
"""Sample rate at which the sound is analysed: what a telephone lets through is enough."""
_WINDOW, _HOP = _RATE * 40 // 1000, _RATE // 100
"""40 ms: two periods of a low voice. Every 10 ms."""
_LONGEST = samples(2500)
"""Samples that are analysed, so that the event loop is held up for 3 ms at most."""
_PITCH = _RATE // 450, _RATE // 65
"""Periods of a voice, in samples."""
_FFT = 1024
_TONAL = 0.6
"""Correlation with itself one period later, from which a window has a pitch."""
_NEAR = 0.9
"""Share of the best correlation that is as good, so that no multiple of the period is taken."""
_STEADY = 0.7
"""Semitones by which a held pitch changes in 10 ms at most."""
_LOUD = 0.1
"""Share of the loudest window from which there is voice."""
_AUDIBLE = 20.0
"""Level of the quietest whisper."""
_CLEAR, _QUIET = 30.0, 0.1
"""Ratio of the loudest window to the quietest tenth, from which there is no noise to speak of."""
_BANDS = 20
_LOW, _HIGH = 100.0, 3800.0
"""Hertz between which the spectrum is compared."""


@dataclass(frozen=True, slots=True)
class Measured:
    held: float
    """Seconds for which the pitch is steady at a stretch, at most."""
    variety: float
    """Spread of the spectrum's shape over the voice, in nepers."""
    seconds: float
    """Seconds from the first loud window to the last."""
    clear: bool
    """True if there is no noise that makes all of the voice alike."""


NOTHING = Measured(0.0, 0.0, 0.0, clear=False)

# docs/decisions/069-sound-of-speech.md has what the limits are measured with
SAYS_HELD, SAYS_VARIETY = 0.06, 1.2
"""The least of both that any speech has, however short."""
SHORT, SHORT_VARIETY = 0.5, 1.3
"""Seconds of sound below which more variety is asked: a single word may interrupt then."""
TELLING = 0.7
"""Seconds of voice from which too little of it tells noise: "Two." is too short for more."""
LEAST_HELD, WHISPERED = 0.1, 1.3
"""A voice without pitch is a whisper if it has so much variety."""
LEAST_VARIETY, MORE_VARIETY, UP_TO = 0.8, 0.3, 1.2
"""The variety of any speech, and so much more for each second up to the last."""


def sound_of(audio: Samples) -> Sound:
    """Judge a stretch of voice, and a little of what was heard before it."""
    found = measure(audio)
    little = found.variety < LEAST_VARIETY + MORE_VARIETY * min(found.seconds, UP_TO)
    breath = found.held < LEAST_HELD and found.variety < WHISPERED
    if found.seconds >= TELLING and (breath or (found.clear and little)):
        return Sound.NOISE
    least = SAYS_VARIETY if found.seconds >= SHORT else SHORT_VARIETY
    speech = found.held >= SAYS_HELD and found.variety >= least
    return Sound.SPEECH if speech else Sound.UNCLEAR


def measure(audio: Samples) -> Measured:
    heard = audio[: min(len(audio), _LONGEST) & ~1].astype(np.float32)
    halved = heard.reshape(-1, 2).mean(axis=1)  # a crude low pass, good enough for a voice
    if len(halved) < _WINDOW:
        return NOTHING
    windows = np.lib.stride_tricks.sliding_window_view(halved - halved.mean(), _WINDOW)[::_HOP]
    levels = np.sqrt((windows**2).mean(axis=1)) + 1
    if levels.max() < _AUDIBLE:
        return NOTHING
    loud = levels > _LOUD * levels.max()
    first, last = np.nonzero(loud)[0][[0, -1]]
    found = np.fft.rfft(windows[first : last + 1] * _SHAPE, _FFT)
    spectra = (found.real**2 + found.imag**2).astype(np.float32, copy=False)
    loud = loud[first : last + 1]
    seconds = len(loud) * _HOP / _RATE
    clear = bool(levels.max() > _CLEAR * np.quantile(levels, _QUIET))
    return Measured(_held(spectra, loud), _variety(spectra[loud]), seconds, clear)


def _held(spectra: NDArray[np.float32], loud: NDArray[np.bool_]) -> float:
    # every other bin is enough for the lags that are looked at
    alike = spectra[:, ::2] @ _LAGS
    alike = alike[:, 1:] / (alike[:, :1] + 1e-9) * _UNSHAPED
    best = alike.max(axis=1)
    near = alike >= _NEAR * best[:, None]
    # a peak before the first near value is none
    near[:, 0] = near[:, -1] = False
    near[:, 1:-1] &= (alike[:, 1:-1] >= alike[:, :-2]) & (alike[:, 1:-1] >= alike[:, 2:])
    period = np.where(near.any(axis=1), near.argmax(axis=1), alike.argmax(axis=1)) + _PITCH[0]
    tonal = loud & (best > _TONAL)
    step = np.abs(12 * np.diff(np.log2(period)))
    longest = run = 0
    for held in tonal[1:] & tonal[:-1] & (step < _STEADY):
        run = run + 1 if held else 0
        longest = max(longest, run)
    return longest * _HOP / _RATE


def _variety(spectra: NDArray[np.float32]) -> float:
    if len(spectra) < 3:
        return 0.0
    bands = np.log(spectra @ _MELS.T + 1e3)
    shapes = bands - bands.mean(axis=1, keepdims=True)
    return float(shapes.std(axis=0).mean())


def _mels() -> NDArray[np.float32]:
    """Return triangles of equal width in mel over the bins of the spectrum."""
    bins = np.linspace(0, _RATE / 2, _FFT // 2 + 1)
    lowest, highest = (2595 * math.log10(1 + hertz / 700) for hertz in (_LOW, _HIGH))
    edges = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    up = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles: NDArray[np.float32] = np.clip(np.minimum(up, down), 0, 1).astype(np.float32)
    return triangles


_MELS = _mels()
_SHAPE = np.hanning(_WINDOW).astype(np.float32)


def _lags() -> NDArray[np.float32]:
    """Return what the power in every other bin is multiplied by for its correlation with itself at
    once and after each period of a voice."""
    lags = np.array([0, *range(*_PITCH)])
    waves = np.cos(2 * np.pi * np.outer(np.arange(_FFT // 4 + 1), lags) / (_FFT // 2))
    waves[1:-1] *= 2
    return waves.astype(np.float32)


_LAGS = _lags()
_OF_SHAPE = np.abs(np.fft.rfft(_SHAPE, _FFT // 2)) ** 2 @ _LAGS
_UNSHAPED = (_OF_SHAPE[0] / _OF_SHAPE[1:]).astype(np.float32)
"""Reciprocal of the window's own correlation, by which that of the voice is divided."""
