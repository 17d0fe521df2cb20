"""How a long turn is cut for the recognizer, which transcribes only so much at once. Pure."""

from dataclasses import dataclass

from models.contracts import HEARING_RATE

SLACK = 2.0
"""Seconds below the recognizer's limit: a turn is cut at a deadline, which may be noticed late."""
MOST = 26.0
"""Seconds, however much the recognizer takes: audio is kept for 30 s (audio_input.py)."""
KEPT = 15 / 26
"""Share of the longest stretch from which on a transcribed one is kept when the turn goes on."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """In samples."""

    longest: int
    """What is transcribed at once."""
    kept: int
    """A transcribed stretch of this length is kept for good when the turn goes on."""


def stretches_for(max_seconds: float = MOST + SLACK) -> Stretches:
    """Those for a recognizer that transcribes so much at once (`Transcriber.max_seconds`)."""
    longest = min(max(max_seconds - SLACK, max_seconds / 2), MOST)
    return Stretches(round(longest * HEARING_RATE), round(longest * KEPT * HEARING_RATE))
