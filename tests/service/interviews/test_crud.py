"""Interviews are made, listed, shown and deleted."""

import asyncio
import base64
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiohttp import ClientWebSocketResponse
from sqlalchemy import func, select

from models import fake
from service.admission.admission import ADMISSION
from service.storage.database import DATABASE
from service.storage.tables import AskedQuestion, Base, Interview, TurnEvent

from ..conftest import Client, Serve
from ..held import CountingLlm, held

QUESTION = {"text": "Why nursing?", "follow_ups": 2, "rubric": "Says why.", "category": "motive"}


async def call(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as response:
        return response.status, await response.json()


async def drained(socket: ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def test_an_interview_is_made_as_it_was_described_and_can_be_held(serve: Serve) -> None:
    client = await serve(autocreate_interviews=False)
    wanted = {
        "candidate": "Ana Silva",
        "job_title": "Nurse",
        "questions": [QUESTION, "What do you do at night?"],
        "minutes": 12,
        "language": "en",
        "patience": 1.5,
        "voice": "starter-voice",
        "scheduled_at": "2030-01-01T10:00:00+01:00",
    }
    status, made = await call(client, "POST", "/interviews", wanted)
    assert (status, made["status"], made["candidate_name"]) == (201, "scheduled", "Ana Silva")
    assert made["scheduled_at"] == "2030-01-01T09:00:00.000Z"
    status, shown = await call(client, "GET", f"/interviews/{made['interview_id']}")
    assert (status, shown["plan"]) == (200, made["plan"])
    assert shown["plan"]["questions"][0] == QUESTION
    assert (shown["plan"]["minutes"], len(shown["plan"]["questions"])) == (12, 2)
    assert shown["plan"]["patience"] == 1.5
    body = {"interview_id": made["interview_id"]}
    assert (await call(client, "POST", "/start-database-interview", body))[0] == 200


async def test_an_interview_for_which_no_language_is_set_leaves_it_open(serve: Serve) -> None:
    client = await serve(autocreate_interviews=False)
    given: list[dict[str, str]] = [{}, {"language": "auto"}, {"language": "en"}]
    plans = [(await call(client, "POST", "/interviews", each))[1]["plan"] for each in given]
    assert [plan["language"] for plan in plans] == ["en", "en", "en"]
    assert [plan["any_language"] for plan in plans] == [True, True, False]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"language": "de", "questions": ["Warum?"]}, "language: 'de' is not understood"),
        ({"voice": "other"}, "voice: 'other' is not loaded; give 'starter-voice'"),
        ({"minutes": 0}, "minutes"),
        ({"patience": 0}, "patience: must be a number from 0.5 to 3"),
        ({"questions": [{"text": "Why?", "follow_ups": 9}]}, "questions[0].follow_ups"),
        ({"questions": [{"text": "Why?", "followups": 1}]}, "unknown field `followups`"),
        ({"questions": ["?"]}, "questions[0].text"),
        ({"interview_type": "chat"}, "interview_type: must be one of"),
        ({"scheduled_at": "2030-01-01T10:00:00"}, "scheduled_at"),
        ({"scheduled_at": "9999-12-31T23:59:59-01:00"}, "scheduled_at: is out of range"),
        ({"candidat": "Ana"}, "unknown field `candidat`"),
    ],
)
async def test_what_cannot_be_held_is_refused_when_it_is_made(
    serve: Serve, wanted: dict[str, Any], told: str
) -> None:
    client = await serve()
    status, refusal = await call(client, "POST", "/interviews", wanted)
    assert (status, told in refusal["detail"]) == (422, True), refusal
    assert (await call(client, "GET", "/interviews"))[1]["interviews"] == []


async def test_the_list_goes_on_where_the_page_before_ended(
    serve: Serve, database_url: str
) -> None:
    client = await serve(database_url=database_url)
    made = [(await call(client, "POST", "/interviews", {}))[1]["interview_id"] for _ in range(5)]
    found: list[str] = []
    path = "/interviews?limit=2&status=scheduled"
    after = ""
    while after is not None:
        _, page = await call(client, "GET", path + (f"&after={after}" if after else ""))
        assert len(page["interviews"]) <= 2
        found += [each["interview_id"] for each in page["interviews"]]
        after = page["next"]
    assert found == made[::-1]
    assert (await call(client, "GET", "/interviews?status=completed"))[1]["interviews"] == []


BEFORE_ALL = base64.urlsafe_b64encode(f"0001-01-01T00:00:00+01:00|{UUID(int=0)}".encode()).decode()


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=x", "limit=999", "limit=0000000019999", "limit=000000001" + "9" * 30,
        "status=x", "after=x", f"after={BEFORE_ALL}",
    ],
)  # fmt: skip
async def test_a_page_that_cannot_be_is_refused(serve: Serve, query: str) -> None:
    status, refusal = await call(await serve(), "GET", f"/interviews?{query}")
    assert (status, refusal["code"]) == (422, "unprocessable")


async def test_a_deleted_interview_is_gone_with_all_that_belongs_to_it(
    serve: Serve, database_url: str
) -> None:
    client = await serve(fake.engines(llm=CountingLlm()), database_url=database_url)
    interview_id = await held(client.app[DATABASE])
    await call(client, "POST", "/finalize-interview", {"interviewId": str(interview_id)})
    judgement = {"score": 1, "reason": "r", "by": "b"}
    assert (await call(client, "PUT", f"/interviews/{interview_id}/scores/0", judgement))[0] == 200
    assert (await call(client, "DELETE", f"/interviews/{interview_id}"))[0] == 200
    for path in ("", "/report", "/export.json"):
        assert (await call(client, "GET", f"/interviews/{interview_id}{path}"))[0] == 404
    async with client.app[DATABASE].read() as db:
        for name, table in Base.metadata.tables.items():
            if name != "audit_log":
                assert await db.scalar(select(func.count()).select_from(table)) == 0, name
    _, log = await call(client, "GET", f"/interviews/{interview_id}/audit")
    assert [entry["action"] for entry in log["entries"]] == [
        "read audit log",
        "delete interview",
        "override score",
    ]
    assert log["entries"][2]["detail"] == "question 0"


async def test_deleting_ends_a_conversation_that_goes_on(serve: Serve) -> None:
    client = await serve()
    interview_id = str(uuid4())
    await call(client, "POST", "/start-database-interview", {"interview_id": interview_id})
    async with client.ws_connect(f"/ws/interview/{interview_id}") as socket:
        await socket.receive_json()
        deleted = call(client, "DELETE", f"/interviews/{interview_id}")
        (status, _), _ = await asyncio.gather(deleted, drained(socket))
        assert (status, socket.close_code) == (200, 1000)
    assert client.app[ADMISSION].live == ()
    async with client.app[DATABASE].read() as db:
        for table in (Interview, TurnEvent, AskedQuestion):
            assert await db.scalar(select(func.count()).select_from(table)) == 0


async def test_an_interview_that_never_was_cannot_be_deleted_and_has_no_log(serve: Serve) -> None:
    client = await serve()
    for method, path in (("DELETE", ""), ("GET", "/audit"), ("GET", "/report")):
        assert (await call(client, method, f"/interviews/{uuid4()}{path}"))[0] == 404


@pytest.mark.parametrize("base_path", ["/iv", "/interviews", "/a/b"])
async def test_addresses_lead_back_below_the_path_under_which_it_was_asked(
    serve: Serve, base_path: str
) -> None:
    client = await serve(base_path=base_path)
    for front in ("", base_path):
        _, made = await call(client, "POST", f"{front}/interviews", {"questions": ["Why?"]})
        id_ = made["interview_id"]
        _, listed = await call(client, "GET", f"{front}/interviews/{id_}")
        by_id = {"interview_id": id_}
        _, started = await call(client, "POST", f"{front}/start-database-interview", by_id)
        _, anew = await call(client, "POST", f"{front}/start-interview", {"job_description": "x"})
        for given in (made, listed, started):
            assert given["websocket_url"] == f"{front}/ws/interview/{id_}"
        assert anew["websocket_url"] == f"{front}/ws/interview/{anew['session_id']}"
        for given in (made, listed):
            assert given["page_url"] == f"{front}/?interview={id_}"
            assert given["report_url"] == f"{front}/interviews/{id_}/report"
        async with client.get(made["report_url"]) as report, client.get(made["page_url"]) as page:
            assert (report.status, page.status) == (200, 200)
        socket = await client.ws_connect(made["websocket_url"])
        await socket.close()


@pytest.mark.parametrize("base_path", ["", "/talk"])
@pytest.mark.parametrize("ending", ["", "/"])
async def test_links_for_people_are_whole_where_the_public_address_is_known(
    serve: Serve, base_path: str, ending: str
) -> None:
    public = "https://example.com/talk"
    client = await serve(base_path=base_path, public_url=f"{public}{ending}")
    _, made = await call(client, "POST", f"{base_path}/interviews", {})
    id_ = made["interview_id"]
    assert made["page_url"] == f"{public}/?interview={id_}"
    assert made["report_url"] == f"{public}/interviews/{id_}/report"
    assert made["websocket_url"] == f"{base_path}/ws/interview/{id_}"
