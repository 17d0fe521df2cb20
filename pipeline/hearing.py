"""What one connection hears: audio in, events of turn-taking out, and the audio kept meanwhile."""

import numpy as np

from models.contracts import FRAME, HEARING_RATE, Samples, VadStream

from .resample import HearingFrames
from .segmenter import Segment, Segmenter

KEPT = 30 * HEARING_RATE
"""Samples that can be asked for again; a turn is transcribed before it is that long."""


class Hearing:
    """Positions are samples at 16 kHz since the connection was opened."""

    def __init__(self, vad: VadStream) -> None:
        self._vad = vad
        self._frames = HearingFrames()
        self._segmenter = Segmenter()
        self._ring: Samples = np.zeros(KEPT, dtype=np.int16)

    @property
    def at(self) -> int:
        return self._segmenter.at

    @property
    def voiced(self) -> int:
        """Samples of voice since speech began."""
        return self._segmenter.voiced

    def frames(self, pcm: bytes) -> list[Samples]:
        """What of this 24 kHz audio is complete frames now."""
        return self._frames.feed(pcm)

    def hear(self, frame: Samples) -> Segment | None:
        """Take one frame; what happened in it."""
        place = self.at % KEPT
        self._ring[place : place + FRAME] = frame
        return self._segmenter.feed(self._vad.probability(frame))

    def audio(self, start: int, end: int) -> Samples:
        """A copy of the audio from `start` to `end`, as far as it is kept."""
        start = max(start, self.at - KEPT, 0)
        begin = start % KEPT
        end = begin + max(0, min(end, self.at) - start)
        return np.concatenate([self._ring[begin:end], self._ring[: max(0, end - KEPT)]])
