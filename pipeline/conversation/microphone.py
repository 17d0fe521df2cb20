"""Notice what is wrong with a candidate's microphone, so that they can be told. Pure; time is
passed in.

Each check looks at seconds of sound, because a cough may clip and a pause is silent.
"""

import enum
from collections import deque

import numpy as np

from models.contracts import FRAME, Samples

from ..language.english import ENGLISH
from ..language.language import Language
from .segmenter import ENTER, frames


class Trouble(enum.StrEnum):
    """Things that may be wrong; the values are the protocol's."""

    QUIET = "quiet"
    """The candidate whispers, or is far away."""
    CLIPPED = "clipped"
    """The microphone is set so high that loud sound has no room."""
    SILENT = "silent"
    """No sound comes at all, though the candidate has not muted."""
    RATE = "rate"
    """The client sends audio at another sample rate than it says."""
    ECHO = "echo"
    """The interviewer's own voice comes back."""
    LANGUAGE = "language"
    """Not the microphone's, but told like the others: the candidate speaks a language in which
    they are not understood."""


def advice(trouble: Trouble, language: Language) -> str:
    """Return the sentence about it for the candidate; in English if the language has none."""
    return language.sentences.advice.get(trouble) or ENGLISH.sentences.advice[trouble]


# docs/decisions/057-microphone.md: how each limit was found
QUIET = 82.0
"""RMS of the louder half of the voice, of 32768 (-52 dBFS), below which it is very quiet."""
LOUD_ENOUGH = 145.0
"""The same from which it is not any more (-47 dBFS)."""
VOICE = frames(3_000)
"""Voiced frames that are looked at."""
FLAT = 0.98
"""Part of the largest sample of a piece from which a sample counts as one at the limit."""
AT_THE_LIMIT = 0.005
"""Share of such samples in clipped audio. One piece in 500 of speech that has room has as many."""
ROOM = 8_000
"""Largest sample below which nothing is clipped, -12 dBFS."""
PIECE = 6_000
"""Samples of a client's audio, a quarter of a second or less, that are looked at together."""
LOUD_PIECES, CLIPPED_PIECES, CLEAN_PIECES = 12, 6, 1
"""Number of loud pieces that are looked at; how many of them are clipped, and how many when it is
over."""
NOTHING = 2
"""Largest sample that is no sound: a muted track may have dither."""
SILENT_FROM_THE_START, SILENT = frames(8_000), frames(20_000)
"""Frames without sound; more once there was some, because noise gates make pauses silent."""


class Microphone:
    """The checks of one connection. Each method returns nothing; `trouble` is what is wrong now."""

    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.muted = False
        self._voice: deque[float] = deque(maxlen=VOICE)
        """Mean square of each of the latest voiced frames."""
        self._piece: list[Samples] = []
        self._clipped: deque[bool] = deque(maxlen=LOUD_PIECES)
        self._silent = 0
        self._sounded = False

    def came(self, audio: Samples) -> None:
        """Look at the client's samples, as it sent them."""
        self._piece.append(audio)
        if sum(map(len, self._piece)) < PIECE:
            return
        piece = np.abs(np.concatenate(self._piece).astype(np.int32))
        self._piece = []
        top = int(piece.max())
        if top >= ROOM:
            self._clipped.append(float((piece >= FLAT * top).mean()) >= AT_THE_LIMIT)
            self._decide(Trouble.CLIPPED, self._is_clipped())

    def heard(self, frame: Samples, probability: float) -> None:
        """Look at a frame, of which voice activity is known."""
        self._note_silence(frame)
        if probability < ENTER:
            return
        sound = frame.astype(np.float32)
        self._voice.append(float(np.dot(sound, sound)) / FRAME)
        if len(self._voice) == VOICE:
            self._decide(Trouble.QUIET, self._is_quiet())

    def _is_clipped(self) -> bool | None:
        """Return None where it cannot be said yet."""
        count = sum(self._clipped)
        if count >= CLIPPED_PIECES:
            return True
        return False if count <= CLEAN_PIECES else None

    def _is_quiet(self) -> bool | None:
        loud = np.sort(np.array(self._voice))[VOICE // 2 :]
        level = float(np.sqrt(loud.mean()))
        if level < QUIET:
            return True
        return False if level >= LOUD_ENOUGH else None

    def _note_silence(self, frame: Samples) -> None:
        silent = int(frame.max()) < NOTHING and int(frame.min()) > -NOTHING
        self._sounded = self._sounded or not silent
        self._silent = self._silent + 1 if silent and not self.muted else 0
        patience = SILENT if self._sounded else SILENT_FROM_THE_START
        self._decide(Trouble.SILENT, self._silent >= patience or (None if silent else False))

    def _decide(self, trouble: Trouble, found: bool | None) -> None:
        if found:
            self.trouble = trouble
        elif found is False and self.trouble is trouble:
            self.trouble = None


RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Sample rates that clients have."""
WATCHED = 10.0
"""Seconds over which samples are counted."""
WITHIN = 0.04
"""Deviation from a rate that its clock and the network may have."""
STEADY = 5
"""Parts of that time, each of which has its share of the samples, except for `UNEVEN`."""
UNEVEN = 0.25
AGREED = 3
"""Counts in a row, a second apart, that have to come to the same rate: one alone may be half of a
stall and half of what makes up for it."""


class ArrivalRate:
    """The rate at which the client's samples come, against a steady clock: a client that sends more
    of them in a second than it should has another sample rate than it says."""

    def __init__(self) -> None:
        self._came: deque[tuple[float, int]] = deque()
        self._found: deque[int | None] = deque(maxlen=AGREED)

    def came(self, samples: int, now: float) -> int | None:
        """Count samples; return the sample rate that they have for sure, or None."""
        self._came.append((now, samples))
        began = self._came[0][0]
        if now - began < WATCHED:
            return None
        self._found.append(self._rate(began))
        while self._came and self._came[0][0] < now - WATCHED + 1.0:
            self._came.popleft()
        return self._found[0] if self._found.count(self._found[0]) == AGREED else None

    def _rate(self, began: float) -> int | None:
        times = np.array([at - began for at, _ in self._came])
        counts = np.array([count for _, count in self._came])
        span = float(times[-1])
        # what came at the beginning was sampled before it
        rate = float(counts[1:].sum()) / span
        if not rate:
            return None
        parts, _ = np.histogram(times[1:], STEADY, (0, span), weights=counts[1:])
        if np.abs(parts / (rate * span / STEADY) - 1).max() > UNEVEN:
            return None
        near = min(RATES, key=lambda known: abs(known - rate))
        return near if abs(rate - near) <= WITHIN * near else None
