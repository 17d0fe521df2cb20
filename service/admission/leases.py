"""Leases: who holds which session, and until when.

A lease goes from `PROMISED` (the client has yet to connect) to `HELD` (a socket has it) to `GRACE`
(its socket broke, or the service was restarted) and is gone; or it is `ENDING` until the session is
finished, and gone then. Taking a session over increases the epoch, and what comes with an older one
is refused, so nobody releases what belongs to others by now. The epoch guards leases only: what
fences writes is the journal's own key (session, sequence number).

Methods are asynchronous, since the leases of several processes are kept in a database. What a
database cannot do then is raised as `DatabaseUnavailable`.
"""

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import InterviewOver, NoCapacity
from .seat import Seat


class LeaseState(StrEnum):
    PROMISED = "promised"
    HELD = "held"
    GRACE = "grace"
    ENDING = "ending"


@dataclass(frozen=True, slots=True)
class Lease:
    session: UUID
    epoch: int
    """Increases each time that somebody takes the session over."""
    state: LeaseState
    until: float
    """Time at which it lapses, by the clock of the lease store; infinite while it is held."""
    here: bool = True
    """False if another process has the session, or keeps it for its client."""


class LeaseLost(Exception):
    """Somebody has taken the session over since, or the lease has lapsed."""


class Opening(Protocol):
    """The opening of a conversation, where it belongs to the transaction that takes the session."""

    def require_client(self) -> None:
        """Raise `ClientLeft` if the client has gone meanwhile. It may be held elsewhere by now, so
        the session must not be taken for this socket."""
        ...

    async def prepare(self) -> None:
        """Read what is needed, before the session is taken. Whatever it raises refuses the
        socket."""
        ...

    async def write(self, db: AsyncSession) -> None:
        """Continue the journal, in the transaction in which the session is taken: nobody who had it
        before can write to it from then on."""
        ...


class Leases(Protocol):
    """The leases of all sessions. A lapsed lease counts as none."""

    def watch(self, moved: Callable[[UUID], None], kept: Callable[[], Iterable[UUID]]) -> None:
        """Call `moved` with each session that another process takes over from this one; `kept`
        returns those that have a slot here."""
        ...

    async def find(self, session: UUID) -> Lease | None: ...

    async def promise(self, session: UUID, seconds: float) -> Lease:
        """Reserve the session for a client that is expected, for at least so many seconds. A
        session that somebody holds stays theirs. Raises `InterviewOver` while the session is being
        ended."""
        ...

    async def promise_elsewhere(self, session: UUID, seconds: float) -> Lease | None:
        """Reserve the session at another process that has room; return None if there is none."""
        ...

    async def room_elsewhere(self) -> int:
        """Return how many sessions other processes have room for."""
        ...

    async def refusal(self, session: UUID) -> NoCapacity | None:
        """Return the error with which a limit that all processes share would refuse the session
        now, if it would."""
        ...

    async def drain(self) -> bool:
        """Announce that this process takes no more sessions; return whether other processes may
        take over those that it has."""
        ...

    async def keep(self, session: UUID, seconds: float) -> Lease:
        """Keep a session that went on when the service was stopped, for at least so many seconds. A
        session that somebody holds or ends stays theirs."""
        ...

    async def hold(self, session: UUID, seat: Seat, opening: Opening | None = None) -> Lease:
        """Take the session, from whoever has it. When another process wants it later, the seat is
        dismissed, and that process waits a moment for it to be left. Leases in the database of the
        journals do the `opening` with it, in one transaction; others leave it to the caller.

        Raises `InterviewOver` while the session is being ended, `NoCapacity` if this process has no
        slot after all, and what `opening` raises."""
        ...

    async def end(self, session: UUID) -> Lease:
        """Take the session, from whoever has it, so that nobody gets it until this lease is
        released."""
        ...

    async def release(self, lease: Lease, grace: float = 0.0) -> None:
        """Release the session; for `grace` seconds its client may come back, after `drain` to
        another process if one has room. Raises `LeaseLost`."""
        ...


class InMemoryLeases:
    """The leases of a service that is one process. It starts without any, and never has to ask
    another process to let go."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._epochs = itertools.count(1)
        self._leases: dict[UUID, Lease] = {}

    def watch(self, moved: Callable[[UUID], None], kept: Callable[[], Iterable[UUID]]) -> None: ...

    async def find(self, session: UUID) -> Lease | None:
        return self._present(session)

    async def promise(self, session: UUID, seconds: float) -> Lease:
        lease = self._open(session)
        return self._extend(session, lease, LeaseState.PROMISED, seconds)

    async def promise_elsewhere(self, session: UUID, seconds: float) -> Lease | None:
        return None

    async def room_elsewhere(self) -> int:
        return 0

    async def refusal(self, session: UUID) -> NoCapacity | None:
        return None

    async def drain(self) -> bool:
        return False

    async def keep(self, session: UUID, seconds: float) -> Lease:
        return self._extend(session, self._present(session), LeaseState.GRACE, seconds)

    async def hold(self, session: UUID, seat: Seat, opening: Opening | None = None) -> Lease:
        self._open(session)
        return self._take(session, LeaseState.HELD)

    async def end(self, session: UUID) -> Lease:
        return self._take(session, LeaseState.ENDING)

    async def release(self, lease: Lease, grace: float = 0.0) -> None:
        present = self._present(lease.session)
        if present is None or present.epoch != lease.epoch:
            raise LeaseLost(f"epoch {lease.epoch} of session {lease.session}")
        del self._leases[lease.session]
        if grace > 0:
            until = self._clock() + grace
            self._put(Lease(lease.session, lease.epoch, LeaseState.GRACE, until))

    def _present(self, session: UUID) -> Lease | None:
        lease = self._leases.get(session)
        if lease is not None and lease.until <= self._clock():
            del self._leases[session]
            return None
        return lease

    def _open(self, session: UUID) -> Lease | None:
        """Return the session's lease, if it has one that can be held. Raises `InterviewOver`."""
        lease = self._present(session)
        if lease is not None and lease.state is LeaseState.ENDING:
            raise InterviewOver("This interview is just being finished.")
        return lease

    def _extend(
        self, session: UUID, lease: Lease | None, state: LeaseState, seconds: float
    ) -> Lease:
        until = self._clock() + seconds
        if lease is None:
            return self._put(Lease(session, next(self._epochs), state, until))
        return self._put(Lease(session, lease.epoch, lease.state, max(until, lease.until)))

    def _take(self, session: UUID, state: LeaseState) -> Lease:
        return self._put(Lease(session, next(self._epochs), state, math.inf))

    def _put(self, lease: Lease) -> Lease:
        self._leases[lease.session] = lease
        return lease
