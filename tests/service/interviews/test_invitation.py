"""What a candidate learns before they start."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from service.admission.admission import ADMISSION
from service.api_keys import hash_key
from service.storage.database import DATABASE
from service.storage.tables import Interview

from ..conftest import Client, Serve

AGENDA = {
    "questions": [{"text": "Why?"}, {"text": "How?"}],
    "candidate": "Jürgen Groß",
    "job_title": "Nurse",
    "minutes": 12,
}


async def given(client: Client, **columns: Any) -> UUID:
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, **columns))
    return interview_id


async def asked(client: Client, interview_id: object) -> tuple[int, Any]:
    async with client.get(f"/interview/{interview_id}/invitation") as response:
        return response.status, await response.json()


async def test_it_says_what_the_interview_is_and_how_long_it_takes(serve: Serve) -> None:
    client = await serve(recording=True, grace_seconds=90)
    interview_id = await given(client, agenda=AGENDA)
    assert await asked(client, interview_id) == (
        200,
        {
            "interview_id": str(interview_id),
            "status": "scheduled",
            "can_start": True,
            "reason": "",
            "candidate_name": "Jürgen Groß",
            "job_title": "Nurse",
            "questions": 2,
            "minutes": 12,
            "recording": True,
            "grace_seconds": 90,
        },
    )


@pytest.mark.parametrize("status", ["completed", "cancelled"])
async def test_of_an_interview_that_is_over_it_tells_nothing_else(
    serve: Serve, status: str
) -> None:
    client = await serve()
    now = datetime.now(UTC)
    columns = {"agenda": AGENDA, "status": status, "started_at": now, "completed_at": now}
    interview_id = await given(client, **columns)
    answered, body = await asked(client, interview_id)
    assert answered == 200
    assert {name: value for name, value in body.items() if value is not None} == {
        "interview_id": str(interview_id),
        "status": status,
        "can_start": False,
        "reason": f"This interview is already {status}.",
    }


@pytest.mark.parametrize("unknown", [uuid4(), "nonsense"])
async def test_an_unknown_interview_is_not_found(serve: Serve, unknown: object) -> None:
    client = await serve(autocreate_interviews=False)
    status, body = await asked(client, unknown)
    assert (status, body["code"]) == (404, "interview_unknown")


async def test_where_interviews_are_made_for_who_comes_it_tells_of_one_and_makes_none(
    serve: Serve,
) -> None:
    client = await serve(autocreate_interviews=True)
    interview_id = uuid4()
    status, body = await asked(client, interview_id)
    assert (status, body["can_start"], body["status"]) == (200, True, "scheduled")
    assert body["questions"] >= 1
    assert (body["candidate_name"], body["job_title"]) == (None, None)
    async with client.app[DATABASE].read() as db:
        assert await db.get(Interview, interview_id) is None


async def test_it_takes_no_place_and_says_when_there_is_none(serve: Serve) -> None:
    client = await serve(max_sessions=1)
    mine, other = await given(client, agenda=AGENDA), uuid4()
    for _ in range(3):
        assert (await asked(client, mine))[1]["can_start"]
    assert client.app[ADMISSION].capacity.free == 1
    await client.app[ADMISSION].promise(other)
    _, body = await asked(client, mine)
    assert (body["can_start"], body["candidate_name"]) == (False, "Jürgen Groß")
    assert "places are taken" in body["reason"]
    _, body = await asked(client, other)
    assert body["can_start"], "the one that has the place may come"
    assert client.app[ADMISSION].capacity.counts.full == 0


async def test_a_service_that_is_about_to_stop_says_so(serve: Serve) -> None:
    client = await serve()
    interview_id = await given(client, agenda=AGENDA)
    await client.app[ADMISSION].close()
    _, body = await asked(client, interview_id)
    assert (body["can_start"], body["status"]) == (False, "scheduled")
    assert "shutting down" in body["reason"]


async def test_it_needs_no_key(serve: Serve) -> None:
    client = await serve(api_keys=(hash_key("k" * 32),))
    interview_id = await given(client, agenda=AGENDA)
    assert (await asked(client, interview_id))[0] == 200
    async with client.get(f"/interviews/{interview_id}") as response:
        assert response.status == 401
