"""The lines in front of the recognizer: what waits, and what is next. Pure."""

import enum
from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

# docs/decisions/058-looks-go-first.md: what can wait, and how long
FINAL_CAN_WAIT = 0.25
"""Seconds that a final transcription can wait for looks: the pause after which its words are needed
is longer."""


class Kind(enum.Enum):
    FINAL = enum.auto()
    LOOK = enum.auto()
    """A partial transcript that somebody waits for: of voice over a reply, which it may stop."""
    CAPTION = enum.auto()
    """Any other partial transcript."""


class Job(Protocol):
    asked: float
    """Time at which it was asked for."""


AnyJob = TypeVar("AnyJob", bound=Job)


class Lines(Generic[AnyJob]):
    """The jobs that wait, each kind in its order. A session has at most one partial waiting."""

    def __init__(self) -> None:
        self._lines: dict[Kind, dict[Hashable, AnyJob]] = {kind: {} for kind in Kind}

    def of(self, kind: Kind) -> dict[Hashable, AnyJob]:
        return self._lines[kind]

    @property
    def partials(self) -> int:
        return len(self.of(Kind.LOOK)) + len(self.of(Kind.CAPTION))

    @property
    def sessions(self) -> list[Hashable]:
        """Return the sessions that have a partial waiting."""
        return [*self.of(Kind.LOOK), *self.of(Kind.CAPTION)]

    def add_partial(self, session: Hashable, job: AnyJob, kind: Kind) -> AnyJob | None:
        """Add a partial; return the one that it replaces, and whose place it takes if it is of the
        same kind."""
        older = self.of(kind).get(session)
        if older is not None:
            job.asked = older.asked
            self.of(kind)[session] = job
            return older
        older = self.drop(session)
        self.of(kind)[session] = job
        return older

    def drop(self, session: Hashable) -> AnyJob | None:
        """Drop the partial of a session, and return it."""
        return self.of(Kind.LOOK).pop(session, None) or self.of(Kind.CAPTION).pop(session, None)

    def next(self) -> Kind | None:
        """Return the kind that is next: looks, unless a final has waited for long enough, then
        finals, then captions."""
        due = [
            (min(job.asked for job in self.of(kind).values()) + can_wait, kind)
            for kind, can_wait in ((Kind.LOOK, 0.0), (Kind.FINAL, FINAL_CAN_WAIT))
            if self.of(kind)
        ]
        if due:
            return min(due, key=lambda each: each[0])[1]
        return Kind.CAPTION if self.of(Kind.CAPTION) else None
