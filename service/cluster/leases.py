"""Leases in Postgres, for all replicas that share it: `Leases` of service/admission/leases.py."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from time import monotonic
from uuid import UUID

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.journal import Disconnected

from ..admission.leases import Lease, LeaseLost, LeaseState, Opening
from ..admission.seat import LEAVING_SECONDS, Seat
from ..errors import DatabaseUnavailable, NoCapacity
from ..storage import store
from ..storage.database import Database
from . import holds, messages
from .holds import NOBODY, Hold
from .letting_go import LettingGo
from .messages import Dismissing, Left, Moved
from .promises import Promises, being_finished, full, has_place, lease_of
from .replica import ALIVE_SECONDS
from .sentinel import Sentinel

YIELD_SECONDS = 1.0
"""Seconds that another replica has for letting a session go whose client has come here."""
FINISHING_SECONDS = 65.0
"""Seconds that another replica has for finishing a session: its assessment takes up to 50."""
TRIES = 5
"""The most replicas from which one claim takes a session in turn, as each was faster."""


class HeldElsewhere(Exception):
    """Another live replica has the session."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.replica)
        self.hold = hold


# docs/decisions/055-replicas-share-postgres.md: the journal's key fences, epochs guard holds
class PostgresLeases:
    """The leases as one replica sees and takes them. Every method raises `DatabaseUnavailable`."""

    def __init__(self, sentinel: Sentinel, grace: float) -> None:
        """`grace` is the time in seconds for which sessions of a replica that died are kept."""
        self._me = sentinel.me.id
        self._grace = grace
        self._sentinel = sentinel
        self._promises = Promises(self._me, grace)
        self._letting_go = LettingGo(self._me, grace)
        self._opened: Database | None = None

    @asynccontextmanager
    async def running(self, database: Database) -> AsyncIterator[None]:
        """Keep the leases in this database, and answer other replicas meanwhile."""
        self._opened = database
        self._sentinel.heard = self._letting_go.heard
        self._sentinel.returned = self._letting_go.astray.set
        async with self._sentinel.running(), asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(self._letting_go.run(database), name="let sessions go")
            yield
            answering.cancel()

    def watch(self, moved: Callable[[UUID], None], kept: Callable[[], Iterable[UUID]]) -> None:
        self._letting_go.moved = moved
        self._letting_go.kept = kept

    async def find(self, session: UUID) -> Lease | None:
        async with self._database.read() as db:
            hold = await holds.look(db, self._me, session)
        if hold is None or hold.lapsed:
            return None
        if hold.seconds is None and hold.seen is not None and hold.seen >= ALIVE_SECONDS:
            # Its replica is dead, and the client may come back to another one.
            kept = ALIVE_SECONDS + self._grace - hold.seen
            if hold.state is LeaseState.ENDING or kept <= 0:
                return None
            return Lease(session, hold.epoch, LeaseState.GRACE, monotonic() + kept, here=False)
        return lease_of(session, hold, self._me)

    async def promise(self, session: UUID, seconds: float) -> Lease:
        return await self._promises.promise(self._database, session, seconds)

    async def promise_elsewhere(self, session: UUID, seconds: float) -> Lease | None:
        return await self._promises.elsewhere(self._database, session, seconds)

    async def room_elsewhere(self) -> int:
        async with self._database.read() as db:
            return await holds.room_elsewhere(db, self._me)

    async def refusal(self, session: UUID) -> NoCapacity | None:
        async with self._database.read() as db:
            if not await holds.cap_is_reached(db, session):
                return None
            placed = has_place(await holds.look(db, self._me, session))
        return None if placed else full()

    async def drain(self) -> bool:
        self._sentinel.draining = True
        async with self._database.write() as db:
            await holds.drain(db, self._me)
        return True

    async def keep(self, session: UUID, seconds: float) -> Lease:
        if found := await self.find(session):
            return found
        async with self._database.write() as db:
            before = await holds.look(db, self._me, session, lock=True)
            epoch = await holds.put(db, before, session, NOBODY, LeaseState.GRACE, seconds)
        until = monotonic() + seconds
        return Lease(session, epoch or 0, LeaseState.GRACE, until, here=False)

    async def hold(self, session: UUID, seat: Seat, opening: Opening | None = None) -> Lease:
        if opening:
            await opening.prepare()
        asked: int | None = None
        for _ in range(TRIES):
            try:
                return await self._claim(session, seat, opening, asked)
            except HeldElsewhere as other:
                if opening:
                    opening.require_client()
                asked = other.hold.epoch
                await self._letting_go.ask(
                    self._database, session, other.hold, "replaced", YIELD_SECONDS
                )
        raise _too_many()

    async def end(self, session: UUID) -> Lease:
        asked: int | None = None
        left = False
        for _ in range(TRIES):
            try:
                return await self._claim_end(session, asked, fenced=left)
            except HeldElsewhere as other:
                asked = other.hold.epoch
                finishing = other.hold.state is LeaseState.ENDING
                patience = FINISHING_SECONDS if finishing else LEAVING_SECONDS
                left = await self._letting_go.ask(
                    self._database, session, other.hold, "finalized", patience
                )
        raise _too_many()

    async def release(self, lease: Lease, grace: float = 0.0) -> None:
        session = lease.session
        if self._letting_go.seats.get(session, (None, -1))[1] == lease.epoch:
            del self._letting_go.seats[session]
        if self._letting_go.ending.get(session) == lease.epoch:
            del self._letting_go.ending[session]
        try:
            async with self._database.write() as db:
                reserves = self._sentinel.draining and grace > 0
                there = await holds.with_room(db, self._me, session) if reserves else None
                ours = await holds.let_go(db, self._me, session, lease.epoch, grace, there)
                for asker in self._letting_go.askers(session):
                    await messages.send(db, asker, Left(session))
        except DatabaseUnavailable:
            self._letting_go.astray.set()
            raise
        if not ours:
            raise LeaseLost(f"epoch {lease.epoch} of session {session}")
        if there:
            self._letting_go.moved(session)

    async def _claim(
        self, session: UUID, seat: Seat, opening: Opening | None, asked: int | None
    ) -> Lease:
        """Take the session in one transaction; the owner with the epoch `asked` was asked to let it
        go. Raises `HeldElsewhere`, `InterviewOver`, `NoCapacity`."""
        seats = self._letting_go.seats
        before_here = seats.get(session)
        try:
            async with self._database.write() as db:
                left = await holds.left_of_cap(db, session)
                await holds.lock_own(db, self._me)
                before = await holds.look(db, self._me, session, lock=True)
                if before and before.owned and before.state is LeaseState.ENDING:
                    raise being_finished()
                own = before and before.replica == self._me and not before.lapsed
                if left <= 0 and not has_place(before):
                    raise full()
                if not own and await holds.free(db, self._me, session) <= 0:
                    raise full()
                epoch = await self._take(db, before, session, LeaseState.HELD, asked)
                seats[session] = (seat, epoch)
                if opening:
                    await opening.write(db)
        except BaseException:
            if before_here:
                seats[session] = before_here
            else:
                seats.pop(session, None)
            raise
        return Lease(session, epoch, LeaseState.HELD, math.inf)

    async def _claim_end(self, session: UUID, asked: int | None, *, fenced: bool) -> Lease:
        """Take the session in order to end it; `fenced` says that its owner has left."""
        async with self._database.write() as db:
            before = await holds.look(db, self._me, session, lock=True)
            epoch = await self._take(db, before, session, LeaseState.ENDING, asked)
            elsewhere = before and before.replica != self._me
            if before and elsewhere and before.state is LeaseState.HELD and not fenced:
                await _fence(db, session)
            self._letting_go.ending[session] = epoch
        return Lease(session, epoch, LeaseState.ENDING, math.inf)

    async def _take(
        self,
        db: AsyncSession,
        before: Hold | None,
        session: UUID,
        state: LeaseState,
        asked: int | None,
    ) -> int:
        """Give the session to this replica; return the epoch. Raises `HeldElsewhere`."""
        if before and before.owned and before.replica != self._me and before.epoch != asked:
            raise HeldElsewhere(before)
        epoch = await holds.put(db, before, session, self._me, state)
        if epoch is None:  # somebody was faster: now there is a row to lock
            before = await holds.look(db, self._me, session, lock=True)
            if before and before.replica != self._me:
                raise HeldElsewhere(before)
            epoch = await holds.put(db, before, session, self._me, state)
        if before and before.replica not in (self._me, NOBODY):
            why: Dismissing = "finalized" if state is LeaseState.ENDING else "replaced"
            await messages.send(db, before.replica, Moved(session, epoch or 0, why))
        return epoch or 0

    @property
    def _database(self) -> Database:
        if self._opened is None:
            raise DatabaseUnavailable("The service is just starting; please try again shortly.")
        return self._opened


CLUSTER = web.AppKey("CLUSTER", PostgresLeases)
"""The leases of this replica; absent in a service that is one process."""


async def _fence(db: AsyncSession, session: UUID) -> None:
    """End the journal for a connection that did not say that it has left, so that it can write
    nothing more."""
    while events := await store.events(db, session):
        last = events[-1]
        entry = Disconnected(max(store.decode(event).at_ms for event in events))
        if await store.append_if_next(db, session, last.seq, entry):
            return


def _too_many() -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "Several connections want this interview at once; please try again shortly."
    )
