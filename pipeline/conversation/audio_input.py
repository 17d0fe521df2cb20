"""What one connection hears: audio in, events of turn-taking out, and the audio kept meanwhile."""

import numpy as np

from models.contracts import FRAME, HEARING_RATE, Samples, VadStream

from .resample import HearingFrames
from .segmenter import Segment, Segmenter

KEPT = 30 * HEARING_RATE
"""Samples that can be asked for again; a turn is transcribed before it is that long."""


class AudioInput:
    """Positions are samples at 16 kHz since the connection was opened."""

    def __init__(self, vad: VadStream) -> None:
        self._vad = vad
        self._frames = HearingFrames()
        self._segmenter = Segmenter()
        self._ring: Samples = np.zeros(KEPT, dtype=np.int16)
        self._came = np.ones(KEPT // FRAME, dtype=np.bool_)
        """Which of its frames the client has sent; the others are silence that was assumed."""

    @property
    def at(self) -> int:
        return self._segmenter.at

    @property
    def voiced(self) -> int:
        """Samples of voice since speech began."""
        return self._segmenter.voiced

    @property
    def in_voice(self) -> bool:
        """Whether there was voice just now, be it speech or not."""
        return self._segmenter.in_voice

    def change_rate(self, rate: int) -> None:
        """The client's audio has this rate from now on."""
        self._frames.change_rate(rate)

    def forget(self) -> None:
        """Speech that goes on begins now."""
        self._segmenter.forget()

    def frames(self, pcm: bytes) -> list[Samples]:
        """What of the client's audio is complete frames now."""
        return self._frames.feed(pcm)

    # docs/decisions/004-no-audio-queue.md: 0.1 ms for 20 ms, so no queue
    def judge(self, frame: Samples) -> float:
        """The probability that this frame, the next one that came, is voiced."""
        return self._vad.probability(frame)

    def hear(self, frame: Samples) -> Segment | None:
        """Take one frame; what happened in it."""
        return self.take(frame, self.judge(frame))

    def take(self, frame: Samples, probability: float, *, came: bool = True) -> Segment | None:
        """Take one frame that was judged before, or was assumed."""
        place = self.at % KEPT
        self._ring[place : place + FRAME] = frame
        self._came[place // FRAME] = came
        return self._segmenter.feed(probability)

    def audio(self, start: int, end: int) -> Samples:
        """A copy of the audio from `start` to `end`, as far as it is kept; what was assumed is
        left out, so that a word that came in two parts is whole."""
        start = max(start, self.at - KEPT, 0)
        begin = start % KEPT
        end = begin + max(0, min(end, self.at) - start)
        audio: Samples = np.concatenate([self._ring[begin:end], self._ring[: max(0, end - KEPT)]])
        if self._came.all():
            return audio
        came = np.repeat(self._came, FRAME)
        sent: Samples = audio[np.concatenate([came[begin:end], came[: max(0, end - KEPT)]])]
        return sent
