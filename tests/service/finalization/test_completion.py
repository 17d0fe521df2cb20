"""An interview that the interviewer has ended is completed at once, and assessed without being
asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from models import fake
from pipeline.journal import InterviewEnded
from service.admission.admission import Admission
from service.errors import DatabaseUnavailable
from service.finalization import abandoned
from service.finalization.closing import Finalizer
from service.finalization.pending import is_pending, pending
from service.storage import store
from service.storage.database import DATABASE, Database
from service.storage.tables import Interview
from service.times import utc_now

from ..altered import altered
from ..conftest import Client, Serve
from ..held import ENTRIES, RATING, SAID, CountingLlm, held
from ..live.test_websocket import Client as Candidate
from ..storage.test_product_tables import INTERVIEW, Product, product

__all__ = ["product"]

STOP = "I want to stop the interview now."
ENDED = (*ENTRIES, InterviewEnded(120_000, "completed"))


class SlowLlm(CountingLlm):
    """Assesses when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def fill(self, *given: Any, **more: Any) -> str:
        filled = await super().fill(*given, **more)
        await self.let.wait()
        return filled


async def row(database: Database, interview_id: UUID) -> Interview:
    async with database.read() as db:
        found = await store.interview(db, interview_id)
    assert found
    return found


async def until(database: Database, interview_id: UUID, status: str, *, whole: bool) -> Interview:
    async with asyncio.timeout(60):
        while True:
            found = await row(database, interview_id)
            if found.status == status and is_pending(found.ai_analysis) != whole:
                return found
            await asyncio.sleep(0.01)


async def farewell(client: Client, interview_id: UUID) -> Candidate:
    """One answer is given, then the candidate asks to stop and hears the goodbye."""
    body = {"interview_id": str(interview_id)}
    async with client.post("/start-database-interview", json=body) as answer:
        assert answer.status == 200
    talking = Candidate(await client.ws_connect(f"/ws/interview/{interview_id}"))
    await talking.next("response.done")
    await talking.send(type="text", content=SAID)
    await talking.next("response.done")
    await talking.send(type="text", content=STOP)
    await talking.next("interview_ended_by_ai")
    return talking


async def finalized(client: Client, interview_id: UUID) -> Any:
    body = {"interviewId": str(interview_id), "transcript": []}
    async with client.post("/finalize-interview", json=body) as answer:
        assert answer.status == 200
        return (await answer.json())["analysis"]


def engines(llm: fake.ScriptedLlm) -> Any:
    return fake.engines(SAID, voice=fake.SteadyVoice(0.004), llm=llm)


async def free(client: Client) -> int:
    async with client.get("/health") as answer:
        return int((await answer.json())["free"])


async def test_it_is_completed_at_once_and_its_place_is_free_while_the_socket_lingers(
    serve: Serve, database_url: str
) -> None:
    llm, interview_id = SlowLlm(), uuid4()
    client = await serve(engines(llm), database_url=database_url, max_sessions=1)
    database = client.app[DATABASE]
    talking = await farewell(client, interview_id)
    found = await until(database, interview_id, "completed", whole=False)
    assert found.ai_analysis == pending()
    assert found.overall_score is None
    assert found.started_at
    assert found.completed_at
    assert found.started_at <= found.completed_at
    assert SAID in [line["content"] for line in found.transcript or []]
    assert await free(client) == 1
    async with client.post(
        "/start-database-interview", json={"interview_id": str(uuid4())}
    ) as other:
        assert other.status == 200
    assert await talking.lives()

    joining = asyncio.ensure_future(finalized(client, interview_id))
    assert await talking.close_code() == 1000
    llm.let.set()
    analysis = await joining
    assert analysis["overall_score"] == 80
    assert llm.fills == 1
    found = await row(database, interview_id)
    assert (found.overall_score, found.ai_analysis) == (80, analysis)
    assert await finalized(client, interview_id) == analysis


async def test_nobody_has_to_finalize_it(serve: Serve, database_url: str) -> None:
    client = await serve(engines(CountingLlm()), database_url=database_url, max_sessions=1)
    interview_id = uuid4()
    talking = await farewell(client, interview_id)
    await talking.ws.close()
    found = await until(client.app[DATABASE], interview_id, "completed", whole=True)
    assert found.overall_score == 80
    assert await free(client) == 1
    late = Candidate(await client.ws_connect(f"/ws/interview/{interview_id}"))
    assert await late.close_code() == 1000
    assert [event["code"] for event in late.got] == ["interview_over"]


async def test_it_is_completed_in_a_products_own_tables(product: Product, serve: Serve) -> None:
    llm = SlowLlm()
    client = await serve(
        engines(llm), database_url=product.url, autocreate_interviews=False, max_sessions=1
    )
    await farewell(client, INTERVIEW)
    await until(client.app[DATABASE], INTERVIEW, "completed", whole=False)
    (found,) = await product.run("SELECT * FROM interview_sessions")
    assert found["status"] == "completed"
    assert found["scheduled_at"] <= found["started_at"] <= found["completed_at"]
    assert '"pending"' in found["ai_analysis"]
    completed_at = found["completed_at"]
    llm.let.set()
    await until(client.app[DATABASE], INTERVIEW, "completed", whole=True)
    (found,) = await product.run("SELECT * FROM interview_sessions")
    assert found["overall_score"] == 80
    assert found["completed_at"] == completed_at


@asynccontextmanager
async def started(
    database: Database, llm: CountingLlm, *, every: float = abandoned.LOOK_SECONDS
) -> AsyncIterator[Admission]:
    """What a start does about interviews that are there."""
    async with asyncio.TaskGroup() as tasks:
        admission = Admission(1, 120.0)
        finalizer = Finalizer(database, admission, llm, tasks, assessor=RATING)
        looks = abandoned.close_abandoned(database, admission, finalizer, 120, every=every)
        looking = tasks.create_task(looks)
        yield admission
        looking.cancel()


async def test_a_start_finishes_what_had_ended_and_keeps_no_place_for_it(
    database: Database,
) -> None:
    interview_id = await held(database, ENDED)
    async with started(database, CountingLlm()) as admission:
        found = await until(database, interview_id, "completed", whole=True)
        assert found.overall_score == 80
        await admission.promise(uuid4())


async def test_a_start_resumes_an_assessment_that_was_under_way(database: Database) -> None:
    interview_id, other = await held(database, ENDED), await held(database)
    theirs = {"summary": "of another program"}
    async with database.write() as db:
        for each, analysis in (interview_id, pending()), (other, theirs):
            found = await store.interview(db, each)
            assert found
            found.status, found.ai_analysis, found.completed_at = "completed", analysis, utc_now()
    llm = CountingLlm()
    async with started(database, llm):
        assert (await until(database, interview_id, "completed", whole=True)).overall_score == 80
    assert (await row(database, other)).ai_analysis == theirs
    assert llm.fills == 1


async def test_a_result_that_could_not_be_written_is_tried_again(database: Database) -> None:
    tries = iter((DatabaseUnavailable("The database is away."), KeyError("a mistake")))
    llm = CountingLlm()

    @asynccontextmanager
    async def write() -> AsyncIterator[AsyncSession]:
        assessed = llm.called.is_set()
        llm.called.clear()
        async with database.write() as db:
            yield db
            if assessed and (problem := next(tries, None)):
                raise problem

    interview_id = await held(database, ENDED)
    async with started(altered(database, write=write), llm, every=0.01):
        assert (await until(database, interview_id, "completed", whole=True)).overall_score == 80
    assert next(tries, None) is None
