from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from models import fake
from service.storage.database import DATABASE
from service.storage.tables import Interview

from ..conftest import Client, Serve
from ..held import HOW, SAID, WHY, CountingLlm, held


async def get(client: Client, path: str) -> tuple[int, Any]:
    async with client.get(path) as response:
        return response.status, await response.json()


async def by_path(client: Client, interview_id: object) -> tuple[int, Any]:
    async with client.get(f"/interview/{interview_id}/report") as response:
        return response.status, await response.json()


async def report(client: Client, interview_id: object) -> tuple[int, Any]:
    body = {"interviewId": str(interview_id)}
    async with client.post("/get-interview-report", json=body) as response:
        return response.status, await response.json()


async def test_a_sessions_transcript_has_both_sides_and_a_summary(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    status, answer = await get(client, f"/session/{interview_id}/transcript")
    assert (status, answer["session_id"]) == (200, str(interview_id))
    said = [(line["speaker"], line["content"]) for line in answer["live_transcript"]]
    assert said[1:4] == [("assistant", WHY), ("user", SAID), ("assistant", HOW)]
    assert set(answer["live_transcript"][0]) == {"timestamp", "speaker", "content", "type"}
    assert answer["summary"] == {
        "total_entries": 5,
        "user_speech_count": 1,
        "ai_response_count": 2,
        "interview_duration_minutes": 2.0,
    }


async def test_a_live_transcript_tells_where_the_interview_stands(serve: Serve) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    _, answer = await get(client, f"/interview/{interview_id}/live-transcript")
    assert set(answer) == {"interview_id", "live_transcript", "status", "started_at"}
    assert (answer["interview_id"], answer["status"]) == (str(interview_id), "in_progress")
    assert answer["started_at"].endswith("Z")
    assert len(answer["live_transcript"]) == 5


async def test_a_report_has_what_the_products_page_shows(serve: Serve) -> None:
    client = await serve(fake.engines(llm=CountingLlm()))
    interview_id = await held(client.app[DATABASE])
    _, before = await report(client, interview_id)
    assert (before["ai_score"], before["ai_summary"], before["status"]) == (None, "", "in_progress")
    assert len(before["transcript"]) == 5
    async with client.post(
        "/finalize-interview", json={"interviewId": str(interview_id), "transcript": []}
    ) as response:
        analysis = (await response.json())["analysis"]
    _, after = await report(client, interview_id)
    assert (after["ai_score"], after["ai_summary"]) == (80, analysis["summary"])
    assert (after["strengths"], after["weaknesses"]) == (["clear"], ["give an example"])
    assert after["scoring_breakdown"] == {"motivation": 80}
    assert after["recommendations"] == analysis["recommendations"]
    assert after["transcript"] == before["transcript"]
    status, by_address = await by_path(client, interview_id)
    assert (status, by_address["success"], by_address["report"]) == (200, True, after)
    assert by_address["message"]
    assert after["application"] == {
        "candidate": {"first_name": "Maria", "last_name": "Lopez"},
        "job": {"title": "Interview"},
    }


@pytest.mark.parametrize("interview_id", ["x", uuid4()])
async def test_what_is_unknown_is_404(serve: Serve, interview_id: object) -> None:
    client = await serve()
    for path in (
        f"/session/{interview_id}/transcript",
        f"/interview/{interview_id}/live-transcript",
    ):
        status, answer = await get(client, path)
        assert (status, answer["code"]) == (404, "interview_unknown")
    assert (await report(client, uuid4()))[0] == 404
    assert (await by_path(client, interview_id))[0] == 404


@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [
        ("2026-01-01T10:00:00+01:00", "2026-01-01T09:00:00.000Z"),
        ("2026-01-01T09:00:00", "2026-01-01T09:00:00.000Z"),
        ("this morning", None),
    ],
)
async def test_what_another_program_wrote_is_reported_as_far_as_it_is_understood(
    serve: Serve, timestamp: str, shown: str | None
) -> None:
    client = await serve()
    interview_id = uuid4()
    line = {"timestamp": timestamp, "speaker": "user", "content": SAID, "type": "speech"}
    later = line | {"timestamp": "2026-01-01T09:00:01Z"}
    theirs: dict[str, Any] = {"transcript": [line, later], "ai_analysis": ["good"]}
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, status="completed", **theirs))
    status, answer = await report(client, interview_id)
    assert (status, answer["ai_summary"], len(answer["transcript"])) == (200, "", 2)
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
    assert response.status == 200
    assert (SAID in page) is (shown is not None)
    _, whole = await get(client, f"/interviews/{interview_id}/export.json")
    assert [line["timestamp"] for line in whole["transcript"]][:1] == ([shown] if shown else [])


ANALYSIS_ODDITIES: list[dict[str, Any]] = [
    {"skill_scores": {"nobody's": 3}},
    {"skill_scores": {"motivation": 3, "": 0}},
    {"overall_score": 2**40},
    {"answers": []},
    {"answered_ms": 10**18},
    {"answered_ms": -(10**18)},
    {"question": -5},
    {"measures": {}},
    {"versions": None},
]


@pytest.mark.parametrize("odd", ANALYSIS_ODDITIES)
async def test_a_stored_analysis_that_is_odd_is_shown_as_far_as_it_is_understood(
    serve: Serve, odd: dict[str, Any]
) -> None:
    client = await serve(fake.engines(llm=CountingLlm()))
    interview_id = await held(client.app[DATABASE])
    body = {"interviewId": str(interview_id)}
    async with client.post("/finalize-interview", json=body) as response:
        analysis = (await response.json())["analysis"]
    given = {"score": 60, "reason": "No example.", "by": "Jo Weber"}
    async with client.put(f"/interviews/{interview_id}/scores/0", json=given) as response:
        assert response.status == 200
    for key, value in odd.items():
        (analysis if key in analysis else analysis["answers"][0])[key] = value
    async with client.app[DATABASE].write() as db:
        row = await db.get_one(Interview, interview_id)
        row.ai_analysis = analysis
    await everything_is_answered(client, interview_id)


async def everything_is_answered(client: Client, interview_id: UUID) -> None:
    for path in (
        f"/interviews/{interview_id}/report",
        f"/interviews/{interview_id}/export.json",
        f"/interviews/{interview_id}/export.csv",
        f"/interviews/{interview_id}",
        "/interviews",
        f"/interview/{interview_id}/report",
        f"/session/{interview_id}/transcript",
        f"/interview/{interview_id}/live-transcript",
    ):
        async with client.get(path) as response:
            assert (response.status, path) == (200, path)


STORED = ["Infinity", '{"a": 1e400}', r'"\ud83d"', "[[[", "7", '"text"', "[1]", "{}", "[" * 9000]


@pytest.mark.parametrize("stored", STORED)
async def test_columns_of_another_programs_json_never_break_a_page(
    serve: Serve, stored: str
) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    columns = (
        "ai_analysis",
        "skill_scores",
        "strengths",
        "recommendations",
        "transcript",
        "agenda",
    )
    async with client.app[DATABASE].write() as db:
        for column in (*columns, "agenda", "areas_for_improvement"):
            await db.execute(text(f"UPDATE interview_sessions SET {column} = :v"), {"v": stored})
        await db.execute(text("UPDATE interview_sessions SET status = 'completed'"))
    await everything_is_answered(client, interview_id)


@pytest.mark.parametrize("payload", ["{}", '{"type": "from_the_future"}', "x", '{"type": 5}'])
async def test_an_entry_of_another_version_does_not_hide_the_others(
    serve: Serve, payload: str
) -> None:
    client = await serve()
    interview_id = await held(client.app[DATABASE])
    async with client.app[DATABASE].write() as db:
        await db.execute(text("UPDATE turn_events SET payload = :p WHERE seq = 2"), {"p": payload})
    await everything_is_answered(client, interview_id)
    _, answer = await get(client, f"/session/{interview_id}/transcript")
    assert SAID in [line["content"] for line in answer["live_transcript"]]
