"""A cap that all replicas share is never exceeded, and nobody who is inside loses the place."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import pytest

from service.admission.seat import Seat
from service.cluster import holds
from service.cluster.census import Census
from service.errors import NoCapacity
from service.storage.database import Database

from .competing import Replica, replica

CAP = 5


@pytest.fixture
async def three(shared: Database, shared_url: str) -> AsyncIterator[list[Replica]]:
    await capped(shared, CAP)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(replica(shared_url, slots=4)) for _ in range(3)]


async def capped(database: Database, sessions: int | None) -> None:
    async with database.write() as db:
        await holds.set_cap(db, sessions)


async def admitted(at: Replica, session: UUID, *, promised: bool) -> bool:
    try:
        if promised:
            await at.leases.promise(session, 60)
        else:
            await at.leases.hold(session, Seat())
    except NoCapacity:
        return False
    return True


async def test_of_many_who_come_at_once_as_many_get_in_as_the_cap_says(
    shared: Database, three: list[Replica]
) -> None:
    for _ in range(3):
        asked = [
            admitted(three[number % 3], uuid4(), promised=number % 2 == 0) for number in range(12)
        ]
        inside = await asyncio.gather(*asked)
        count = await Census(shared).count()
        assert count
        assert count.used == CAP
        assert count.free == 0
        assert sum(inside) in (CAP, 0)  # later on nobody gets in any more


async def test_who_has_a_place_keeps_it_also_at_another_replica_and_under_a_lower_cap(
    shared: Database, three: list[Replica]
) -> None:
    sessions = [uuid4() for _ in range(CAP)]
    for session in sessions:
        assert await admitted(three[0], session, promised=True)
    await capped(shared, 1)
    assert await admitted(three[1], sessions[0], promised=False)
    assert await admitted(three[2], sessions[1], promised=True)
    assert not await admitted(three[2], uuid4(), promised=False)


async def test_an_invitation_says_that_the_cap_is_reached_to_whom_it_keeps_out(
    shared: Database, three: list[Replica]
) -> None:
    inside = [uuid4() for _ in range(CAP)]
    for session in inside:
        assert await three[2].admission.refusal(session) is None
        assert await admitted(three[0 if session in inside[:4] else 1], session, promised=True)
    assert isinstance(await three[2].admission.refusal(uuid4()), NoCapacity)
    assert await three[2].admission.refusal(inside[0]) is None
    await capped(shared, None)
    assert await three[2].admission.refusal(uuid4()) is None


async def test_without_a_cap_every_replica_fills_its_own_places(
    shared: Database, three: list[Replica]
) -> None:
    await capped(shared, None)
    asked = [admitted(three[number % 3], uuid4(), promised=False) for number in range(15)]
    assert sum(await asyncio.gather(*asked)) == 12
