"""The clock of a connection whose audio comes late, in lumps, or not at all. Pure; time is passed
in.

Received audio is the clock. While none comes, silence may have to be assumed so that time goes on;
audio that arrives later replaces that silence.
"""

from collections import deque
from collections.abc import Sequence

from models.contracts import FRAME, HEARING_RATE, Samples

from .segmenter import ENTER, frames

PATIENCE = 1.0
"""Seconds without audio after which a client is taken to be silent."""
# docs/decisions/002-late-audio.md: longer than most stalls of a network
PATIENCE_IN_A_TURN = 4.0
"""The same while the candidate has the floor, because a stall of the network must not end a
sentence."""
RECENT = 8
"""Number of messages whose length shows how far apart messages are."""
SLACK = 1.25
"""The next message may be late by a quarter of that."""
LEAD = frames(300)
"""Frames before and after voice that are never left out, because words begin and end softly."""

Judged = tuple[Samples, float]
"""A frame, and the probability that it is voiced."""


class Timekeeper:
    def __init__(self, now: float) -> None:
        """Start the clock. `now`, here and below, is in seconds of any steady clock."""
        self._began = self._last = now
        self._lengths = deque([0.0], maxlen=RECENT)
        self._assumed = 0
        """Frames of assumed silence for which audio may still come."""
        self._held: deque[Judged] = deque()
        """The latest frames of silence, which lead into voice if any follows."""
        self._unvoiced = 0
        """Frames since the last voiced one."""

    def is_missing(self, now: float, *, in_a_turn: bool, muted: bool = False) -> bool:
        """Return True if audio has been missing for long enough to assume silence. Nothing more is
        to come of a microphone that is switched off."""
        patience = PATIENCE_IN_A_TURN if in_a_turn else PATIENCE
        if muted:
            patience = 0.0
        return now - self._last >= max(patience, SLACK * max(self._lengths))

    def assume(self, count: int) -> list[Judged]:
        """Assume so many frames of silence in place of audio that does not come; return the held
        frames, which are to be heard before them."""
        self._assumed += count
        return self._released()

    def came(
        self, audio: Sequence[Judged], at: int, now: float, *, in_a_turn: bool
    ) -> tuple[list[Judged], int]:
        """Return what is to be heard of the audio that has come, and how many frames were left out.
        `at` samples were heard before.

        If this audio would put the clock ahead of time, silence was assumed in its place. Then the
        same amount of its own silence is left out, but nothing of a turn.
        """
        self._last = now
        self._lengths.append(len(audio) * FRAME / HEARING_RATE)
        ahead = 0 if in_a_turn else self._ahead(at, len(audio), now)
        heard: list[Judged] = []
        before = self._assumed
        for frame in audio:
            voiced = frame[1] >= ENTER
            self._unvoiced = 0 if voiced else self._unvoiced + 1
            self._held.append(frame)
            if voiced:
                ahead = 0
            if ahead <= 0 or self._unvoiced <= LEAD:
                heard += self._released()
            elif len(self._held) > LEAD:
                self._held.popleft()
                self._assumed -= 1
                ahead -= 1
        return heard, before - self._assumed

    def _ahead(self, at: int, count: int, now: float) -> int:
        """Return how many frames of assumed silence the clock would be ahead by with `count` frames
        more."""
        heard = at + (len(self._held) + count) * FRAME
        early = heard - (now - self._began) * HEARING_RATE
        return min(self._assumed, round(early / FRAME))

    def _released(self) -> list[Judged]:
        held = list(self._held)
        self._held.clear()
        return held
