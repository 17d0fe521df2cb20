"""The service is told to stop: what goes on, what is refused, and when it ends."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from models import fake
from pipeline.journal import CandidateSpoke
from service.admission.admission import ADMISSION, FINALIZING_SECONDS, Admission
from service.finalization.closing import Finalizer
from service.finalization.pending import is_pending
from service.operations.stopping import Stop, drain_interviews
from service.settings import SETTINGS, Settings
from service.storage import store
from service.storage.database import Database, open_database
from tests.virtual_time import run

from ..held import held
from ..live.test_websocket import ANSWER, Client
from ..process import Process

A, B = uuid4(), uuid4()
SOON = 30.0
TURN = "conversation.item.input_audio_transcription.completed"


async def leaves(admission: Admission, session: UUID, after: float) -> None:
    """A conversation that ends after so many seconds, or when it is told to."""
    async with admission.seat(session) as seat, asyncio.TaskGroup() as tasks:
        told = tasks.create_task(seat.dismissed())
        await asyncio.wait((told,), timeout=after)
        told.cancel()


def drain(
    seconds: int, *ends: float, at: Callable[[Admission, Stop], Any] | None = None
) -> tuple[float, int]:
    """When the draining ended, in virtual seconds, and how many were still there. `at` is what
    happens meanwhile."""

    async def main() -> tuple[float, int]:
        admission, stop, loop = Admission(5, 120), Stop(), asyncio.get_running_loop()
        stop.signalled()
        app: Any = {ADMISSION: admission, SETTINGS: Settings(drain_seconds=seconds)}
        async with asyncio.TaskGroup() as tasks:
            for end in ends:
                tasks.create_task(leaves(admission, uuid4(), end))
            await asyncio.sleep(0)
            if at:
                tasks.create_task(at(admission, stop))
            await drain_interviews(app, stop)
            ended, there = loop.time(), len(admission.live)
            assert admission.capacity.closed
            await admission.close()
        return round(ended, 3), there

    return run(main())


def test_a_service_without_interviews_stops_at_once() -> None:
    assert drain(30) == (0, 0)


def test_it_waits_for_the_last_interview_and_until_that_can_be_finalized() -> None:
    assert drain(30, 3.0, 7.0) == (7.0 + FINALIZING_SECONDS, 0)


def test_it_waits_no_longer_than_it_is_told() -> None:
    assert drain(30, 3.0, 500.0) == (30.0, 1)
    assert drain(0, 500.0) == (0.0, 1)


def test_a_second_signal_ends_the_waiting() -> None:
    async def impatient(admission: Admission, stop: Stop) -> None:
        await asyncio.sleep(4)
        stop.signalled()

    assert drain(30, 500.0, at=impatient) == (4.0, 1)


def test_it_waits_for_an_assessment_that_began() -> None:
    async def finalized(admission: Admission, stop: Stop) -> None:
        await asyncio.sleep(2)
        (session,) = admission.live
        async with admission.ending(session):
            await asyncio.sleep(20)

    assert drain(30, 500.0, at=finalized) == (22.0, 0)


async def test_an_assessment_that_is_broken_off_can_be_made_anew(sqlite_url: str) -> None:
    class Slow(fake.ScriptedLlm):
        called = asyncio.Event()

        async def fill(self, *given: Any, **more: Any) -> str:
            self.called.set()
            await asyncio.Event().wait()
            return ""

    async with open_database(sqlite_url) as database, asyncio.TaskGroup() as tasks:
        interview = await held(database)
        finalizer = Finalizer(database, Admission(1, 0), Slow(), tasks)
        asking = tasks.create_task(finalizer.finalize(interview))
        await Slow.called.wait()
        finalizer.break_off()
        await asyncio.wait((asking,))
        assert asking.cancelled()
        async with database.read() as db:
            row = await store.interview(db, interview)
            assert row
            assert row.status == "completed"  # it is over, whatever becomes of its assessment
            assert is_pending(row.ai_analysis)
        again = Finalizer(database, Admission(1, 0), fake.ScriptedLlm(), tasks)
        assert await again.finalize(interview)


# As a process


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path, AUTOCREATE_INTERVIEWS="true")
    yield made
    made.kill()


async def start(service: Process, drain_seconds: int) -> None:
    service.settings["DRAIN_SECONDS"] = str(drain_seconds)
    await service.start_up()


@asynccontextmanager
async def interviewed(service: Process) -> Any:
    """A candidate who is being greeted, and the session."""
    async with aiohttp.ClientSession(service.url) as http:
        session = str(uuid4())
        async with http.post("/start-database-interview", json={"interview_id": session}) as answer:
            assert answer.status == 200
        candidate = Client(await http.ws_connect(f"/ws/interview/{session}", max_msg_size=0))
        await candidate.next("response.audio.delta")
        yield http, candidate, session


async def not_ready(http: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(SOON):
        while True:
            async with http.get("/readyz") as answer:
                if answer.status == 503:
                    assert not (await answer.json())["checks"]["admission"]["ok"]
                    return


async def test_an_interview_goes_on_to_its_end_and_nothing_new_begins(service: Process) -> None:
    await start(service, drain_seconds=600)
    async with interviewed(service) as (http, candidate, session):
        service.signal(signal.SIGTERM)
        await not_ready(http)
        async with http.get("/livez") as answer:
            assert answer.status == 200
        async with http.post(
            "/start-database-interview", json={"interview_id": str(uuid4())}
        ) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"/ws/interview/{session}")
        assert refused.value.status == 503
        assert refused.value.headers
        assert int(refused.value.headers["Retry-After"]) > 0
        await candidate.send(type="text", content=ANSWER)
        await candidate.next(TURN)
        async with http.post("/finalize-interview", json={"interviewId": session}) as answer:
            assert answer.status == 200
        assert await candidate.close_code() == 1000
    assert await service.ended() == 0


async def test_when_time_is_up_clients_are_told_to_come_back_and_all_is_on_record(
    service: Process,
) -> None:
    await start(service, drain_seconds=1)
    async with interviewed(service) as (_, candidate, session):
        await candidate.send(type="text", content=ANSWER)
        await candidate.next(TURN)
        service.signal(signal.SIGTERM)
        assert await candidate.close_code() == 1011
    assert await service.ended() == 0
    async with open_database(service.database_url) as database:
        assert await said(database, UUID(session)) == [ANSWER]


async def test_a_second_signal_ends_the_interviews_now(service: Process) -> None:
    await start(service, drain_seconds=600)
    async with interviewed(service) as (http, candidate, _):
        service.signal(signal.SIGTERM)
        await not_ready(http)
        assert await candidate.lives()
        service.signal(signal.SIGTERM)
        assert await candidate.close_code() == 1011
    assert await service.ended() == 0


async def said(database: Database, session: UUID) -> list[str]:
    async with database.read() as db:
        entries = await store.entries(db, session)
    return [entry.text for _, entry in entries if isinstance(entry, CandidateSpoke)]
