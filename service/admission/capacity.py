"""The slots of this process: how many sessions it may hold at once.

A slot belongs to a session for as long as somebody holds it or is expected: the slot of a client
that reconnects within its time is never given away.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from ..errors import NoCapacity, ShuttingDown


@dataclass(slots=True)
class Counts:
    """Numbers of admissions and refusals since the start."""

    admitted: int = 0
    """Slots given to sessions that had none."""
    full: int = 0
    """Sessions refused because all slots were taken."""
    stopping: int = 0
    """Sessions refused because the service was about to stop."""


class Capacity:
    """The slots of this process. Every decision is synchronous: no two sessions that ask at the
    same moment get the same slot, however slowly their leases are stored."""

    def __init__(self, slots: int, *, clock: Callable[[], float] = monotonic) -> None:
        self.slots = slots
        self.closed = False
        """True once no session is admitted any more."""
        self.counts = Counts()
        self._clock = clock
        self._until: dict[UUID, float] = {}  # session -> when its slot is free again

    @property
    def used(self) -> int:
        """Return how many slots belong to a session."""
        now = self._clock()
        self._until = {session: until for session, until in self._until.items() if until > now}
        return len(self._until)

    def sessions(self) -> tuple[UUID, ...]:
        """Return the sessions that have a slot."""
        return tuple(self._until)

    @property
    def free(self) -> int:
        """Return how many slots may be taken."""
        return 0 if self.closed else max(0, self.slots - self.used)

    def refusal(self, session: UUID) -> NoCapacity | None:
        """Return the error with which the session would be refused a slot now, if it would."""
        if self.closed:
            return ShuttingDown("The service is shutting down; please try again in a moment.")
        if self.free == 0 and session not in self._until:
            return NoCapacity(
                "All interview places are taken at the moment; please try again shortly."
            )
        return None

    def take(self, session: UUID, seconds: float) -> bool:
        """Give the session a slot for at least so many seconds; return whether it had none. Raises
        `NoCapacity` and `ShuttingDown`, which is one."""
        if refusal := self.refusal(session):
            self.counts.stopping += isinstance(refusal, ShuttingDown)
            self.counts.full += type(refusal) is NoCapacity
            raise refusal
        fresh = session not in self._until
        self.counts.admitted += fresh
        self.extend(session, seconds)
        return fresh

    def extend(self, session: UUID, seconds: float) -> None:
        """Extend the session's slot to at least so many seconds from now, even if there is none
        free."""
        self._until[session] = max(self._clock() + seconds, self._until.get(session, -math.inf))

    def limit(self, session: UUID, seconds: float) -> None:
        """Keep the session's slot for so many seconds from now, and no longer."""
        self._until[session] = self._clock() + seconds

    def give_back(self, session: UUID) -> None:
        self._until.pop(session, None)
