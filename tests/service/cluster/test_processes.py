"""Replicas that are processes of their own: one is killed, one hangs, and Postgres is restarted."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import text

from pipeline.journal import CandidateSpoke, Connected
from scripts.measure.private_postgres import Cluster, programs, stoppable_cluster
from scripts.measure.server import FAKES, Server, running
from service.storage.database import open_database
from tests.service.live.test_websocket import Client

from .competing import journal

FIRST, SECOND = "I built bridges for ten years.", "I test them with heavy trucks."
TURN = "conversation.item.input_audio_transcription.completed"
ON_RECORD = {TURN, "response.audio_transcript.delta", "response.created"}
KEY = "k" * 32


@asynccontextmanager
async def two(url: str) -> AsyncIterator[tuple[Server, Server]]:
    settings = {
        "DATABASE_URL": url,
        "CLUSTER": "true",
        "API_KEYS": f"test:{KEY}",
        "GRANTS_KEY": KEY,
        "AUTOCREATE_INTERVIEWS": "true",
    }
    async with AsyncExitStack() as stack:
        one = stack.enter_context(running(FAKES, settings))
        yield one, stack.enter_context(running(FAKES, settings))


async def begun(http: aiohttp.ClientSession, server: Server) -> tuple[UUID, Client]:
    session = uuid4()
    body = {"interview_id": str(session)}
    async with http.post(f"{server.url}/start-database-interview", json=body) as answer:
        assert answer.status == 200
    client = await connected(http, server, session)
    await client.next("response.audio.delta")
    await says(client, FIRST)
    return session, client


async def connected(http: aiohttp.ClientSession, server: Server, session: UUID) -> Client:
    return Client(await http.ws_connect(f"{server.url}/ws/interview/{session}", max_msg_size=0))


def question(said: dict[str, str]) -> str:
    """The last sentence of a reply, which asks something."""
    return said["text"].rpartition(". ")[2]


async def says(client: Client, text: str) -> None:
    await client.send(type="text", content=text)
    assert (await client.next(TURN))["transcript"] == text


async def check(url: str, session: UUID, connections: int) -> None:
    async with open_database(url) as database:
        entries = await journal(database, session)
    assert [each.text for each in entries if isinstance(each, CandidateSpoke)] == [FIRST, SECOND]
    assert sum(isinstance(each, Connected) for each in entries) == connections


async def test_the_interview_of_a_killed_replica_goes_on_at_another(shared_url: str) -> None:
    async with two(shared_url) as (one, other), aiohttp.ClientSession() as http:
        session, client = await begun(http, one)
        os.kill(one.pid, signal.SIGKILL)
        await client.close_code()
        again = await connected(http, other, session)
        await says(again, SECOND)
        await again.ws.close()
    await check(shared_url, session, connections=2)


async def test_a_replica_that_hangs_loses_its_interview_and_writes_nothing_when_it_wakes(
    shared_url: str,
) -> None:
    async with two(shared_url) as (one, other), aiohttp.ClientSession() as http:
        session, client = await begun(http, one)
        os.kill(one.pid, signal.SIGSTOP)
        try:
            await client.send(type="text", content="Nobody hears this.")
            again = await connected(http, other, session)
            await says(again, SECOND)
        finally:
            os.kill(one.pid, signal.SIGCONT)
        assert await client.close_code() in (1011, 4409)
        await again.ws.close()
    await check(shared_url, session, connections=2)


async def in_touch(url: str) -> None:
    """Wait until both replicas have connected to a server that was started again: only then can
    they ask each other to let a session go."""
    beats = "SELECT count(*) FROM replicas WHERE seen_at > pg_postmaster_start_time()"
    async with open_database(url) as database, asyncio.timeout(60):
        while True:
            async with database.read() as db:
                if await db.scalar(text(beats)) == 2:
                    return
            await asyncio.sleep(0.05)


async def answered_without_a_record(client: Client, server: Cluster) -> tuple[str, int]:
    """Stop the database, then answer; return the question that was asked, and how many messages
    had come before the answer."""
    asked = question(await client.next("response.text.done"))
    await client.next("response.done")
    await asyncio.to_thread(server.stop)
    before = len(client.got)
    await client.send(type="text", content=SECOND)
    assert (await client.next("error"))["code"] == "record_unavailable"
    return asked, before


async def test_an_answer_that_only_a_dying_replica_knew_is_asked_for_again() -> None:
    """Nobody was told that it is there: a transcript, or a reply, means that it is on record."""
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed) as server:
        url = server.url.format(name="postgres")
        async with two(url) as (one, other), aiohttp.ClientSession() as http:
            session, client = await begun(http, one)
            asked, before = await answered_without_a_record(client, server)
            os.kill(one.pid, signal.SIGKILL)
            await client.close_code()
            assert {event["type"] for event in client.got[before:]} & ON_RECORD == set()
            await asyncio.to_thread(server.start)
            again = await connected(http, other, session)
            assert question(await again.next("response.text.done")) == asked
            await says(again, SECOND)
            await again.ws.close()
        await check(url, session, connections=2)


async def refused(http: aiohttp.ClientSession, server: Server, session: UUID) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await connected(http, server, session)
    return refusal.value.status


async def admitted(http: aiohttp.ClientSession, server: Server, session: UUID) -> Client:
    """Connect as a client does whose service has just lost its database: again and again."""
    async with asyncio.timeout(60):
        while True:
            with suppress(aiohttp.WSServerHandshakeError):
                return await connected(http, server, session)
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["the same replica", "another one"])
async def test_a_socket_that_breaks_while_postgres_is_away_costs_nothing_that_was_said(
    elsewhere: bool,
) -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed) as server:
        url = server.url.format(name="postgres")
        async with two(url) as (one, other), aiohttp.ClientSession() as http:
            session, client = await begun(http, one)
            asked, before = await answered_without_a_record(client, server)
            await client.ws.close()
            assert {event["type"] for event in client.got[before:]} & ON_RECORD == set()
            assert await refused(http, one, session) == 503
            assert await refused(http, other, session) == 503
            await asyncio.to_thread(server.start)
            await written(url, session, SECOND)
            again = await admitted(http, other if elsewhere else one, session)
            assert question(await again.next("response.text.done")) != asked
            await again.ws.close()
        await check(url, session, connections=2)


async def written(url: str, session: UUID, answer: str) -> None:
    async with open_database(url) as database, asyncio.timeout(60):
        while True:
            entries = await journal(database, session)
            if answer in [each.text for each in entries if isinstance(each, CandidateSpoke)]:
                return
            await asyncio.sleep(0.05)


async def test_a_restart_of_postgres_closes_no_socket_and_ends_no_interview() -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed) as server:
        url = server.url.format(name="postgres")
        async with two(url) as (one, other), aiohttp.ClientSession() as http:
            session, client = await begun(http, one)
            await asyncio.to_thread(server.stop)
            await client.send(type="text", content=SECOND)
            assert await client.lives()
            await asyncio.to_thread(server.start)
            assert (await client.next(TURN))["transcript"] == SECOND
            await in_touch(url)
            newer = await connected(http, other, session)
            assert await client.close_code() == 4409
            await newer.next("response.audio.delta")
            await newer.ws.close()
        await check(url, session, connections=2)
