import asyncio
from uuid import UUID, uuid4

import pytest

from service.admission import LEAVING_SECONDS, PROMISE_SECONDS, Admission, Dismissal
from service.errors import Full, InterviewOver, ShuttingDown
from tests.virtual_time import run

A, B, C = (uuid4() for _ in range(3))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def sit(admission: Admission, session: UUID, seated: asyncio.Event) -> Dismissal:
    """A socket that leaves when it is told to."""
    async with admission.seat(session) as seat:
        seated.set()
        return await seat.dismissed()


def test_a_promised_place_is_taken_until_the_promise_lapses() -> None:
    clock = Clock()
    admission = Admission(1, 120, clock=clock)
    admission.promise(A)
    with pytest.raises(Full):
        admission.promise(B)
    clock.now = PROMISE_SECONDS
    admission.promise(B)


def test_asking_again_for_a_promised_place_is_no_second_place() -> None:
    admission = Admission(2, 120)
    for _ in range(5):
        admission.promise(A)
    assert admission.free == 1


async def test_a_broken_connection_keeps_its_place_for_the_grace_period() -> None:
    clock = Clock()
    admission = Admission(1, 120, clock=clock)
    async with admission.seat(A):
        clock.now = 1000.0
        assert admission.live == (A,)
    assert admission.live == ()
    clock.now += 119
    with pytest.raises(Full):
        admission.promise(B)
    async with admission.seat(A):
        pass
    clock.now += 120
    admission.promise(B)


async def test_beyond_the_last_place_nobody_is_seated() -> None:
    admission = Admission(2, 0)
    async with admission.seat(A), admission.seat(B):
        with pytest.raises(Full):
            async with admission.seat(C):
                pass
    assert admission.free == 2


async def test_the_newer_socket_wins_and_begins_when_the_older_has_left() -> None:
    admission = Admission(1, 120)
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        older = tasks.create_task(sit(admission, A, seated))
        await seated.wait()
        async with admission.seat(A):
            assert older.done()
            assert older.result() == "replaced"
            assert admission.live == (A,)
        assert admission.live == ()


async def test_of_many_sockets_at_once_the_last_one_stays() -> None:
    admission = Admission(1, 120)
    events = [asyncio.Event() for _ in range(5)]
    async with asyncio.TaskGroup() as tasks:
        sockets = [tasks.create_task(sit(admission, A, event)) for event in events]
        await events[-1].wait()
        async with asyncio.timeout(60):
            await asyncio.wait(sockets[:-1])
        assert not sockets[-1].done()
        await admission.close()
    assert [socket.result() for socket in sockets] == ["replaced"] * 4 + ["shutdown"]


async def test_ending_dismisses_the_socket_and_lets_none_follow() -> None:
    admission = Admission(1, 120)
    seated = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        socket = tasks.create_task(sit(admission, A, seated))
        await seated.wait()
        async with admission.ending(A):
            assert socket.result() == "finalized"
            with pytest.raises(InterviewOver):
                admission.promise(A)
            admission.promise(B)


async def test_of_two_that_end_a_session_the_first_to_be_done_lets_nobody_in() -> None:
    admission = Admission(1, 120)
    async with admission.ending(A):
        async with admission.ending(A):
            pass
        assert admission.expects(A)
        with pytest.raises(InterviewOver):
            admission.promise(A)
    admission.promise(A)


async def test_a_finalized_interview_keeps_no_place_though_its_socket_leaves_later() -> None:
    admission = Admission(1, 120)
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
    assert admission.free == 1


async def test_places_given_and_refused_are_counted() -> None:
    admission = Admission(1, 120)
    for _ in range(3):
        admission.promise(A)
    with pytest.raises(Full):
        admission.promise(B)
    await admission.close()
    with pytest.raises(ShuttingDown):
        admission.promise(A)
    counts = admission.counts
    assert (counts.admitted, counts.full, counts.stopping) == (1, 1, 1)


async def test_nobody_is_admitted_once_it_is_closed() -> None:
    admission = Admission(5, 120)
    await admission.close()
    assert admission.free == 0
    with pytest.raises(Full, match="shutting down"):
        admission.promise(A)


def test_sockets_that_do_not_leave_are_waited_for_together() -> None:
    async def closing() -> float:
        admission = Admission(5, 120)
        async with admission.seat(A), admission.seat(B), admission.seat(C):
            await admission.close()
            return asyncio.get_running_loop().time()

    assert run(closing()) == LEAVING_SECONDS


async def test_the_place_of_a_conversation_that_has_ended_is_free_though_its_socket_stays() -> None:
    admission = Admission(1, grace=120)
    first, second = uuid4(), uuid4()
    async with admission.seat(first) as seat:
        admission.over(first, seat)
        assert admission.free == 1
        assert admission.live == ()
        assert await seat.left()
        async with admission.ending(first):  # it lingers all the while
            with pytest.raises(InterviewOver):
                admission.promise(first)
        admission.promise(second)
        admission.dismiss(first)
        assert await seat.dismissed() == "finalized"
    assert admission.used == 1
    assert not admission.expects(first)


async def test_a_socket_that_was_replaced_ends_nothing() -> None:
    admission = Admission(1, grace=120)
    session = uuid4()
    async with admission.seat(session) as older:
        older.leave()
        async with admission.seat(session):
            admission.over(session, older)
            assert admission.live == (session,)
            assert admission.free == 0


def test_a_place_is_free_again_when_what_it_was_promised_for_could_not_be_made() -> None:
    admission = Admission(1, 120)
    for _ in range(3):
        with pytest.raises(OSError, match="away"), admission.promised(uuid4()):
            raise OSError("away")
    assert admission.free == 1
    with admission.promised(uuid4()):
        pass
    assert admission.free == 0
    with pytest.raises(Full), admission.promised(uuid4()):
        pass
