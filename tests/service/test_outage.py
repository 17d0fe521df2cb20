"""A database that goes away in the middle of a conversation, and comes back."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from pipeline.journal import AnyEntry, CandidateSpoke, ClauseSaid
from scripts.measure.private_postgres import programs, stoppable_cluster
from scripts.measure.server import FAKES, running
from service.storage import store
from service.storage.database import Database, open_database

from .conftest import Serve
from .live.test_websocket import Client

FIRST, SECOND = "I built bridges for ten years.", "I test them with heavy trucks."
TURN = "conversation.item.input_audio_transcription.completed"
Act = Callable[[], Awaitable[Any]]


async def talk_through(client: Client, take_away: Act, bring_back: Act) -> None:
    """A conversation in which the database is away while the first answer is given; each answer
    interrupts what the interviewer says."""
    await client.next("response.audio.delta")
    await take_away()
    await client.send(type="text", content=FIRST)
    error = await client.next("error")
    assert error["code"] == "record_unavailable"
    assert await client.lives()
    assert not [event for event in client.got if event["type"] == TURN]
    await bring_back()
    assert (await client.next(TURN))["transcript"] == FIRST
    await client.next("response.audio.delta")
    await client.send(type="text", content=SECOND)
    assert (await client.next(TURN))["transcript"] == SECOND
    await client.next("response.audio.delta")
    assert [event["type"] for event in client.got].count("error") == 1


async def check_record(database: Database, session_id: UUID, client: Client) -> None:
    """Everything once and in order, and every clause that was heard among it."""
    async with database.read() as db:
        rows = await store.events(db, session_id)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    entries: list[AnyEntry] = [store.decode(row) for row in rows]
    assert [e.text for e in entries if isinstance(e, CandidateSpoke)] == [FIRST, SECOND]
    said = [e.text for e in entries if isinstance(e, ClauseSaid)]
    told = [e["delta"] for e in client.got if e["type"] == "response.audio_transcript.delta"]
    assert said[: len(told)] == told


async def begun(http: Any, url: str = "") -> tuple[UUID, Client]:
    session_id = uuid4()
    body = {"interview_id": str(session_id)}
    async with http.post(f"{url}/start-database-interview", json=body) as answer:
        assert answer.status == 200
    return session_id, Client(await http.ws_connect(f"{url}/ws/interview/{session_id}"))


@asynccontextmanager
async def own_process(**settings: str) -> AsyncIterator[tuple[UUID, Client, int]]:
    """A conversation with a service in a process of its own, and that process's id."""
    with running(FAKES, settings) as server:
        async with aiohttp.ClientSession() as http:
            session_id, client = await begun(http, server.url)
            yield session_id, client, server.pid


async def test_a_postgres_that_is_stopped_and_started_again(serve: Serve) -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed) as postgres:
        url = postgres.url.format(name="postgres")
        http = await serve(database_url=url)
        session_id, client = await begun(http)
        await talk_through(
            client,
            lambda: asyncio.to_thread(postgres.stop),
            lambda: asyncio.to_thread(postgres.start),
        )
        async with open_database(url) as database:
            await check_record(database, session_id, client)
        await client.ws.close()
        await http.close()


async def test_a_sqlite_file_that_another_process_locks(serve: Serve, sqlite_url: str) -> None:
    http = await serve()
    session_id, client = await begun(http)
    other = sqlite3.connect(sqlite_url.partition("///")[2], check_same_thread=False)
    with closing(other):

        async def lock() -> None:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")

        async def unlock() -> None:
            other.rollback()

        await talk_through(client, lock, unlock)
    async with open_database(sqlite_url) as database:
        await check_record(database, session_id, client)


async def test_a_disk_that_is_full_and_has_room_again(sqlite_url: str) -> None:
    log = Path(f"{sqlite_url.partition('///')[2]}-wal")
    async with own_process(DATABASE_URL=sqlite_url, AUTOCREATE_INTERVIEWS="true") as own:
        session_id, client, pid = own
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)

        async def fill() -> None:
            """No file of the service can grow any more; its log of writes has to."""
            size = (await asyncio.to_thread(log.stat)).st_size
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

        async def make_room() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

        await talk_through(client, fill, make_room)
        async with open_database(sqlite_url) as database:
            await check_record(database, session_id, client)
