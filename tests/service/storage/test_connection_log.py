"""The sockets of an interview, as GET /interviews/{id} shows them."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import fake
from service.storage import connection_log
from service.storage.connection_log import End
from service.storage.database import DATABASE, Database
from service.storage.tables import Interview
from service.times import utc_now

from ..conftest import Client as Http
from ..conftest import Serve
from ..live.test_websocket import Client


@pytest.fixture
async def http(serve: Serve, database_url: str) -> Http:
    engines = fake.engines("Yes.", voice=fake.SteadyVoice(0.004))
    return await serve(engines, database_url=database_url)


@pytest.fixture
async def interview_id(http: Http) -> UUID:
    async with http.post("/interviews", json={"questions": ["Why?"]}) as made:
        return UUID((await made.json())["interview_id"])


async def connect(http: Http, interview_id: UUID) -> Client:
    headers = {"User-Agent": "Browser/1.0" + "x" * 500}
    client = Client(await http.ws_connect(f"/ws/interview/{interview_id}", headers=headers))
    await client.next("response.created")
    return client


async def sockets(http: Http, interview_id: UUID) -> list[dict[str, Any]]:
    async with http.get(f"/interviews/{interview_id}") as shown:
        assert shown.status == 200
        return list((await shown.json())["connections"])


async def ended(http: Http, interview_id: UUID) -> list[dict[str, Any]]:
    """All of them, when all have ended."""
    async with asyncio.timeout(30):
        while True:
            rows = await sockets(http, interview_id)
            if all(row["ended"] for row in rows):
                return rows


async def test_an_interview_without_a_connection_has_none(http: Http, interview_id: UUID) -> None:
    assert await sockets(http, interview_id) == []


async def test_an_open_connection_has_no_end(http: Http, interview_id: UUID) -> None:
    client = await connect(http, interview_id)
    (row,) = await sockets(http, interview_id)
    assert row["connected_at"].endswith("Z")
    assert (row["disconnected_at"], row["close_code"], row["ended"]) == (None, None, None)
    assert row["user_agent"].startswith("Browser/1.0x")
    assert len(row["user_agent"]) == connection_log.USER_AGENT_CHARACTERS
    await client.ws.close()


async def test_a_client_that_leaves_is_noted_with_its_code(http: Http, interview_id: UUID) -> None:
    client = await connect(http, interview_id)
    await client.ws.close(code=4321)
    (row,) = await ended(http, interview_id)
    assert (row["close_code"], row["ended"]) == (4321, "the client has left")
    assert row["disconnected_at"] >= row["connected_at"]


async def test_a_socket_that_is_cut_off_is_noted_as_left(http: Http, interview_id: UUID) -> None:
    client = await connect(http, interview_id)
    assert client.ws._response.connection
    assert client.ws._response.connection.transport
    client.ws._response.connection.transport.abort()
    (row,) = await ended(http, interview_id)
    assert (row["close_code"], row["ended"]) == (1006, "the client has left")


async def test_each_connection_has_a_row_and_the_newer_ends_the_older(
    http: Http, interview_id: UUID
) -> None:
    older = await connect(http, interview_id)
    newer = await connect(http, interview_id)
    assert await older.close_code() == 4409
    await newer.ws.close()
    first, second = await ended(http, interview_id)
    assert (first["close_code"], first["ended"]) == (4409, "continued in a newer connection")
    assert (second["close_code"], second["ended"]) == (1000, "the client has left")


async def test_a_finalized_interview_says_so(http: Http, interview_id: UUID) -> None:
    client = await connect(http, interview_id)
    body = {"interviewId": str(interview_id), "transcript": []}
    async with http.post("/finalize-interview", json=body) as finalized:
        assert finalized.status == 200
    await client.close_code()
    (row,) = await ended(http, interview_id)
    assert (row["close_code"], row["ended"]) == (1000, "interview finalized")


async def test_what_was_open_when_the_service_was_killed_is_lost(database: Database) -> None:
    async with database.write() as db:
        interview = Interview(id=uuid4())
        db.add(interview)
        await db.flush()
        over = await connection_log.begin(db, interview.id, "")
    await connection_log.finish(database, over, End(1000, "the client has left"))
    async with database.write() as db:
        await connection_log.begin(db, interview.id, "")
    start = utc_now()
    async with database.write() as db:
        other = Interview(id=uuid4())
        db.add(other)
        await db.flush()
        await connection_log.begin(db, other.id, "")
    await connection_log.mark_lost(database, before=start)
    async with database.read() as db:
        rows = await connection_log.connections(db, interview.id)
        (talking,) = await connection_log.connections(db, other.id)
    assert [row.ended for row in rows] == ["the client has left", "lost"]
    assert rows[1].disconnected_at is None
    assert talking.ended is None


async def test_a_name_that_is_no_utf_8_is_kept_as_far_as_it_can_be_read(
    http: Http, interview_id: UUID
) -> None:
    in_latin_1 = b"Br\xfccke/1.0".decode("utf-8", "surrogateescape")  # as aiohttp reads headers
    async with http.app[DATABASE].write() as db:
        await connection_log.begin(db, interview_id, in_latin_1)
    (row,) = await sockets(http, interview_id)
    assert row["user_agent"] == "Br?cke/1.0"


async def test_what_was_open_is_lost_when_the_next_one_opens(
    http: Http, interview_id: UUID
) -> None:
    async with http.app[DATABASE].write() as db:
        await connection_log.begin(db, interview_id, "")
    async with http.app[DATABASE].write() as db:
        await connection_log.begin(db, interview_id, "")
    rows = await sockets(http, interview_id)
    assert [row["ended"] for row in rows] == ["lost", None]


async def test_a_late_end_is_noted_though_it_counted_as_lost(
    http: Http, interview_id: UUID
) -> None:
    database = http.app[DATABASE]
    async with database.write() as db:
        connection = await connection_log.begin(db, interview_id, "")
    await connection_log.mark_lost(database, before=utc_now())
    await connection_log.finish(database, connection, End(1000, "interview ended"))
    (row,) = await sockets(http, interview_id)
    assert row["ended"] == "interview ended"
