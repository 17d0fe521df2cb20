"""Put both sides of a connection on one time line: what the candidate said on the left, what they
were played on the right. Pure; time is passed in.

Positions are samples at 24 kHz on the session's own clock, which is the candidate's audio. The
interviewer's audio is sent before it is heard, so it waits here until the clock gets there; what is
still waiting when the candidate interrupts was never heard, and is cut off.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from models.contracts import HEARING_RATE, SPEAKING_RATE, Samples

from .output import AudioDelta, Output, SpeechStarted

BLOCK = SPEAKING_RATE // 4
"""Samples that are handed on together; a crash would lose them."""


class Sink(Protocol):
    """The destination of a recording."""

    @property
    def number(self) -> int:
        """Number by which the recording is found again."""
        ...

    @property
    def failure(self) -> str:
        """Reason why recording has stopped, in a few words; empty as long as all is well."""
        ...

    def write(self, stereo: Samples) -> None:
        """Take the next samples, of shape (samples, 2): left, right. It neither waits nor fails,
        because a conversation does not depend on its recording."""
        ...


class StereoTimeline:
    """The recording of one connection. `now` is in seconds of any steady clock."""

    def __init__(self, sink: Sink, now: float) -> None:
        self._sink = sink
        self._clocked = now
        """Time at which the clock last moved on, or at first, at which the connection began."""
        self._runs = False
        self._half = b""
        self._heard: Samples = np.zeros(0, dtype=np.int16)
        """The interviewer's audio from the clock's position on."""
        self._block: Samples = np.zeros((BLOCK, 2), dtype=np.int16)
        self._filled = 0

    def arrived(self, pcm: bytes, now: float) -> None:
        """Add the candidate's audio, 24 kHz PCM16; an odd byte waits for its other half."""
        pcm = self._half + pcm
        even = len(pcm) & ~1
        self._half = pcm[even:]
        self._move(np.frombuffer(pcm[:even], dtype="<i2"), now)

    def passed(self, samples: int, now: float) -> None:
        """Move the clock on by so many samples, at `HEARING_RATE`, for a client that sends
        nothing."""
        silence = np.zeros(samples * SPEAKING_RATE // HEARING_RATE, dtype=np.int16)
        self._move(silence, now)

    def told(self, output: Output, now: float) -> None:
        """Take what is sent to the client, at the moment at which it is sent. The client plays
        audio at once or after what it was sent before, and drops all that it has when the candidate
        interrupts."""
        match output:
            case AudioDelta(audio=audio):
                gap = max(0, self._ahead(now) - len(self._heard))
                self._heard = np.concatenate([self._heard, np.zeros(gap, np.int16), audio])
            case SpeechStarted():
                self._heard = self._heard[: self._ahead(now)]

    def close(self, now: float) -> None:
        """End the connection: keep what was played until now, and nothing after it."""
        self._heard = self._heard[: self._ahead(now)]
        self._move(np.zeros(len(self._heard), dtype=np.int16), now)
        if self._filled:
            self._sink.write(self._block[: self._filled].copy())
            self._filled = 0

    # docs/decisions/031-recording-clock.md: a browser's chunks of 85 ms would be the error
    def _ahead(self, now: float) -> int:
        """Return the samples from the clock's position to this moment. The candidate's audio of
        that time is still on its way, in a message that is not full yet."""
        return max(0, round((now - self._clocked) * SPEAKING_RATE))

    def _start(self, late: int) -> None:
        """Shift the interviewer's first words, which were put where the connection began, because
        the first sample was spoken `late` samples later. Nothing of them is cut off."""
        self._runs = True
        silence = np.flatnonzero(self._heard)[0] if self._heard.any() else len(self._heard)
        self._heard = self._heard[min(max(late, 0), silence) :]
        self._heard = np.concatenate([np.zeros(max(-late, 0), dtype=np.int16), self._heard])

    def _move(self, left: Samples, now: float) -> None:
        """Move the clock on by the candidate's audio."""
        if not self._runs and len(left):
            self._start(self._ahead(now) - len(left))
        self._clocked = now
        while len(left):
            taken = min(len(left), BLOCK - self._filled)
            right = self._heard[:taken]
            place = self._block[self._filled : self._filled + taken]
            place[:, 0] = left[:taken]
            place[: len(right), 1] = right
            place[len(right) :, 1] = 0
            left, self._heard = left[taken:], self._heard[taken:]
            self._filled += taken
            if self._filled == BLOCK:
                self._sink.write(self._block.copy())
                self._filled = 0


class Recording:
    """The recording as a session uses it. Nothing happens without a sink, before it begins, and
    once it has stopped. `now` is the same as for the timeline."""

    def __init__(self, sink: Sink | None, stopped: Callable[[str], None]) -> None:
        """Make a recording. `stopped` is called once, with the reason, if it breaks off."""
        self._sink = sink
        self._stopped = stopped
        self._timeline: StereoTimeline | None = None

    @property
    def works(self) -> bool:
        return self._sink is not None and not self._sink.failure

    @property
    def number(self) -> int | None:
        """Return the number by which it is found again; None when nothing is recorded."""
        return self._sink.number or None if self._sink else None

    def begin(self, now: float) -> None:
        if self._sink:
            self._timeline = StereoTimeline(self._sink, now)

    def arrived(self, pcm: bytes, now: float) -> None:
        if self._timeline:
            self._timeline.arrived(pcm, now)

    def passed(self, samples: int, now: float) -> None:
        if self._timeline:
            self._timeline.passed(samples, now)

    def told(self, output: Output, now: float) -> None:
        if self._timeline:
            self._timeline.told(output, now)

    def close(self, now: float) -> None:
        if self._timeline:
            self._timeline.close(now)
            self.check()
            self._timeline = None

    def check(self) -> None:
        """Check whether the recording has broken off."""
        if self._timeline and self._sink and (reason := self._sink.failure):
            self._timeline = None
            self._stopped(reason)
