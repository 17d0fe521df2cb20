"""Leases in a real Postgres: what holds for all leases, and who wins where replicas compete."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from pipeline.errors import RecordTaken
from pipeline.journal import ClauseSaid, Connected, Disconnected
from service.admission.leases import LeaseLost, LeaseState
from service.admission.seat import Dismissal, Seat
from service.errors import ClientLeft, InterviewOver, NoCapacity
from service.storage.database import Database
from tests.waiting import until

from .competing import Replica, Resuming, dies, journal, planned, replica

A, B, C = (uuid4() for _ in range(3))


@pytest.fixture
async def here(shared_url: str) -> AsyncIterator[Replica]:
    async with replica(shared_url) as made:
        yield made


@pytest.fixture
async def there(shared_url: str) -> AsyncIterator[Replica]:
    async with replica(shared_url) as made:
        yield made


async def state(of: Replica, session: UUID = A) -> LeaseState | None:
    lease = await of.leases.find(session)
    return lease.state if lease else None


async def lapse(database: Database) -> None:
    """Let the time of all promises and grace periods pass."""
    async with database.write() as db:
        await db.execute(text("UPDATE session_holds SET until = clock_timestamp()"))


async def sit(of: Replica, session: UUID, seated: asyncio.Event) -> Dismissal:
    """A socket that leaves when it is told to."""
    async with of.admission.seat(session) as seat:
        seated.set()
        return await seat.dismissed()


class Gone(Resuming):
    """The opening for a client that has waited for too long, and has connected elsewhere."""

    def require_client(self) -> None:
        raise ClientLeft


async def test_a_client_that_gave_up_waiting_takes_its_session_from_nobody(
    shared: Database, here: Replica, there: Replica
) -> None:
    await planned(shared, A)
    async with asyncio.TaskGroup() as tasks:
        seated = asyncio.Event()
        newer = tasks.create_task(sit(there, A, seated))
        await seated.wait()
        for late in here, there:
            with pytest.raises(ClientLeft):
                async with late.admission.seat(A, Gone(late, A)):
                    pass
        with pytest.raises(ClientLeft):
            await here.leases.hold(A, Seat(), Gone(here, A))
        assert await state(there) is LeaseState.HELD
        assert not newer.done()
        newer.cancel()


async def test_a_lease_goes_from_promised_to_held_to_grace_and_is_gone(
    shared: Database, here: Replica
) -> None:
    await here.leases.promise(A, 30)
    assert await state(here) is LeaseState.PROMISED
    held = await here.leases.hold(A, Seat())
    assert await state(here) is LeaseState.HELD
    await here.leases.release(held, grace=120)
    assert await state(here) is LeaseState.GRACE
    await lapse(shared)
    assert await state(here) is None


async def test_epochs_grow_and_an_older_one_releases_nothing(here: Replica) -> None:
    first = await here.leases.hold(A, Seat())
    second = await here.leases.hold(A, Seat())
    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        await here.leases.release(first)
    await here.leases.release(second)
    assert await state(here) is None
    third = await here.leases.hold(A, Seat())
    assert third.epoch > second.epoch
    with pytest.raises(LeaseLost):
        await here.leases.release(second)


async def test_while_a_session_is_being_ended_nobody_is_promised_it_or_holds_it(
    here: Replica, there: Replica
) -> None:
    ending = await here.leases.end(A)
    for other in here, there:
        with pytest.raises(InterviewOver):
            await other.leases.promise(A, 30)
        with pytest.raises(InterviewOver):
            await other.leases.hold(A, Seat())
    await here.leases.release(ending)
    await there.leases.hold(A, Seat())


async def test_a_newer_tab_at_another_replica_wins_and_the_older_one_is_told_why(
    here: Replica, there: Replica
) -> None:
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(here, A, seated))
        await seated.wait()
        async with there.admission.seat(A):
            assert await socket == "replaced"
            assert (here.admission.live, there.admission.live) == ((), (A,))
            await until(lambda: here.admission.capacity.free == 9)
            assert await here.admission.expects(A)


async def test_the_slot_that_was_kept_for_a_client_is_free_when_it_comes_to_another_replica(
    here: Replica, there: Replica
) -> None:
    async with here.admission.seat(A):
        pass
    assert here.admission.capacity.free == 8
    async with there.admission.seat(A):
        await until(lambda: here.admission.capacity.free == 9)
        assert there.admission.capacity.free == 8


async def test_a_hung_owner_loses_the_session_after_a_second_and_writes_no_more(
    shared: Database, here: Replica, there: Replica
) -> None:
    await planned(shared, A)
    older, newer = Resuming(here, A), Resuming(there, A)
    stuck = Seat()  # it is told to go, and does not
    lease = await here.leases.hold(A, stuck, older)
    await older.say("one")
    await there.leases.hold(A, Seat(), newer)
    with pytest.raises(RecordTaken):
        await older.say("late")
    await newer.say("two")
    with pytest.raises(LeaseLost):
        await here.leases.release(lease, grace=120)
    entries = await journal(shared, A)
    assert [type(entry) for entry in entries] == [Connected, ClauseSaid, Connected, ClauseSaid]


async def test_the_session_of_a_dead_replica_is_taken(
    shared: Database, here: Replica, shared_url: str
) -> None:
    async with replica(shared_url, beat=3600) as dead:
        await dead.leases.hold(A, Seat())
        await dies(shared, dead)
        lease = await here.leases.hold(A, Seat())
        assert lease.here
        assert await state(here) is LeaseState.HELD


async def test_the_session_of_a_replica_that_died_just_now_is_taken(
    here: Replica, shared_url: str
) -> None:
    async with replica(shared_url) as killed:
        await killed.leases.hold(A, Seat())
        held = await here.leases.find(A)
    # Its last heartbeat says that it was about to leave; a killed one leaves a fresh one.
    async with here.database.write() as db:
        await db.execute(text("UPDATE replicas SET seen_at = clock_timestamp()"))
    assert held
    assert await state(here) is LeaseState.HELD
    assert (await here.leases.hold(A, Seat())).here


async def test_the_client_of_a_dead_replica_has_the_grace_period_from_its_last_heartbeat(
    shared: Database, here: Replica, shared_url: str
) -> None:
    async with replica(shared_url, beat=3600) as dead:
        await dead.leases.hold(A, Seat())
        await dies(shared, dead, ago=20)
        assert await state(here) is LeaseState.GRACE
        await here.leases.promise(A, 30)
        assert await state(here) is LeaseState.GRACE
        await dead.leases.hold(B, Seat())
        await dies(shared, dead, ago=8 + 120)
        assert await state(here, B) is None


async def test_no_replica_admits_more_than_its_slots_however_many_come_at_once(
    shared: Database, shared_url: str
) -> None:
    async with (
        replica(shared_url, 3) as one,
        replica(shared_url, 3) as two,
        replica(shared_url, 3) as three,
    ):
        replicas = [one, two, three]

        async def come(n: int) -> Replica | None:
            for of in replicas[n % 3 :] + replicas[: n % 3]:  # as a load balancer retries
                with suppress(NoCapacity):
                    await of.leases.hold(uuid4(), Seat())
                    return of
            return None

        async with asyncio.TaskGroup() as tasks:
            came = [tasks.create_task(come(n)) for n in range(14)]
    seated = [task.result() for task in came]
    assert [seated.count(of) for of in replicas] == [3, 3, 3]
    assert seated.count(None) == 5


async def test_start_calls_at_a_full_replica_reserve_where_there_is_room(shared_url: str) -> None:
    async with replica(shared_url, 2) as full, replica(shared_url, 3) as empty:
        for _ in range(2):
            await full.admission.promise(uuid4())
        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(_promised(full)) for _ in range(6)]
        assert sum(task.result() for task in asked) == 3
        assert isinstance(await full.admission.refusal(uuid4()), NoCapacity)
        with pytest.raises(NoCapacity):
            async with empty.admission.seat(uuid4()):
                pass
        assert empty.admission.capacity.free == 3
        assert isinstance(await empty.admission.refusal(uuid4()), type(None))


async def _promised(of: Replica) -> bool:
    try:
        await of.admission.promise(uuid4())
    except NoCapacity:
        return False
    return True


async def test_a_client_may_come_elsewhere_than_its_place_was_promised(shared_url: str) -> None:
    async with replica(shared_url, 1) as here, replica(shared_url, 1) as there:
        await here.admission.promise(A)
        async with there.admission.seat(A):
            await until(lambda: here.admission.capacity.free == 1)
            async with here.admission.seat(B):
                assert there.admission.capacity.free == 0


async def test_of_two_that_claim_a_new_session_at_once_the_later_one_has_it(
    shared: Database, here: Replica, there: Replica
) -> None:
    for _ in range(10):
        await compete(shared, here, there, uuid4())


async def compete(shared: Database, here: Replica, there: Replica, session: UUID) -> None:
    await planned(shared, session)
    openings = [Resuming(of, session) for of in (here, there)]
    seats = [Seat(), Seat()]
    async with asyncio.TaskGroup() as tasks:
        for of, seat, opening in zip((here, there), seats, openings, strict=True):
            tasks.create_task(of.leases.hold(session, seat, opening))
            tasks.create_task(_obey(seat))
        await until(lambda: all(opening.record for opening in openings))
        for seat in seats:
            seat.dismiss("shutdown")
    wrote = 0
    for opening in openings:
        with suppress(RecordTaken):
            await opening.say("mine")
            wrote += 1
    assert wrote == 1
    await journal(shared, session)


async def _obey(seat: Seat) -> None:
    await seat.dismissed()
    seat.leave()


async def test_a_claim_and_an_owner_that_writes_all_the_time_leave_no_gap(
    shared: Database, here: Replica, there: Replica
) -> None:
    await planned(shared, A)
    older, newer = Resuming(here, A), Resuming(there, A)
    await here.leases.hold(A, Seat(), older)
    acknowledged = 0

    async def write() -> None:
        nonlocal acknowledged
        with suppress(RecordTaken):
            while True:
                await older.say(str(acknowledged))
                acknowledged += 1

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        await until(lambda: acknowledged > 20)
        await there.leases.hold(A, Seat(), newer)
    said = [entry.text for entry in await journal(shared, A) if isinstance(entry, ClauseSaid)]
    assert said == [str(n) for n in range(acknowledged)]


async def test_a_session_that_is_ended_elsewhere_is_left_first(
    here: Replica, there: Replica
) -> None:
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(here, A, seated))
        await seated.wait()
        async with there.admission.ending(A):
            assert await socket == "finalized"
            assert isinstance(await here.admission.refusal(A), InterviewOver)
    assert not await here.admission.expects(A)
    assert await here.admission.refusal(A) is None


async def test_who_ends_a_session_waits_for_another_one_that_does(
    here: Replica, there: Replica
) -> None:
    order: list[str] = []

    async def end(of: Replica, name: str, ready: asyncio.Event) -> None:
        async with of.admission.ending(A):
            order.append(f"{name} begins")
            ready.set()
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    first = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(end(here, "first", first))
        await first.wait()
        tasks.create_task(end(there, "second", asyncio.Event()))
    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_the_journal_of_a_session_that_a_dead_replica_had_is_closed_before_it_is_ended(
    shared: Database, here: Replica, shared_url: str
) -> None:
    await planned(shared, A)
    async with replica(shared_url, beat=3600) as hung:
        older = Resuming(hung, A)
        await hung.leases.hold(A, Seat(), older)
        await dies(shared, hung)
        await here.leases.end(A)
        with pytest.raises(RecordTaken):
            await older.say("late")
    assert [type(entry) for entry in await journal(shared, A)] == [Connected, Disconnected]


async def test_after_an_outage_a_replica_gives_up_what_others_have_and_frees_what_it_left(
    shared: Database, here: Replica
) -> None:
    gone, left = Seat(), uuid4()
    await here.leases.hold(A, gone)
    forgotten = await here.leases.hold(left, Seat())
    async with shared.write() as db:
        await db.execute(text("DELETE FROM session_holds WHERE session_id = :a"), {"a": A})
    here.leases._letting_go.seats.pop(left)  # as if its release had failed
    await here.leases._letting_go.compare(here.database)
    assert await gone.dismissed() == "replaced"
    found = await here.leases.find(left)
    assert found
    assert found.state is LeaseState.GRACE
    assert found.epoch == forgotten.epoch


async def test_what_a_whole_cluster_left_is_kept_and_has_a_place_where_its_client_comes(
    here: Replica, shared_url: str
) -> None:
    kept = await here.leases.keep(A, 120)
    assert (kept.state, kept.here) == (LeaseState.GRACE, False)
    async with replica(shared_url, 1) as small:
        await small.leases.hold(B, Seat())
        with pytest.raises(NoCapacity):
            await small.leases.hold(A, Seat())
    assert (await here.leases.hold(A, Seat())).here
