"""Leases that several processes share and that answer slowly, as those in a database would."""

import asyncio
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from service.admission.leases import Lease, LeaseLost, LeaseState, Opening
from service.admission.seat import Dismissal, Seat
from service.errors import InterviewOver, NoCapacity

YIELD_SECONDS = 1.0
"""How long another process may take to let a session go before it is taken away from it."""


@dataclass
class Row:
    lease: Lease
    owner: "ClusterLeases"
    seat: Seat | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)


class Table:
    """What all processes see."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.epochs = itertools.count(1)
        self.rows: dict[UUID, Row] = {}
        self.refused: list[Lease] = []
        """Releases that came with a stale epoch."""

    def row(self, session: UUID) -> Row | None:
        row = self.rows.get(session)
        return row if row and row.lease.until > self.clock() else None


class ClusterLeases:
    """One process's view of the table."""

    def __init__(
        self, table: Table | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.table = table or Table(clock)

    def watch(self, moved: Callable[[UUID], None], kept: Callable[[], Iterable[UUID]]) -> None: ...

    async def promise_elsewhere(self, session: UUID, seconds: float) -> Lease | None:
        return None

    async def room_elsewhere(self) -> int:
        return 0

    async def refusal(self, session: UUID) -> NoCapacity | None:
        return None

    async def drain(self) -> bool:
        return False

    async def find(self, session: UUID) -> Lease | None:
        await _round_trip()
        row = self.table.row(session)
        return row.lease if row else None

    async def promise(self, session: UUID, seconds: float) -> Lease:
        await _round_trip()
        _require_open(self.table.row(session))
        return self._extend(session, LeaseState.PROMISED, seconds)

    async def keep(self, session: UUID, seconds: float) -> Lease:
        await _round_trip()
        return self._extend(session, LeaseState.GRACE, seconds)

    async def hold(self, session: UUID, seat: Seat, opening: Opening | None = None) -> Lease:
        await _round_trip()
        _require_open(self.table.row(session))
        await self._ask_to_leave(session, "replaced")
        return self._take(session, LeaseState.HELD, seat)

    async def end(self, session: UUID) -> Lease:
        await _round_trip()
        await self._ask_to_leave(session, "finalized")
        return self._take(session, LeaseState.ENDING)

    async def release(self, lease: Lease, grace: float = 0.0) -> None:
        await _round_trip()
        row = self.table.row(lease.session)
        if row is None or row.lease.epoch != lease.epoch:
            self.table.refused.append(lease)
            raise LeaseLost(f"epoch {lease.epoch}")
        row.released.set()
        until = self.table.clock() + grace
        row.lease = Lease(lease.session, lease.epoch, LeaseState.GRACE, until)
        row.seat = None

    async def _ask_to_leave(self, session: UUID, why: Dismissal) -> None:
        row = self.table.row(session)
        if row and row.seat and row.owner is not self:
            row.seat.dismiss(why)
            try:
                async with asyncio.timeout(YIELD_SECONDS):
                    await row.released.wait()
            except TimeoutError:
                return

    def _extend(self, session: UUID, state: LeaseState, seconds: float) -> Lease:
        until = self.table.clock() + seconds
        if (row := self.table.row(session)) is None:
            return self._put(Lease(session, next(self.table.epochs), state, until)).lease
        old = row.lease
        row.lease = Lease(session, old.epoch, old.state, max(until, old.until))
        return row.lease

    def _take(
        self,
        session: UUID,
        state: LeaseState,
        seat: Seat | None = None,
    ) -> Lease:
        lease = Lease(session, next(self.table.epochs), state, math.inf)
        return self._put(lease, seat).lease

    def _put(self, lease: Lease, seat: Seat | None = None) -> Row:
        row = self.table.rows[lease.session] = Row(lease, self, seat)
        return row


async def _round_trip() -> None:
    for _ in range(5):  # others run meanwhile
        await asyncio.sleep(0)


def _require_open(row: Row | None) -> None:
    if row and row.lease.state is LeaseState.ENDING:
        raise InterviewOver("This interview is just being finished.")
