"""The audio input of one connection: takes audio, reports speech, and keeps the audio meanwhile."""

import numpy as np
from numpy.typing import NDArray

from models.contracts import FRAME, HEARING_RATE, Samples, VadStream

from .background import HELD, Background
from .echo_guard import EchoGuard
from .jitter import Jitter
from .resample import HearingFrames
from .segmenter import Segment, Segmenter

KEPT = 30 * HEARING_RATE
"""Samples that can be asked for again; a turn is transcribed before it is that long."""


# docs/decisions/050-long-speech.md: a word that is cut in two is lost
LOOK_BACK = 5 * HEARING_RATE // FRAME
"""Frames in which a quiet place is looked for."""
AROUND = 9
"""Frames (180 ms) over which the level is averaged for it: longer than the closure of a consonant
within a word."""


LATELY = HEARING_RATE // FRAME
"""Frames among which the loudest is looked for."""
DYING, FAINTER = 6, 20.0
"""Frames (120 ms, longer than the closure of a consonant) that are so many decibels quieter."""


class AudioInput:
    """The audio and the speech of one connection. Positions are samples at 16 kHz since it was
    opened."""

    def __init__(self, vad: VadStream) -> None:
        self.jitter = Jitter()
        self._vad = vad
        self._frames = HearingFrames()
        self._segmenter = Segmenter()
        self._ring: Samples = np.zeros(KEPT, dtype=np.int16)
        self._came = np.ones(KEPT // FRAME, dtype=np.bool_)
        """True for each frame to transcribe: one that the client sent, and no echo."""
        self._loudness = np.zeros(KEPT // FRAME)
        """Level of each frame in decibels."""
        self._mean = np.zeros(KEPT // FRAME)
        """The same, averaged as in `Background`."""
        self.background = Background()
        self.echo = EchoGuard(self.as_it_came)

    @property
    def at(self) -> int:
        return self._segmenter.at

    @property
    def voiced(self) -> int:
        """Return the samples of voice since speech began."""
        return self._segmenter.voiced

    @property
    def in_voice(self) -> bool:
        """Return True if there was voice just now, whether or not it is speech."""
        return self._segmenter.in_voice

    @property
    def faint(self) -> bool:
        """Return True if only the end of a sound is left, which dies away: it has been much quieter
        for a while than shortly before."""
        last = self.at // FRAME
        loudness = self._loudness[np.arange(max(0, last - LATELY), last) % len(self._loudness)]
        if len(loudness) <= DYING:
            return False
        return bool(loudness[-DYING:].max() < loudness.max() - FAINTER)

    @property
    def quietest(self) -> int:
        """Return the latest place around which it was quietest: where an uninterrupted speech may
        be cut."""
        last = self.at // FRAME
        frames = np.arange(max(0, last - LOOK_BACK), last)
        if len(frames) < AROUND:
            return self.at
        loudness = self._loudness[frames % len(self._loudness)]
        around = np.convolve(loudness, np.ones(AROUND) / AROUND, "valid")
        least = len(around) - 1 - int(np.argmin(around[::-1]))
        return int(frames[least] + AROUND // 2 + 1) * FRAME

    def change_rate(self, rate: int) -> None:
        """Set the sample rate of the client's audio from now on."""
        self._frames.change_rate(rate)

    def forget(self) -> None:
        """Treat speech that is going on as if it began now."""
        self._segmenter.forget()

    @property
    def quieter_since(self) -> int | None:
        """Return the place from which on the voice in a turn has been quieter than the candidate;
        None unless it is so for a while."""
        return self.at - self.background.quieter * FRAME if self.background.quieter else None

    def take_for_others(self) -> None:
        """Treat that voice as others', and the candidate as silent meanwhile."""
        if (since := self.quieter_since) is not None:
            self._segmenter.unvoiced_since(since)
            self.background.take_for_others()

    def frames(self, pcm: bytes) -> list[Samples]:
        """Add the client's audio; return the frames that are complete now."""
        return self._frames.feed(pcm)

    # docs/decisions/004-no-audio-queue.md: 0.1 ms for 20 ms, so no queue
    def judge(self, frame: Samples) -> float:
        """Return the probability that this frame, the next one that came, is voiced."""
        return self._vad.probability(frame)

    def hear(self, frame: Samples) -> Segment | None:
        """Take one frame; return the speech event in it, if any."""
        return self.take(frame, self.judge(frame))

    def take(self, frame: Samples, probability: float, *, came: bool = True) -> Segment | None:
        """Take one frame that was judged before or was assumed; return the speech event in it, if
        any. The interviewer's own voice is no voice, nor is that of others."""
        loudness = _decibels(frame)
        if self.echo.drowns(self.at):
            probability, came = 0.0, False
        elif self.echo.known is None and self.background.covers(loudness, probability):
            probability = 0.0
        place = self.at % KEPT
        self._ring[place : place + FRAME] = frame
        self._came[place // FRAME] = came
        self._loudness[place // FRAME] = loudness
        self._mean[place // FRAME] = self.background.level
        return self._segmenter.feed(probability, over_reply=self.background.listening)

    def audio(self, start: int, end: int) -> Samples:
        """Return a copy of the audio from `start` to `end`, as far as it is kept. Assumed silence
        is left out, so that a word that came in two parts is whole; and so are the interviewer's
        own voice and that of others."""
        audio = self.as_it_came(start, end)
        least = self.background.least
        if self._came.all() and least == -np.inf:
            return audio
        start = max(start, self.at - KEPT, 0)
        begin = start % KEPT
        end = begin + max(0, min(end, self.at) - start)
        came = np.repeat(self._came & _around(self._mean >= least), FRAME)
        sent: Samples = audio[np.concatenate([came[begin:end], came[: max(0, end - KEPT)]])]
        return sent

    def as_it_came(self, start: int, end: int) -> Samples:
        """Return a copy of the audio from `start` to `end`, as far as it is kept."""
        start = max(start, self.at - KEPT, 0)
        begin = start % KEPT
        end = begin + max(0, min(end, self.at) - start)
        audio: Samples = np.concatenate([self._ring[begin:end], self._ring[: max(0, end - KEPT)]])
        return audio


def _around(frames: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return these frames, those near them, because words begin and end softly, and those of gaps
    up to 1.2 s, because some words are soft."""
    return ~_near(~_near(frames, 2 * HELD), HELD)


def _near(frames: NDArray[np.bool_], far: int) -> NDArray[np.bool_]:
    """Return these frames and those that are no farther from them than that."""
    wrapped = np.concatenate([frames[-far:], frames, frames[:far]])
    return np.convolve(wrapped, np.ones(2 * far + 1), "valid") > 0.5


def _decibels(frame: Samples) -> float:
    sound = frame.astype(np.float32)
    return float(10 * np.log10(np.dot(sound, sound) / FRAME + 1))
