"""Decide how a long turn is cut for the recognizer, which transcribes only so much at once.
Pure."""

from dataclasses import dataclass

from models.contracts import HEARING_RATE

SLACK = 2.0
"""Seconds below the recognizer's limit, because a turn is cut at a deadline that may be noticed
late."""
MOST = 26.0
"""Longest stretch in seconds, however much the recognizer takes: audio is kept for 30 s
(audio_input.py)."""
OLDEST = round((MOST + SLACK) * HEARING_RATE)
"""Samples before the present one from which on there is audio for certain."""
KEPT = 15 / 26
"""Share of the longest stretch from which a transcribed one is kept when the turn goes on."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """The lengths of stretches, in samples."""

    longest: int
    """Longest stretch that is transcribed at once, unless it is cut late."""
    kept: int
    """Length from which a stretch keeps its final transcript when the turn goes on."""


def stretches_for(max_seconds: float = MOST + SLACK) -> Stretches:
    """Return the stretches for a recognizer with this limit (`Transcriber.max_seconds`)."""
    longest = min(max(max_seconds - SLACK, max_seconds / 2), MOST)
    return Stretches(round(longest * HEARING_RATE), round(longest * KEPT * HEARING_RATE))
