"""Notice the interviewer's own voice when it comes back through the candidate's microphone. Pure.

What was sent is kept on the clock of what is heard, and the two are compared: an echo is what was
sent, later and quieter. Positions are samples at 16 kHz of the incoming audio.
"""

import math
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

from models.contracts import FRAME, HEARING_RATE, Samples

from .endpointing import samples

RATE = 8_000
"""Sample rate at which sounds are compared; speakers and rooms change higher tones most."""
BAND = (300.0, 3400.0)
"""Hz that are compared."""
SMOOTH = 65
"""Neighbouring frequencies over which the spectrum is averaged to make it flat."""
LONGEST_DELAY = samples(700)
"""Longest time until a sound comes back: network, the client's queue, and the room."""

# docs/decisions/065-echo.md: how likely other voices are to be as alike
ALIKE = 0.25
"""Correlation of one second, from which twice at the same delay is an echo. Of shorter sounds more
is asked, with the square root of their length."""
SURELY_ALIKE = 0.55
"""Correlation from which once is enough."""
AUDIBLE = 50.0
"""RMS of a sent frame, of 32768, that may be heard."""
SAME = samples(10)
"""Difference of two delays that are the same."""
FAINTEST = 5.0
"""RMS within the band below which nothing came back."""
LEAST_SPREAD = 5.0
"""Frames over which a sound has to be spread: one click is like any other."""
KEPT = 4 * HEARING_RATE
"""Samples of what was sent that are kept."""


@dataclass(frozen=True, slots=True)
class Return:
    """A sound that was sent, as it came back."""

    alike: float
    """Correlation of the two, 0..1."""
    delay: int
    level: float
    """Decibels by which it is louder than it was sent; below 0 as a rule."""
    length: int
    """Samples that were compared."""

    @property
    def certain(self) -> bool:
        return self.alike >= SURELY_ALIKE

    @property
    def likely(self) -> bool:
        return self.alike >= ALIKE * math.sqrt(HEARING_RATE / self.length)

    def confirms(self, other: "Return") -> bool:
        """Return True if two comparisons together show an echo."""
        return self.likely and other.likely and abs(self.delay - other.delay) <= SAME


def compare(heard: Samples, sent: Samples) -> Return:
    """Return how what was heard came of what was sent. `sent` begins `LONGEST_DELAY` earlier and
    ends with it. The spectrum is made flat first, because all voices have more low tones."""
    near, far = (
        np.asarray(soxr.resample(each.astype(np.float64), HEARING_RATE, RATE))
        for each in (heard, sent)
    )
    lags = len(far) - len(near) + 1
    size = 1 << (len(far) + len(near) - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / RATE)
    band = (hertz >= BAND[0]) & (hertz <= BAND[1])
    near_tones = np.fft.rfft(near * _taper(len(near)), size) * band
    far_tones = np.fft.rfft(far, size) * band
    power = _smooth(np.abs(far_tones) ** 2)
    inside = np.sqrt(2 * (np.abs(near_tones) ** 2).mean() / len(near))
    spread = _spread(np.fft.irfft(near_tones, size)[: len(near)] ** 2)
    if not power.max() or inside < FAINTEST or spread < LEAST_SPREAD:
        return Return(0.0, 0, -100.0, len(heard))
    flat = 1 / np.sqrt(power + power.max() * 1e-3)
    near_tones, far_tones = near_tones * flat, far_tones * flat
    product = np.fft.irfft(np.conj(near_tones) * far_tones, size)[:lags]
    near_energy = float((np.fft.irfft(near_tones, size)[: len(near)] ** 2).sum())
    energy = np.cumsum(np.concatenate([[0], np.fft.irfft(far_tones, size)[: len(far)] ** 2]))
    far_energy = energy[len(near) :][:lags] - energy[:lags]
    far_energy = np.maximum(far_energy, far_energy.max() / 10)
    alike = np.abs(product) / np.sqrt(near_energy * far_energy)
    best = int(np.argmax(alike))
    delay = (lags - 1 - best) * HEARING_RATE // RATE
    level = _level(near, far[best : best + len(near)])
    return Return(float(alike[best]), delay, level, len(heard))


def _spread(power: NDArray[np.float64]) -> float:
    """Return over how many frames of 20 ms the sound is spread."""
    frames = power[: len(power) // 160 * 160].reshape(-1, 160).sum(axis=1)
    return float(frames.sum() ** 2 / max((frames**2).sum(), 1e-30))


def _taper(length: int) -> NDArray[np.float64]:
    """Return factors that let a sound begin and end softly, because a click has all tones."""
    edge = np.hanning(length // 5)
    factors = np.ones(length)
    factors[: len(edge) // 2] = edge[: len(edge) // 2]
    factors[length - len(edge) // 2 :] = edge[-(len(edge) // 2) :]
    return factors


def _level(near: NDArray[np.float64], far: NDArray[np.float64]) -> float:
    """Return the decibels by which `far` is louder in `near` than it is."""
    near_tones, far_tones = np.fft.rfft(near), np.fft.rfft(far)
    energy = float((np.abs(far_tones) ** 2).sum())
    gain = abs(complex(np.vdot(far_tones, near_tones))) / max(energy, 1.0)  # in any phase
    return 20 * math.log10(max(gain, 1e-5))


def _smooth(power: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.cumsum(np.concatenate([[0], power]))
    places = np.arange(len(power))
    first = np.maximum(places - SMOOTH // 2, 0)
    last = np.minimum(places + SMOOTH // 2 + 1, len(power))
    smooth: NDArray[np.float64] = (total[last] - total[first]) / SMOOTH
    return smooth


class Sent:
    """The interviewer's audio, where it lies on the clock of what is heard if it came back at
    once."""

    def __init__(self) -> None:
        self.end = 0
        """Position after the last sample."""
        self._ring: Samples = np.zeros(KEPT, dtype=np.int16)
        self._audible = np.zeros(KEPT // FRAME, dtype=np.bool_)

    def add(self, audio: Samples, at: int) -> None:
        """Add audio (16 kHz) that is played from `at` on, or after what was sent before."""
        begin = max(at, self.end)
        silence = np.zeros(min(begin - self.end, KEPT), np.int16)
        self._put(np.concatenate([silence, audio])[-KEPT:], begin + len(audio))

    def _put(self, audio: Samples, end: int) -> None:
        places = np.arange(end - len(audio), end)
        self._ring[places % KEPT] = audio
        first = (end - len(audio)) // FRAME
        for frame in range(first, -(-end // FRAME)):
            sound = self._ring[np.arange(frame * FRAME, (frame + 1) * FRAME) % KEPT]
            loud = float(np.sqrt((sound.astype(np.float32) ** 2).mean())) >= AUDIBLE
            self._audible[frame % len(self._audible)] = loud
        self.end = end

    def move(self, by: int) -> None:
        """Put what was sent so many samples later, to the nearest frame; earlier if it is below 0,
        which may be before anything was heard."""
        count = round(by / FRAME)
        self._ring = np.roll(self._ring, count * FRAME)
        self._audible = np.roll(self._audible, count)
        self.end += count * FRAME

    def cut(self, at: int) -> None:
        """Take back what would be played from `at` on: the client has dropped it."""
        self.end = min(self.end, at)

    def between(self, start: int, end: int) -> Samples:
        """Return what was sent in this time, silence where nothing was."""
        places = np.arange(start, end)
        sent: Samples = np.where(
            (places < self.end) & (places >= self.end - KEPT), self._ring[places % KEPT], 0
        ).astype(np.int16)
        return sent

    def sounds(self, start: int, end: int) -> bool:
        """Return True if something audible was sent in this time."""
        first, last = max(start, self.end - KEPT, 0) // FRAME, min(end, self.end) // FRAME
        return bool(self._audible[np.arange(first, last) % len(self._audible)].any())
