"""Which tokens of which jobs go into the next step of a language model. Pure.

A step computes one batch, and everybody in it waits for all of it. So the replies that are being
spoken get their one token each first, and what else there is to read is added in chunks small
enough that they hardly notice.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass


class Priority(enum.IntEnum):
    REPLY = 0
    WARM = 1
    FILL = 2


@dataclass(frozen=True, slots=True)
class Work:
    """What one job wants of the next step."""

    job: int
    priority: Priority
    pending: int
    """Tokens it has that the model has not read, at least 1."""
    writing: bool
    """It has generated before: its one pending token gives the next one."""


@dataclass(frozen=True, slots=True)
class Share:
    job: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Chunks:
    """Tokens that may be read in one step."""

    capacity: int
    """The most that one batch holds."""
    alone: int
    """Read when nobody is writing; bounds what a newcomer waits."""
    beside: int
    """Read in a step that also writes replies."""


def next_step(work: Sequence[Work], chunks: Chunks, *, fills: bool) -> list[Share]:
    """Replies that write, then replies that read (the shortest first, so that a long history does
    not hold up an answer), then what was asked ahead, then forms, if `fills` have their turn or
    there is no reply at all."""
    replies = [w for w in work if w.priority is Priority.REPLY]
    shares = [Share(w.job, 1) for w in replies if w.writing][: chunks.capacity]
    room = min(chunks.beside if shares else chunks.alone, chunks.capacity - len(shares))
    read = _read([w for w in replies if not w.writing], room, shares)
    room = min(room, chunks.beside) - read if replies else room
    room -= _read([w for w in work if w.priority is Priority.WARM], room, shares)
    if fills or not replies:
        _read([w for w in work if w.priority is Priority.FILL], room, shares)
    return shares


def _read(work: Sequence[Work], room: int, shares: list[Share]) -> int:
    """Add the shares of jobs of one kind; how much of the room they take."""
    taken = 0
    for w in sorted(work, key=lambda w: w.pending):
        if (tokens := min(w.pending, room - taken)) > 0:
            shares.append(Share(w.job, tokens))
            taken += tokens
    return taken


class Pace:
    """How many tokens a step may read to take a given time, learnt from the steps before.

    `least` tokens are always allowed: smaller chunks waste more than they spare."""

    def __init__(self, *, least: int, capacity: int, first: float) -> None:
        self._least = least
        self._capacity = capacity
        self._per_token = first

    def took(self, tokens: int, seconds: float) -> None:
        """A step with this many tokens was computed. Small ones say little about reading."""
        if tokens >= self._least:
            self._per_token += 0.25 * (seconds / tokens - self._per_token)

    def chunk(self, seconds: float) -> int:
        return max(self._least, min(self._capacity, int(seconds / self._per_token)))
