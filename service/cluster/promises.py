"""Promises of places: a session is reserved for a client that is expected, here or at another
replica."""

import asyncio
import math
from time import monotonic
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from ..admission.leases import Lease, LeaseState
from ..errors import InterviewOver, NoCapacity
from ..storage.database import Database
from . import holds
from .holds import Hold
from .replica import ALIVE_SECONDS

TRIES = 5
"""The most searches for a place elsewhere."""
SEARCH_SECONDS = 0.05
"""Seconds between two searches for a place while others are being counted."""


class Promises:
    """Promises as one replica makes them. Every method raises `DatabaseUnavailable`."""

    def __init__(self, me: UUID, grace: float) -> None:
        """`me` is this replica's id; a client that comes back is kept a place for `grace`
        seconds."""
        self._me = me
        self._grace = grace

    async def promise(self, database: Database, session: UUID, seconds: float) -> Lease:
        """Reserve a place here, else at another replica. Raises `InterviewOver`, `NoCapacity`."""
        async with database.write() as db:
            left = await holds.left_of_cap(db, session)
            await holds.lock_own(db, self._me)
            before = await holds.look(db, self._me, session, lock=True)
            if kept := await self._extended(db, session, before, seconds):
                return kept
            if (left > 0 or has_place(before)) and await holds.free(db, self._me, session) > 0:
                return await self._promised(db, before, session, self._me, seconds)
        if elsewhere := await self.elsewhere(database, session, seconds):
            return elsewhere
        raise full()

    async def elsewhere(self, database: Database, session: UUID, seconds: float) -> Lease | None:
        """Reserve a place at another replica; return None if there is none. Raises
        `InterviewOver`."""
        for _ in range(TRIES):
            async with database.write() as db:
                left = await holds.left_of_cap(db, session)
                replica = await holds.with_room(db, self._me, session)
                before = await holds.look(db, self._me, session, lock=True)
                if kept := await self._extended(db, session, before, seconds):
                    return kept
                if left <= 0 and not has_place(before):
                    return None
                if replica:
                    return await self._promised(db, before, session, replica, seconds)
                if not await holds.room_elsewhere(db, self._me):
                    return None
            await asyncio.sleep(SEARCH_SECONDS)
        return None

    async def _extended(
        self, db: AsyncSession, session: UUID, before: Hold | None, seconds: float
    ) -> Lease | None:
        """Return the lease of a session that somebody has or keeps, extended if it can lapse; None
        if there is none. Raises `InterviewOver`."""
        if before is None or before.lapsed:
            return None
        if before.seconds is None:
            if not before.owned:
                return None
            if before.state is LeaseState.ENDING:
                raise being_finished()
            return lease_of(session, before, self._me)
        dead = before.seen is None or before.seen >= ALIVE_SECONDS
        if dead:  # or nobody yet has a place for it
            return None
        await holds.extend(db, session, seconds)
        return lease_of(session, before, self._me, at_least=seconds)

    async def _promised(
        self, db: AsyncSession, before: Hold | None, session: UUID, replica: UUID, seconds: float
    ) -> Lease:
        """Promise the session at a replica whose row is locked. A client who was kept a place for
        keeps that time."""
        state = LeaseState.PROMISED
        if before and not before.lapsed:
            state = LeaseState.GRACE
            seconds = max(seconds, self._grace if before.seconds is None else before.seconds)
        epoch = await holds.put(db, before, session, replica, state, seconds)
        here = replica == self._me
        return Lease(session, epoch or 0, state, monotonic() + seconds, here=here)


def lease_of(session: UUID, hold: Hold, me: UUID, at_least: float = 0.0) -> Lease:
    """Return the lease that a hold stands for, as the replica `me` sees it."""
    until = math.inf
    if hold.seconds is not None:
        until = monotonic() + max(hold.seconds, at_least)
    return Lease(session, hold.epoch, hold.state, until, here=hold.replica == me)


def has_place(hold: Hold | None) -> bool:
    """Return whether the session has a place somewhere, which it may keep."""
    return hold is not None and not hold.lapsed and hold.state is not LeaseState.ENDING


def full() -> NoCapacity:
    return NoCapacity("All interview places are taken at the moment; please try again shortly.")


def being_finished() -> InterviewOver:
    return InterviewOver("This interview is just being finished.")
