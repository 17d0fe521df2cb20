"""What holds for leases wherever they are kept, and what admission makes of those of others."""

import asyncio
from uuid import UUID, uuid4

import pytest

from service.admission.admission import Admission
from service.admission.leases import InMemoryLeases, Lease, LeaseLost, Leases, LeaseState, Opening
from service.admission.seat import Dismissal, Seat
from service.errors import DatabaseUnavailable, InterviewOver, NoCapacity
from tests.service.admission.cluster_leases import ClusterLeases, Table
from tests.virtual_time import run

A, B, C = (uuid4() for _ in range(3))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[InMemoryLeases, ClusterLeases])
def leases(request: pytest.FixtureRequest, clock: Clock) -> Leases:
    kept: Leases = request.param(clock=clock)
    return kept


STAYS = Seat()
"""The seat of a socket that does not go."""


async def state(leases: Leases, session: UUID = A) -> LeaseState | None:
    lease = await leases.find(session)
    return lease.state if lease else None


async def test_a_lease_goes_from_promised_to_held_to_grace_and_is_gone(leases, clock):
    await leases.promise(A, 30)
    assert await state(leases) is LeaseState.PROMISED
    held = await leases.hold(A, STAYS)
    clock.now = 1000.0
    assert await state(leases) is LeaseState.HELD
    await leases.release(held, grace=120)
    clock.now += 119
    assert await state(leases) is LeaseState.GRACE
    clock.now += 1
    assert await state(leases) is None


async def test_a_promise_lapses_and_a_longer_one_is_not_shortened(leases, clock):
    await leases.promise(A, 30)
    await leases.promise(A, 10)
    clock.now = 29
    assert await state(leases) is LeaseState.PROMISED
    clock.now = 30
    assert await state(leases) is None


async def test_who_takes_a_session_over_has_a_larger_epoch_and_the_older_one_is_refused(leases):
    first = await leases.hold(A, STAYS)
    second = await leases.hold(A, STAYS)
    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        await leases.release(first)
    assert await state(leases) is LeaseState.HELD
    await leases.release(second)
    assert await state(leases) is None


async def test_an_epoch_is_not_used_again_after_its_lease_is_gone(leases):
    first = await leases.hold(A, STAYS)
    await leases.release(first)
    second = await leases.hold(A, STAYS)
    assert second.epoch > first.epoch
    with pytest.raises(LeaseLost):
        await leases.release(first)


async def test_while_a_session_is_being_ended_nobody_is_promised_it_or_holds_it(leases):
    held = await leases.hold(A, STAYS)
    ending = await leases.end(A)
    with pytest.raises(InterviewOver):
        await leases.promise(A, 30)
    with pytest.raises(InterviewOver):
        await leases.hold(A, STAYS)
    with pytest.raises(LeaseLost):
        await leases.release(held, grace=120)
    await leases.keep(A, 1)
    assert await state(leases) is LeaseState.ENDING
    await leases.release(ending)
    await leases.hold(A, STAYS)


async def test_what_a_restart_keeps_is_in_grace_and_what_somebody_holds_stays_theirs(leases, clock):
    await leases.hold(A, STAYS)
    await leases.keep(A, 120)
    await leases.keep(B, 120)
    assert await state(leases, A) is LeaseState.HELD
    assert await state(leases, B) is LeaseState.GRACE
    clock.now = 120
    assert await state(leases, B) is None


async def sit(admission: Admission, session: UUID, seated: asyncio.Event) -> Dismissal:
    async with admission.seat(session) as seat:
        seated.set()
        return await seat.dismissed()


def two_processes() -> tuple[Table, Admission, Admission]:
    table = Table()
    return (
        table,
        Admission(1, 120, leases=ClusterLeases(table)),
        Admission(1, 120, leases=ClusterLeases(table)),
    )


async def test_a_client_that_connects_to_another_process_takes_its_session_there():
    table, here, there = two_processes()
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(here, A, seated))
        await seated.wait()
        async with there.seat(A):
            assert await socket == "replaced"
            assert (here.live, there.live) == ((), (A,))
            assert await here.expects(A)
    assert not table.refused


def test_a_process_that_hangs_loses_the_session_and_its_slot_and_lets_nothing_go():
    async def main() -> None:
        table, here, there = two_processes()
        hung, seated = asyncio.Event(), asyncio.Event()

        async def hang() -> None:
            async with here.seat(A):
                seated.set()
                await hung.wait()

        async with asyncio.TaskGroup() as tasks:
            hanging = tasks.create_task(hang())
            await seated.wait()
            async with there.seat(A):
                hung.set()
                await hanging
                assert [lease.state for lease in table.refused] == [LeaseState.HELD]
                assert here.capacity.free == 1
                assert await here.expects(A)

    run(main())


async def test_a_session_that_another_process_ends_is_left_and_not_let_in_again():
    _, here, there = two_processes()
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(here, A, seated))
        await seated.wait()
        async with there.ending(A):
            assert await socket == "finalized"
            assert isinstance(await here.refusal(A), InterviewOver)
            with pytest.raises(InterviewOver):
                async with here.seat(A):
                    pass
            assert here.capacity.free == 1
    assert await here.refusal(A) is None
    assert not await here.expects(A)


async def test_slow_leases_give_no_slot_to_two_that_ask_at_once():
    admission = Admission(9, 120, leases=ClusterLeases())
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(_promised(admission, uuid4())) for _ in range(14)]
    assert sum(task.result() for task in asked) == 9
    assert admission.capacity.free == 0


async def _promised(admission: Admission, session: UUID) -> bool:
    try:
        await admission.promise(session)
    except NoCapacity:
        return False
    return True


class EndedMeanwhile(InMemoryLeases):
    """Another process ends each session between its promise and its first socket."""

    async def hold(self, session: UUID, seat: Seat, opening: Opening | None = None) -> Lease:
        raise InterviewOver("This interview is just being finished.")


async def test_a_socket_that_comes_when_its_session_is_being_ended_elsewhere_keeps_no_slot():
    admission = Admission(1, 120, leases=EndedMeanwhile())
    with pytest.raises(InterviewOver):
        async with admission.seat(A):
            pass
    assert admission.capacity.free == 1


class Away(InMemoryLeases):
    """Leases in a database that stops answering."""

    away = False

    async def promise(self, session: UUID, seconds: float) -> Lease:
        if self.away:
            raise DatabaseUnavailable("The database does not answer.")
        return await super().promise(session, seconds)

    async def release(self, lease: Lease, grace: float = 0.0) -> None:
        if self.away:
            raise DatabaseUnavailable("The database does not answer.")
        await super().release(lease, grace)


async def test_without_its_leases_a_process_admits_nobody_and_lets_everybody_leave():
    leases = Away()
    admission = Admission(2, 120, leases=leases)
    async with admission.seat(A) as seat:
        leases.away = True
        with pytest.raises(DatabaseUnavailable):
            await admission.promise(B)
        assert admission.capacity.free == 1
        admission.over(A, seat)
    assert admission.live == ()
    assert admission.capacity.free == 2
