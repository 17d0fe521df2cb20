"""Decide which tokens of which jobs go into the next step of a language model. Pure.

A step computes one batch, and every job in it waits for the whole batch. So each reply that is
being spoken gets its one token first, and prompts are read in chunks small enough that the replies
hardly slow down.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass


class Priority(enum.IntEnum):
    REPLY = 0
    PAUSE = 1
    """A look at somebody's last words while they pause: short, and of use for half a second."""
    WARM = 2
    """A computation ahead, of one conversation or, of a head, for all."""
    FILL = 3


APART = (Priority.PAUSE, Priority.FILL)
"""Jobs that no conversation remembers."""


@dataclass(frozen=True, slots=True)
class Work:
    """The demand of one job on the next step."""

    job: int
    priority: Priority
    pending: int
    """Tokens of the job that the model has not read, at least 1."""
    writing: bool
    """True once it has generated: its one pending token gives the next one."""


@dataclass(frozen=True, slots=True)
class Share:
    job: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Chunks:
    """Limits on the tokens that are read in one step."""

    capacity: int
    """Capacity of one batch."""
    alone: int
    """Limit while nobody is writing; it bounds how long a newcomer waits."""
    beside: int
    """Limit in a step that also writes replies."""


def next_step(work: Sequence[Work], chunks: Chunks, *, fills: bool) -> list[Share]:
    """Plan the next step. Replies being written come first, then replies still reading their prompt
    and looks at pauses (the shortest first, so that a long history does not hold up an answer),
    then what is computed ahead; forms come last, and get a turn if `fills` is set or there is no
    reply at all."""
    replies = [w for w in work if w.priority is Priority.REPLY]
    shares = [Share(w.job, 1) for w in replies if w.writing][: chunks.capacity]
    room = min(chunks.beside if shares else _alone(work, chunks), chunks.capacity - len(shares))
    pauses = [w for w in work if w.priority is Priority.PAUSE]
    read = _read([*(w for w in replies if not w.writing), *pauses], room, shares)
    room = min(room, chunks.beside) - read if replies or pauses else room
    room -= _read([w for w in work if w.priority is Priority.WARM], room, shares)
    if fills or not replies:
        _read([w for w in work if w.priority is Priority.FILL], room, shares)
    return shares


def _alone(work: Sequence[Work], chunks: Chunks) -> int:
    """Return the room of a step in which nobody writes. What would leave a short rest is read as a
    whole if nobody else waits: a step of a few tokens takes as long as one of many."""
    (*others, longest) = sorted(w.pending for w in work) or [0]
    whole = not others and longest <= chunks.alone * 3 // 2
    return longest if whole else chunks.alone


def _read(work: Sequence[Work], room: int, shares: list[Share]) -> int:
    """Add the shares of jobs of one kind; return how much of the room they take."""
    taken = 0
    for w in sorted(work, key=lambda w: w.pending):
        if (tokens := min(w.pending, room - taken)) > 0:
            shares.append(Share(w.job, tokens))
            taken += tokens
    return taken


class Pace:
    """A running estimate of how many tokens a step may read within a given time, learnt from
    earlier steps.

    `least` tokens are always allowed: smaller chunks waste more than they spare. A chunk is a
    multiple of it, because the library multiplies matrices in tiles of 16 rows; one row less than a
    tile takes longer than the tile.
    """

    def __init__(self, *, least: int, capacity: int, first: float) -> None:
        self._least = least
        self._capacity = capacity
        self._per_token = first

    def took(self, tokens: int, seconds: float) -> None:
        """Record how long a step with this many tokens took. Small steps say little about
        reading."""
        if tokens >= self._least:
            self._per_token += 0.25 * (seconds / tokens - self._per_token)

    def chunk(self, seconds: float) -> int:
        fitting = min(self._capacity, int(seconds / self._per_token))
        return max(self._least, fitting - fitting % self._least)
