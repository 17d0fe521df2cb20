"""Decide who may hold which session here: capacity, leases and sockets brought together.

A session is *promised* (the client has yet to connect), *held* by a socket, in *grace* after the
socket broke or the service was restarted, *over* (its conversation has come to an end while its
socket lingers), or *ending* (being finalized or erased). Except when it is over or ending it has a
slot of this process. Each session has at most one socket; the newer one wins.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from aiohttp import web

from ..errors import InterviewOver, NoCapacity, ServiceError
from .capacity import Capacity
from .leases import InMemoryLeases, Lease, LeaseLost, Leases, LeaseState, Opening
from .seat import Seat

logger = logging.getLogger(__name__)

PROMISE_SECONDS = 30.0
"""Seconds for which a session is kept between its start and its first connection."""
FINALIZING_SECONDS = 5.0
"""Seconds after the end of its conversation within which a client finalizes; it waits for 2 s
itself."""
ROOM_SECONDS = 0.5
"""Seconds between two looks whether other processes have room for sessions that wait to be handed
over."""


@dataclass(slots=True)
class _Ending:
    """A session that is being ended, possibly by several at once: it may be erased while it is
    assessed."""

    by: int = 0
    lease: Lease | None = None
    """The newest lease for ending it."""


class Admission:
    """Admission to `slots` sessions at once; each is kept for `grace` seconds after its connection
    broke.

    Without `leases` they are kept in memory, for this process alone."""

    def __init__(
        self,
        slots: int,
        grace: float,
        *,
        leases: Leases | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.capacity = Capacity(slots, clock=clock)
        self._leases = leases or InMemoryLeases(clock=clock)
        self._leases.watch(self._moved, self.capacity.sessions)
        self._grace = grace
        self._seats: dict[UUID, Seat] = {}
        self._ending: dict[UUID, _Ending] = {}
        self._left = asyncio.Event()

    @property
    def live(self) -> tuple[UUID, ...]:
        """Return the sessions that a socket holds here now, and that go on."""
        return tuple(session for session, seat in self._seats.items() if not seat.over)

    async def promise(self, session: UUID) -> Lease:
        """Keep a slot for a session whose client will connect soon, here or where there is one.
        Raises `NoCapacity`, and `InterviewOver` while the session is being ended."""
        if session in self._ending:
            raise _being_finished()
        if self.capacity.refusal(session) and (
            elsewhere := await self._leases.promise_elsewhere(session, PROMISE_SECONDS)
        ):
            return elsewhere
        # docs/decisions/037-capacity-and-leases.md: nobody else gets the slot while we wait
        fresh = self.capacity.take(session, PROMISE_SECONDS)
        lease = None
        try:
            lease = await self._leases.promise(session, PROMISE_SECONDS)
            return lease
        finally:
            if fresh and session not in self._seats and not (lease and lease.here):
                self.capacity.give_back(session)

    async def refusal(self, session: UUID) -> NoCapacity | InterviewOver | None:
        """Return the error with which the session would be refused now, if it would."""
        lease = await self._leases.find(session)
        if session in self._ending or (lease and lease.state is LeaseState.ENDING):
            return _being_finished()
        refusal = self.capacity.refusal(session)
        if refusal and not await self._leases.room_elsewhere():
            return refusal
        return await self._leases.refusal(session)

    @asynccontextmanager
    async def promised(self, session: UUID) -> AsyncIterator[None]:
        """Promise the session while its interview is created; take the promise back if that
        fails."""
        before = await self._leases.find(session)
        lease = await self.promise(session)
        try:
            yield
        except BaseException:
            if before is None and session not in self._seats:
                self.capacity.give_back(session)
                await self._release(lease)
            raise

    async def keep(self, session: UUID) -> None:
        """Keep a session that went on when the service was killed, for the grace period from
        now."""
        lease = await self._leases.keep(session, self._grace)
        if lease.here and lease.state in (LeaseState.PROMISED, LeaseState.GRACE):
            self.capacity.extend(session, self._grace)

    async def expects(self, session: UUID) -> bool:
        """Return whether the session goes on, is being ended, or its client may still come."""
        if session in self._ending:
            return True
        seat = self._seats.get(session)
        if seat is not None and seat.over:
            return False
        return await self._leases.find(session) is not None

    @asynccontextmanager
    async def seat(self, session: UUID, opening: Opening | None = None) -> AsyncIterator[Seat]:
        """Hold the session for one socket; the one that held it before is dismissed and has left
        when this begins. Enter it before the upgrade: it raises `NoCapacity`, `InterviewOver`,
        `ClientLeft`, and what the `opening` raises where that is done with it."""
        if session in self._ending:
            raise _being_finished()
        if opening:
            opening.require_client()
        fresh = self.capacity.take(session, PROMISE_SECONDS)
        seat, lease = Seat(), None
        older = self._seats.get(session)
        self._seats[session] = seat
        self.capacity.extend(session, math.inf)
        try:
            if older is not None:
                older.dismiss("replaced")
                await older.left()
                if not older.early.told:
                    seat.early = older.early
            try:
                lease = await self._leases.hold(session, seat, opening)
            except BaseException as exc:
                if fresh or isinstance(exc, InterviewOver | NoCapacity):
                    self.over(session, seat)
                raise
            yield seat
        finally:
            await self._leave(session, seat, lease)

    async def _leave(self, session: UUID, seat: Seat, lease: Lease | None) -> None:
        seat.leave()
        if last := self._seats.get(session) is seat:
            del self._seats[session]
            if seat.finished:
                self.capacity.give_back(session)
            else:
                self.capacity.limit(session, self._grace)
        self._left.set()
        if lease is not None and not await self._release(
            lease, 0.0 if seat.finished else self._grace
        ):
            elsewhere = last and session not in self._seats
            if elsewhere:
                self.capacity.give_back(session)

    async def _release(self, lease: Lease, grace: float = 0.0) -> bool:
        """Release a lease; return whether it was still ours."""
        try:
            await self._leases.release(lease, grace)
        except LeaseLost:
            return False
        except ServiceError as exc:  # the session has been left all the same
            logger.warning("the lease of session %s stays: %s", lease.session, exc.code)
        return True

    def over(self, session: UUID, seat: Seat) -> None:
        """Free the slot of a conversation that has come to its end and is on record, though its
        socket lingers."""
        seat.over = True
        seat.leave()
        if self._seats.get(session) is seat:
            self.capacity.give_back(session)

    def _moved(self, session: UUID) -> None:
        """Free the slot that was kept for a client who has come back to another process."""
        if session not in self._seats:
            self.capacity.give_back(session)

    def dismiss(self, session: UUID) -> None:
        """Close the session's socket, if it has one: the interview is over for its client."""
        if seat := self._seats.get(session):
            seat.dismiss("finalized")

    @asynccontextmanager
    async def ending(self, session: UUID) -> AsyncIterator[None]:
        """End the session's conversation, if it goes on. Inside the context its socket has left, or
        only lingers, and no other one gets in."""
        ending = self._ending.setdefault(session, _Ending())
        ending.by += 1
        try:
            seat = self._seats.get(session)
            if seat and not seat.over:
                seat.dismiss("finalized")
                await seat.left()
            self.capacity.give_back(session)
            lease = await self._leases.end(session)
            if ending.lease is None or ending.lease.epoch < lease.epoch:
                ending.lease = lease
            yield
        finally:
            ending.by -= 1
            if not ending.by:
                del self._ending[session]
            self._left.set()
            if not ending.by and ending.lease is not None:
                await self._release(ending.lease)

    async def drain(self, seconds: float) -> None:
        """Admit no more sessions, hand them over where another process has room for them, and wait
        until all conversations have ended and are finalized, for `seconds` at most. Cancel this
        call to stop waiting."""
        self.capacity.closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as tasks:
                handing_over = None
                if await self._others_take_over():
                    handing_over = tasks.create_task(self._hand_over(), name="hand over")
                if self._seats:
                    await self._all_left()
                    await asyncio.sleep(FINALIZING_SECONDS if self.capacity.used else 0)
                await self._all_left()
                if handing_over:
                    handing_over.cancel()

    async def _others_take_over(self) -> bool:
        """Announce that this process stops; return whether others may take its sessions over."""
        try:
            return await self._leases.drain()
        except ServiceError as exc:
            logger.warning("others do not know yet that this process stops: %s", exc.code)
            return True

    # docs/decisions/055-replicas-share-postgres.md: a rollout need not wait for interviews
    async def _hand_over(self) -> None:
        """Tell sockets to go at the end of a turn, as many as other processes have room for."""
        handed: dict[UUID, Seat] = {}
        while True:
            room = 0
            with suppress(ServiceError):  # asked again in a moment
                room = await self._leases.room_elsewhere()
            room -= len(handed.keys() & set(self.capacity.sessions()))  # they are on their way
            for session, seat in self._seats.items():
                if room > 0 and session not in handed and not seat.over:
                    handed[session] = seat
                    seat.hand_over()
                    room -= 1
            await asyncio.sleep(ROOM_SECONDS)

    async def _all_left(self) -> None:
        while self._seats or self._ending:
            self._left.clear()
            await self._left.wait()

    async def close(self) -> None:
        """Admit no more sessions, dismiss every socket and wait until all have left, for
        `LEAVING_SECONDS` at most."""
        self.capacity.closed = True
        async with asyncio.TaskGroup() as tasks:
            for seat in self._seats.values():
                seat.dismiss("shutdown")
                tasks.create_task(seat.left(), name="seat left")


def _being_finished() -> InterviewOver:
    return InterviewOver("This interview is just being finished.")


ADMISSION = web.AppKey("ADMISSION", Admission)
