"""A candidate speaks to the real engines and is gone before the pause has ended the turn. Whatever
the way, what was said is on record when the session is over."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from pipeline.interview.default_plans import default_plan
from pipeline.journal import CandidateSpoke, Disconnected
from pipeline.matching import says, word_errors
from scripts.measure.candidate import Candidate, Utterance, in_starter_voice, interview, start
from scripts.measure.server import PRODUCT, free_port, launch, running, wait_until_ready
from service.storage import store
from service.storage.database import open_database

ANSWER = "I have worked as a software engineer for six years, mostly on web services in Python."
WORD_ERRORS = 0.2
AT_ONCE = 0.1
"""Seconds after the last word; a pause ends the turn after 0.6."""

Leave = Callable[[aiohttp.ClientSession, str, str, Candidate], Awaitable[Any]]


async def finalizes(http: aiohttp.ClientSession, url: str, session: str, _: Candidate) -> Any:
    body = {"interviewId": session, "transcript": []}
    async with http.post(f"{url}/finalize-interview", json=body) as answer:
        return (await answer.json())["analysis"]["answers"][0]["answer"]


async def ends(http: aiohttp.ClientSession, url: str, session: str, _: Candidate) -> Any:
    async with http.delete(f"{url}/session/{session}/end") as answer:
        assert (await answer.json())["interview_summary"]["user_speech_count"] == 1


async def closes(http: aiohttp.ClientSession, url: str, session: str, left: Candidate) -> Any:
    """Nothing: the socket is closed with 1000 when it is not needed any more."""


async def vanishes(http: aiohttp.ClientSession, url: str, session: str, left: Candidate) -> Any:
    left.vanish()


async def says_so(http: aiohttp.ClientSession, url: str, session: str, left: Candidate) -> Any:
    """Having finished, and finalizes in the same moment."""
    await left.send({"type": "audio_end"})
    return await finalizes(http, url, session, left)


async def opens_another_tab(
    http: aiohttp.ClientSession, url: str, session: str, left: Candidate
) -> Any:
    """The interviewer goes on from the answer."""
    async with interview(http, url, session) as newer:
        reply = await newer.reply()
        first, second = default_plan().questions[:2]
        assert not says(reply.text, first.text)
        assert says(reply.text, second.text)


WAYS: tuple[Leave, ...] = (finalizes, ends, closes, vanishes, says_so, opens_another_tab)


async def spoken() -> Utterance:
    (made,) = await in_starter_voice(ANSWER)
    return made


async def leave(
    http: aiohttp.ClientSession, url: str, session: str, answer: Utterance, way: Leave
) -> str:
    """Hear the greeting, answer, and leave with the last word; what was answered to that."""
    told = ""
    async with interview(http, url, session) as candidate:
        await candidate.reply()
        said = candidate.say(answer)
        while not said.ended:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(AT_ONCE)
        try:
            told = await way(http, url, session, candidate) or ""
        except aiohttp.ClientError:
            pytest.fail(f"{way.__name__}: no answer")
    return told


async def on_record(http: aiohttp.ClientSession, url: str, session: str) -> list[str]:
    """The candidate's turns, once the last of them is there; the order of the lines."""
    async with asyncio.timeout(60):
        while True:
            async with http.get(f"{url}/session/{session}/transcript") as answer:
                lines = (await answer.json())["live_transcript"]
            if any("disconnected" in line["content"] for line in lines):
                return [line["content"] for line in lines if line["speaker"] == "user"]
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def left() -> dict[str, tuple[str, list[str]]]:
    """All ways at once, each in an interview of its own: what was told, and what is on record."""

    async def every(url: str) -> dict[str, tuple[str, list[str]]]:
        answer = await spoken()
        async with aiohttp.ClientSession() as http:

            async def one(way: Leave) -> tuple[str, list[str]]:
                session = await start(http, url, str(uuid4()))
                told = await leave(http, url, session, answer, way)
                return told, await on_record(http, url, session)

            found = await asyncio.gather(*(one(way) for way in WAYS))
        return {way.__name__: each for way, each in zip(WAYS, found, strict=True)}

    with running(settings={"MAX_SESSIONS": "16"}) as server:
        return asyncio.run(every(server.url))


@pytest.mark.parametrize("way", [way.__name__ for way in WAYS])
def test_what_was_said_last_is_on_record(left: dict[str, tuple[str, list[str]]], way: str) -> None:
    told, turns = left[way]
    assert len(turns) == 1
    assert word_errors(ANSWER, turns[0]) <= WORD_ERRORS
    if told:  # the answer to finalizing has it already
        assert told == turns[0]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def stoppable(tmp_path: Path) -> Iterator[tuple[str, str, Callable[[], int]]]:
    """A server's address, its database, and how it is told to stop."""
    port, database = free_port(), f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db"
    settings = {"DATABASE_URL": database, "AUTOCREATE_INTERVIEWS": "true"}
    child = launch(PRODUCT, settings, port, str(tmp_path))
    url = f"http://127.0.0.1:{port}"

    def stop() -> int:
        child.send_signal(signal.SIGTERM)
        return child.wait(30)

    try:
        wait_until_ready(child, url, str(tmp_path))
        yield url, database, stop
    finally:
        child.kill()
        child.wait()


async def test_a_service_that_is_stopped_takes_down_what_is_being_said(
    stoppable: tuple[str, str, Callable[[], int]], http: aiohttp.ClientSession
) -> None:
    url, database_url, stop = stoppable
    session = await start(http, url, str(uuid4()))

    async def stopped(*_: Any) -> None:
        assert await asyncio.to_thread(stop) == 0

    await leave(http, url, session, await spoken(), stopped)
    async with open_database(database_url) as database, database.read() as db:
        entries = [entry for _, entry in await store.entries(db, UUID(session))]
    (turn,) = [entry for entry in entries if isinstance(entry, CandidateSpoke)]
    assert word_errors(ANSWER, turn.text) <= WORD_ERRORS
    assert isinstance(entries[-1], Disconnected)
