import asyncio
from uuid import UUID, uuid4

import pytest

from service.admission.admission import PROMISE_SECONDS, Admission
from service.admission.leases import InMemoryLeases
from service.admission.seat import LEAVING_SECONDS, Dismissal
from service.errors import InterviewOver, NoCapacity, ShuttingDown
from tests.service.admission.cluster_leases import ClusterLeases
from tests.virtual_time import run

A, B, C = (uuid4() for _ in range(3))
Kind = type[InMemoryLeases] | type[ClusterLeases]


@pytest.fixture(params=[InMemoryLeases, ClusterLeases])
def leases(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def sit(admission: Admission, session: UUID, seated: asyncio.Event) -> Dismissal:
    """A socket that leaves when it is told to."""
    async with admission.seat(session) as seat:
        seated.set()
        return await seat.dismissed()


async def test_a_promised_place_is_taken_until_the_promise_lapses(leases: Kind) -> None:
    clock = Clock()
    admission = Admission(1, 120, leases=leases(clock=clock), clock=clock)
    await admission.promise(A)
    with pytest.raises(NoCapacity):
        await admission.promise(B)
    clock.now = PROMISE_SECONDS
    await admission.promise(B)


async def test_asking_again_for_a_promised_place_is_no_second_place(leases: Kind) -> None:
    admission = Admission(2, 120, leases=leases())
    for _ in range(5):
        await admission.promise(A)
    assert admission.capacity.free == 1


async def test_a_broken_connection_keeps_its_place_for_the_grace_period(leases: Kind) -> None:
    clock = Clock()
    admission = Admission(1, 120, leases=leases(clock=clock), clock=clock)
    async with admission.seat(A):
        clock.now = 1000.0
        assert admission.live == (A,)
    assert admission.live == ()
    clock.now += 119
    with pytest.raises(NoCapacity):
        await admission.promise(B)
    async with admission.seat(A):
        pass
    clock.now += 120
    await admission.promise(B)


async def test_beyond_the_last_place_nobody_is_seated(leases: Kind) -> None:
    admission = Admission(2, 0, leases=leases())
    async with admission.seat(A), admission.seat(B):
        with pytest.raises(NoCapacity):
            async with admission.seat(C):
                pass
    assert admission.capacity.free == 2


async def test_the_newer_socket_wins_and_begins_when_the_older_has_left(leases: Kind) -> None:
    admission = Admission(1, 120, leases=leases())
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        older = tasks.create_task(sit(admission, A, seated))
        await seated.wait()
        async with admission.seat(A):
            assert older.done()
            assert older.result() == "replaced"
            assert admission.live == (A,)
        assert admission.live == ()


async def test_of_many_sockets_at_once_the_last_one_stays(leases: Kind) -> None:
    admission = Admission(1, 120, leases=leases())
    events = [asyncio.Event() for _ in range(5)]
    async with asyncio.TaskGroup() as tasks:
        sockets = [tasks.create_task(sit(admission, A, event)) for event in events]
        await events[-1].wait()
        async with asyncio.timeout(60):
            await asyncio.wait(sockets[:-1])
        assert not sockets[-1].done()
        await admission.close()
    assert [socket.result() for socket in sockets] == ["replaced"] * 4 + ["shutdown"]


async def test_ending_dismisses_the_socket_and_lets_none_follow(leases: Kind) -> None:
    admission = Admission(1, 120, leases=leases())
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(admission, A, seated))
        await seated.wait()
        async with admission.ending(A):
            assert socket.result() == "finalized"
            with pytest.raises(InterviewOver):
                await admission.promise(A)
            await admission.promise(B)


async def test_of_two_that_end_a_session_the_first_to_be_done_lets_nobody_in(leases: Kind) -> None:
    admission = Admission(1, 120, leases=leases())
    async with admission.ending(A):
        async with admission.ending(A):
            pass
        assert await admission.expects(A)
        with pytest.raises(InterviewOver):
            await admission.promise(A)
    await admission.promise(A)


async def test_a_finalized_interview_keeps_no_place_though_its_socket_leaves_later(
    leases: Kind,
) -> None:
    admission = Admission(1, 120, leases=leases())
    async with asyncio.TaskGroup() as tasks:
        seated, gone = asyncio.Event(), asyncio.Event()

        async def sit_long() -> None:
            async with admission.seat(A) as seat:
                seated.set()
                await seat.dismissed()
                seat.leave()  # its record is closed, its socket is not
                await gone.wait()

        tasks.create_task(sit_long())
        await seated.wait()
        async with admission.ending(A):
            pass
        gone.set()
    assert admission.capacity.free == 1


async def test_places_given_and_refused_are_counted(leases: Kind) -> None:
    admission = Admission(1, 120, leases=leases())
    for _ in range(3):
        await admission.promise(A)
    with pytest.raises(NoCapacity):
        await admission.promise(B)
    await admission.close()
    with pytest.raises(ShuttingDown):
        await admission.promise(A)
    counts = admission.capacity.counts
    assert (counts.admitted, counts.full, counts.stopping) == (1, 1, 1)


async def test_nobody_is_admitted_once_it_is_closed(leases: Kind) -> None:
    admission = Admission(5, 120, leases=leases())
    await admission.close()
    assert admission.capacity.free == 0
    with pytest.raises(NoCapacity, match="shutting down"):
        await admission.promise(A)


def test_sockets_that_do_not_leave_are_waited_for_together(leases: Kind) -> None:
    async def closing() -> float:
        admission = Admission(5, 120, leases=leases())
        async with admission.seat(A), admission.seat(B), admission.seat(C):
            await admission.close()
            return asyncio.get_running_loop().time()

    assert run(closing()) == LEAVING_SECONDS


async def test_the_place_of_a_conversation_that_has_ended_is_free_though_its_socket_stays(
    leases: Kind,
) -> None:
    admission = Admission(1, grace=120, leases=leases())
    first, second = uuid4(), uuid4()
    async with admission.seat(first) as seat:
        admission.over(first, seat)
        assert admission.capacity.free == 1
        assert admission.live == ()
        assert not await admission.expects(first)
        assert await seat.left()
        async with admission.ending(first):  # it lingers all the while
            with pytest.raises(InterviewOver):
                await admission.promise(first)
        await admission.promise(second)
        admission.dismiss(first)
        assert await seat.dismissed() == "finalized"
    assert admission.capacity.used == 1
    assert not await admission.expects(first)


async def test_a_socket_that_was_replaced_ends_nothing(leases: Kind) -> None:
    admission = Admission(1, grace=120, leases=leases())
    session = uuid4()
    async with admission.seat(session) as older:
        older.leave()
        async with admission.seat(session):
            admission.over(session, older)
            assert admission.live == (session,)
            assert admission.capacity.free == 0


async def test_a_place_is_free_again_when_what_it_was_promised_for_could_not_be_made(
    leases: Kind,
) -> None:
    admission = Admission(1, 120, leases=leases())
    for _ in range(3):
        with pytest.raises(OSError, match="away"):
            async with admission.promised(uuid4()):
                raise OSError("away")
    assert admission.capacity.free == 1
    async with admission.promised(uuid4()):
        pass
    assert admission.capacity.free == 0
    with pytest.raises(NoCapacity):
        async with admission.promised(uuid4()):
            pass
