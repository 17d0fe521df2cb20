import asyncio
import json
import subprocess
import sys
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import fake
from pipeline.journal import AnyEntry
from service.admission.admission import ADMISSION, Admission
from service.finalization.closing import Finalizer
from service.privacy import retention
from service.storage import store
from service.storage.database import DATABASE, Database
from service.storage.tables import AskedQuestion, ClientLog, Interview

from ..conftest import Client, Serve
from ..held import ENTRIES, HOW, SAID, WHY, CountingLlm, held


async def finalize(client: Client, interview_id: object, transcript: Any = ()) -> tuple[int, Any]:
    body = {"interviewId": str(interview_id), "transcript": transcript}
    return await send(client, json.dumps(body).encode())


async def send(client: Client, body: bytes) -> tuple[int, Any]:
    async with client.post("/finalize-interview", data=BytesIO(body)) as response:
        return response.status, await response.json()


async def row(client: Client, interview_id: UUID) -> Interview:
    async with client.app[DATABASE].read() as db:
        found = await store.interview(db, interview_id)
    assert found
    return found


async def log(client: Client, interview_id: UUID) -> ClientLog:
    async with client.app[DATABASE].read() as db:
        found = await db.get(ClientLog, interview_id)
    assert found
    return found


async def questions(client: Client, interview_id: UUID) -> list[AskedQuestion]:
    async with client.app[DATABASE].read() as db:
        return await store.questions(db, interview_id)


async def test_an_id_that_is_missing_and_one_that_is_none_are_told_apart(serve: Serve) -> None:
    client = await serve()
    for body, why in ((b"{}", "missing"), (b'{"interviewId": "1"}', "no UUID")):
        status, answer = await send(client, body)
        assert (status, answer["detail"]) == (
            422,
            f"interviewId is {why}; give the interview's UUID.",
        )


async def test_a_finished_interview_shows_up_in_the_products_tables(
    serve: Serve, database_url: str
) -> None:
    client = await serve(fake.engines(llm=CountingLlm()), database_url=database_url)
    interview_id = await held(client.app[DATABASE])
    status, answer = await finalize(client, interview_id)
    assert (status, answer["success"], answer["message"]) == (
        200,
        True,
        "Interview finalized successfully",
    )
    found = await row(client, interview_id)
    assert found.ai_analysis == answer["analysis"]
    assert (found.status, found.overall_score, found.duration_minutes) == ("completed", 80, 2)
    assert found.skill_scores == {"motivation": 80}
    assert (found.strengths, found.areas_for_improvement) == (["clear"], ["give an example"])
    assert found.recommendations
    assert found.completed_at
    assert found.started_at
    assert found.completed_at >= found.started_at
    assert [line["content"] for line in found.transcript or ()][1:4] == [WHY, SAID, HOW]
    why, how = await questions(client, interview_id)
    assert (why.question_text, why.employee_response, why.response_score) == (WHY, SAID, 80)
    assert (why.ai_response, why.question_category) == (WHY, "motivation")
    assert (how.question_text, how.employee_response, how.response_score) == (HOW, "", None)
    assert how.asked_at
    assert why.asked_at
    assert how.asked_at > why.asked_at


async def test_twenty_calls_at_once_are_one_analysis_and_twenty_equal_answers(
    serve: Serve, database_url: str
) -> None:
    llm = CountingLlm()
    client = await serve(fake.engines(llm=llm), database_url=database_url)
    interview_id = await held(client.app[DATABASE])
    answers = await asyncio.gather(*(finalize(client, interview_id) for _ in range(20)))
    assert [status for status, _ in answers] == [200] * 20
    assert all(answer == answers[0] for answer in answers)
    assert llm.fills == 1
    assert (await finalize(client, interview_id)) == answers[0]
    assert llm.fills == 1
    assert len(await questions(client, interview_id)) == 2


async def test_an_interview_that_never_opened_a_socket_can_be_finalized(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE], ())
    status, answer = await finalize(client, interview_id)
    assert (status, answer["analysis"]["overall_score"]) == (200, None)
    assert answer["analysis"]["measures"]["questions_asked"] == 0
    assert await questions(client, interview_id) == []


async def test_what_another_program_wrote_of_an_interview_that_it_completed_stays(
    serve: Serve,
) -> None:
    client = await serve()
    said = [{"speaker": "user", "content": SAID}]
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        theirs = {"status": "completed", "transcript": said, "overall_score": 70}
        db.add(Interview(id=interview_id, **theirs))
    status, answer = await finalize(client, interview_id, [{"type": "response.done"}])
    assert (status, answer["success"], answer["analysis"]) == (200, True, {})
    async with client.app[DATABASE].read() as db:
        assert not await retention.is_held(db, interview_id)
    found = await row(client, interview_id)
    assert (found.transcript, found.overall_score, found.completed_at) == (said, 70, None)


async def test_the_clients_log_is_kept_without_audio(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    audio = {"type": "response.audio.delta", "timestamp": 1, "delta": "A" * 20_000}
    done = {"type": "response.done", "timestamp": "2026-01-01T00:00:00Z"}
    await finalize(client, interview_id, [audio, done, audio])
    kept = await log(client, interview_id)
    assert (kept.entries, kept.audio_messages, kept.complete) == ([done], 2, True)
    assert kept.received_bytes > 40_000


async def test_a_second_empty_log_does_not_replace_the_first(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    await finalize(client, interview_id, [{"type": "a"}])
    await finalize(client, interview_id, [])
    assert (await log(client, interview_id)).entries == [{"type": "a"}]


@pytest.mark.parametrize(
    "rest", [b"", b', "transcript": [{"type": "a"}, {"ty', b', "transcript": [}', b"]"]
)
async def test_a_broken_body_is_refused_but_the_interview_is_finalized_all_the_same(
    serve: Serve, rest: bytes
) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    status, answer = await send(client, b'{"interviewId": "%s"' % str(interview_id).encode() + rest)
    assert status == 400
    assert "The interview itself is finalized." in answer["detail"]
    assert (await row(client, interview_id)).status == "completed"
    assert not (await log(client, interview_id)).complete
    assert (await finalize(client, interview_id))[0] == 200


async def test_a_client_that_leaves_in_the_middle_of_its_body_has_finalized(serve: Serve) -> None:
    llm = CountingLlm()
    client = await serve(fake.engines(llm=llm))
    interview_id = await held(client.app[DATABASE])
    _, writer = await asyncio.open_connection(client.host, client.port)
    head = "POST /finalize-interview HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    writer.write(f'{head}{{"interviewId": "{interview_id}", "transcript": ['.encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(30):
        await llm.called.wait()
    assert not (await log(client, interview_id)).complete
    await finalize(client, interview_id)
    assert llm.fills == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 422),
        (b'{"interviewId": 5}', 422),
        (b'{"interviewId": "x"}', 422),
        (b'{"interviewId": "6f9619ff-8b86-d011-b42d-00c04fc964ff"}', 404),
    ],
)
async def test_without_the_id_of_an_interview_nothing_can_be_finalized(
    serve: Serve, body: bytes, status: int
) -> None:
    found, answer = await send(await serve(), body)
    assert found == status
    assert answer["detail"] == answer["message"]


async def test_a_cancelled_interview_stays_cancelled(serve: Serve) -> None:
    client = await serve()
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, status="cancelled"))
    assert (await finalize(client, interview_id))[0] == 409
    assert (await row(client, interview_id)).status == "cancelled"


async def test_the_socket_that_is_still_open_has_left_before_the_record_is_read(
    serve: Serve,
) -> None:
    client = await serve()
    database: Database = client.app[DATABASE]
    interview_id = await held(database, ENTRIES[:1])
    seated = asyncio.Event()

    async def socket() -> None:
        async with client.app[ADMISSION].seat(interview_id) as seat:
            seated.set()
            assert await seat.dismissed() == "finalized"
            last: tuple[AnyEntry, ...] = ENTRIES[1:]
            async with database.write() as db:
                await store.append(db, interview_id, 1, last)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(socket())
        await seated.wait()
        _, answer = await finalize(client, interview_id)
    assert answer["analysis"]["measures"]["questions_asked"] == 2


async def test_a_model_that_takes_too_long_leaves_the_measures(database: Database) -> None:
    class Stuck(CountingLlm):
        async def fill(self, *given: Any, **more: Any) -> str:
            await asyncio.Event().wait()
            raise AssertionError

    class Hasty(Finalizer):
        within = 0.01

    interview_id = await held(database)
    async with asyncio.TaskGroup() as tasks:
        finalizer = Hasty(database, Admission(1, 120.0), Stuck(), tasks)
        analysis = await finalizer.finalize(interview_id)
    assert analysis["overall_score"] is None
    assert analysis["answers"][0]["reason"] == "out_of_time"
    assert "too slow, and the time ran out: question 1." in analysis["summary"]
    assert analysis["measures"]["questions_answered"] == 1


async def test_ending_a_session_finalizes_it_and_tells_how_it_went(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    for _ in range(2):
        async with client.delete(f"/session/{interview_id}/end") as response:
            answer = await response.json()
            assert response.status == 200
        assert answer["message"]
        assert answer["interview_summary"]["user_speech_count"] == 1
        assert answer["interview_summary"]["interview_duration_minutes"] == 2
    assert (await row(client, interview_id)).status == "completed"
    async with client.delete("/session/x/end") as response:
        assert response.status == 404


def test_a_body_of_150_mb_does_not_fill_the_memory() -> None:
    command = [sys.executable, "-m", "tests.service.finalize_large", "150"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 64
