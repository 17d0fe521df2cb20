import asyncio
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.admission.admission import ADMISSION
from service.storage.database import DATABASE
from service.storage.tables import Interview

from ..conftest import Client, Serve


async def post(client: Client, path: str, body: Any) -> tuple[int, Any]:
    async with client.post(path, json=body) as response:
        return response.status, await response.json()


async def given(client: Client, **columns: Any) -> UUID:
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, **columns))
    return interview_id


@pytest.mark.parametrize("name", ["interview_id", "interview_session_id", "interviewId"])
async def test_starting_answers_with_the_session_by_every_name_of_the_id(
    serve: Serve, name: str
) -> None:
    client = await serve()
    agenda = {"questions": [{"text": "Why?"}], "candidate": "Maria Lopez", "job_title": "Nurse"}
    interview_id = str(await given(client, agenda=agenda))
    assert await post(client, "/start-database-interview", {name: interview_id}) == (
        200,
        {
            "session_id": interview_id,
            "interview_id": interview_id,
            "message": "Session created successfully",
            "candidate_name": "Maria Lopez",
            "job_title": "Nurse",
            "websocket_url": f"/ws/interview/{interview_id}",
            "recording": False,
            "grace_seconds": 120,
        },
    )


async def test_an_unknown_interview_is_made_where_that_is_wanted(serve: Serve) -> None:
    client = await serve(autocreate_interviews=True)
    body = {"interview_id": str(uuid4())}
    answers = await asyncio.gather(
        *(post(client, "/start-database-interview", body) for _ in range(10))
    )
    assert [status for status, _ in answers] == [200] * 10
    assert all(answer == answers[0] for answer in answers)


async def test_the_link_of_an_erased_interview_makes_no_other_one(serve: Serve) -> None:
    client = await serve(autocreate_interviews=True)
    interview_id = await given(client)
    async with client.delete(f"/interviews/{interview_id}") as response:
        assert response.status == 200
    body = {"interview_id": str(interview_id)}
    for path in ("/prepare-interview-context", "/start-interview", "/start-database-interview"):
        status, answer = await post(client, path, body)
        assert (status, answer["code"]) == (404, "interview_erased")
        assert "was erased" in answer["detail"]
    async with client.get(f"/interview/{interview_id}/invitation") as response:
        assert (response.status, (await response.json())["code"]) == (404, "interview_erased")
    async with client.app[DATABASE].read() as db:
        assert await db.get(Interview, interview_id) is None


async def test_an_unknown_interview_is_404_elsewhere(serve: Serve) -> None:
    client = await serve(autocreate_interviews=False, max_sessions=8)
    body = {"interview_id": str(uuid4())}
    for path in ("/start-database-interview", "/prepare-interview-context"):
        status, answer = await post(client, path, body)
        assert status == 404
        assert answer["detail"] == answer["message"]
        assert "not found" in answer["detail"]
    assert client.app[ADMISSION].capacity.free == 8


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_an_interview_that_is_over_cannot_be_started(serve: Serve, status: str) -> None:
    client = await serve()
    interview_id = await given(client, status=status)
    code, answer = await post(
        client, "/start-database-interview", {"interview_id": str(interview_id)}
    )
    assert (code, answer["code"]) == (409, "interview_over")
    assert status in answer["detail"]


async def test_when_all_places_are_taken_the_next_is_told_when_to_come_back(serve: Serve) -> None:
    client = await serve(max_sessions=1)
    body = {"interview_id": str(uuid4())}
    assert (await post(client, "/start-database-interview", body))[0] == 200
    for path, other in (
        ("/start-database-interview", {"interview_id": str(uuid4())}),
        ("/start-interview", {"job_description": "Nurse"}),
    ):
        async with client.post(path, json=other) as response:
            assert response.status == 503
            assert int(response.headers["Retry-After"]) > 0
            assert "taken" in (await response.json())["detail"]
    assert (await post(client, "/start-database-interview", body))[0] == 200


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, "not valid JSON"),
        (b"{", 400, "not valid JSON"),
        (b"\xff", 400, "not valid JSON"),
        (b"[]", 422, "expected `object`"),
        (b"{}", 422, " is missing; give the interview's UUID"),
        (b'{"interview_id": null}', 422, " is missing; give the interview's UUID"),
        (b'{"interview_id": 5}', 422, "interview_id: expected"),
        (b'{"interview_id": "x"}', 422, "interview_id: invalid UUID; give one such as"),
        (b"x" * 1_100_000, 413, "at most 1024 KB"),
    ],
)
@pytest.mark.parametrize(
    "path", ["/start-database-interview", "/prepare-interview-context", "/get-interview-report"]
)
async def test_a_body_that_is_wrong_is_refused_in_words(
    serve: Serve, path: str, body: bytes, status: int, told: str
) -> None:
    client = await serve()
    async with client.post(path, data=BytesIO(body)) as response:
        assert response.status == status
        assert told in (await response.json())["detail"]


@pytest.mark.parametrize("wrong", ["abc", "", 5, True])
async def test_an_id_that_is_none_is_not_called_missing(serve: Serve, wrong: object) -> None:
    status, answer = await post(await serve(), "/finalize-interview", {"interviewId": wrong})
    assert (status, answer["detail"]) == (
        422,
        "interviewId is no UUID; give the interview's UUID.",
    )


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/start-database-interview", "interview_id"),
        ("/prepare-interview-context", "interviewId"),
        ("/get-interview-report", "interviewId"),
        ("/finalize-interview", "interviewId"),
    ],
)
async def test_a_missing_id_is_called_as_the_call_is_documented(
    serve: Serve, path: str, field: str
) -> None:
    status, answer = await post(await serve(), path, {})
    assert (status, answer["detail"]) == (422, f"{field} is missing; give the interview's UUID.")


async def test_an_interview_is_made_of_an_advertisement_and_a_resume(serve: Serve) -> None:
    client = await serve(autocreate_interviews=False)
    texts = {"job_description": "Nurse\nCares.", "resume_text": "I care.", "candidate_name": "Ana"}
    status, answer = await post(client, "/start-interview", texts)
    assert status == 200
    assert answer["websocket_url"] == f"/ws/interview/{answer['session_id']}"
    status, again = await post(
        client, "/start-database-interview", {"interview_id": answer["session_id"]}
    )
    assert (again["candidate_name"], again["job_title"]) == ("Ana", "Nurse")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "interview_id and job_description are missing"),
        ({"job_description": ""}, "job_description is empty; give the text"),
        ({"job_description": " \n"}, "job_description is empty; give the text"),
        ({"job_description": 5}, "job_description: expected"),
        ({"job_description": "x", "candidate_name": "y" * 500}, "candidate_name: expected"),
        ({"job_description": "x" * 200_001}, "job_description: expected"),
    ],
)
async def test_texts_that_are_too_long_or_missing_are_named(
    serve: Serve, body: dict[str, Any], told: str
) -> None:
    status, answer = await post(await serve(), "/start-interview", body)
    assert status == 422
    assert told in answer["detail"]


@pytest.mark.parametrize("name", ["interview_id", "interview_session_id", "interviewId"])
async def test_starting_by_an_id_is_the_same_under_both_addresses(serve: Serve, name: str) -> None:
    client = await serve(autocreate_interviews=False)
    interview_id = str(await given(client, agenda=["Why?"]))
    by_id = {name: interview_id}
    first = await post(client, "/start-database-interview", by_id)
    assert (first[0], first[1]["session_id"]) == (200, interview_id)
    for more in ({}, {"job_description": "Nurse"}, {"job_description": {"title": "Nurse"}}):
        assert await post(client, "/start-interview", by_id | more) == first
    async with client.ws_connect(f"/ws/interview/{interview_id}"):
        assert await post(client, "/start-interview", by_id) == first


async def test_an_id_opens_nothing_that_it_does_not_open_elsewhere(serve: Serve) -> None:
    client = await serve(autocreate_interviews=False)
    over = await given(client, status="completed")
    for body in (
        {"interview_id": str(over)},
        {"interviewId": str(uuid4()), "job_description": "x"},
    ):
        elsewhere = await post(client, "/start-database-interview", body)
        assert elsewhere[0] in (404, 409)
        assert await post(client, "/start-interview", body) == elsewhere


@pytest.mark.parametrize(
    "body", [{}, {"job_description": None}, {"interview_id": None}, {"resume_text": "I care."}]
)
async def test_starting_nothing_says_what_could_be_started(
    serve: Serve, body: dict[str, Any]
) -> None:
    status, answer = await post(await serve(), "/start-interview", body)
    assert status == 422
    assert "interview_id and job_description are missing" in answer["detail"]


async def test_preparing_says_that_the_interview_can_be_held(serve: Serve) -> None:
    client = await serve()
    interview_id = await given(client)
    status, answer = await post(
        client, "/prepare-interview-context", {"interviewId": str(interview_id)}
    )
    assert (status, answer["success"]) == (200, True)


async def test_health_tells_the_time_and_the_places(serve: Serve) -> None:
    client = await serve(max_sessions=3)
    async with client.get("/health") as response:
        answer = await response.json()
    assert (answer["status"], answer["free"]) == ("healthy", 3)
    assert answer["timestamp"].endswith("Z")


async def test_sessions_are_listed_on_the_machine_itself_only(serve: Serve) -> None:
    client = await serve()
    interview_id = await given(client)
    async with client.app[ADMISSION].seat(interview_id):
        async with client.get("/sessions") as response:
            listed = await response.json()
        assert [session["session_id"] for session in listed["sessions"]] == [str(interview_id)]
        async with client.get("/sessions", headers={"X-Forwarded-For": "1.2.3.4"}) as response:
            assert response.status == 403
            assert "detail" in await response.json()


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
async def test_a_text_that_was_cut_within_a_character_is_no_reason_to_refuse(
    serve: Serve, mark: bytes
) -> None:
    client = await serve()
    body = mark + rb'{"job_description": "Nurse", "resume_text": "I care \ud83d"}'
    async with client.post("/start-interview", data=BytesIO(body)) as response:
        assert response.status == 200
