from uuid import uuid4

from service.cluster import holds
from service.cluster.census import FRESH_SECONDS, Census, Count
from service.storage.database import Database

from .rows import hold, replica


async def test_what_living_replicas_hold_is_counted(shared: Database) -> None:
    one, other = await replica(shared, slots=4, name="one"), await replica(shared, slots=2)
    stopping, dead = await replica(shared, draining=True), await replica(shared, seen_ago=9)
    held = uuid4()
    await hold(shared, held, one, "held")
    await hold(shared, uuid4(), one, "grace", 60)
    await hold(shared, uuid4(), one, "promised", -1)
    await hold(shared, uuid4(), one, "ending")
    for _ in range(3):  # one more than it has places for, by promises
        await hold(shared, uuid4(), other, "promised", 60)
    await hold(shared, uuid4(), dead, "held")
    await hold(shared, uuid4(), stopping, "grace", 60)
    census = Census(shared)
    assert await census.count() == Count(replicas=3, slots=10, used=6, held=1, free=2)
    assert await census.held() == {held: "one"}


async def test_a_common_cap_leaves_fewer_places_free(shared: Database) -> None:
    one = await replica(shared, slots=4)
    await hold(shared, uuid4(), one, "held")
    for cap, free in ((2, 1), (1, 0), (9, 3), (None, 3)):
        async with shared.write() as db:
            await holds.set_cap(db, cap)
        count = await Census(shared).count()
        assert count
        assert (count.slots, count.free) == (4, free)


async def test_a_count_is_reused_for_a_while(shared: Database) -> None:
    now = [0.0]
    census = Census(shared, clock=lambda: now[0])
    assert await census.count() == Count()
    await replica(shared)
    assert await census.count() == census.last == Count()
    now[0] += FRESH_SECONDS
    assert await census.count() == Count(replicas=1, slots=4, free=4)
