"""A service whose models take long to load: it is started again, stopped, and fails meanwhile."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from scripts.measure.server import slow_fakes

from .live.test_loading import TURN, say
from .live.test_websocket import ANSWER, PATIENCE, SILENCE, Client
from .process import Process

RETRY_SECONDS = 2.0
"""After a close with 1006 or 1011 the front end waits so long, and tries once."""
CONNECT_SECONDS = 5.0
"""For so long it waits for the socket to open."""
LOADING = 8.0
"""Seconds, of which a busy machine leaves enough for what happens meanwhile."""
NEVER = 3600.0


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path, AUTOCREATE_INTERVIEWS="true")
    yield made
    made.kill()


async def listening(http: aiohttp.ClientSession, process: Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                async with http.get(f"{process.url}/livez") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.01)


async def connected(http: aiohttp.ClientSession, process: Process, session: str) -> Client:
    address = f"{process.url}/ws/interview/{session}"
    async with asyncio.timeout(CONNECT_SECONDS):
        return Client(await http.ws_connect(address, max_msg_size=0))


async def started(http: aiohttp.ClientSession, process: Process) -> str:
    body = {"interview_id": str(uuid4())}
    async with http.post(f"{process.url}/start-database-interview", json=body) as answer:
        assert answer.status == 200
        return str((await answer.json())["session_id"])


async def test_a_client_comes_back_with_its_one_try_and_talks_on(process: Process) -> None:
    await process.start_up()
    async with aiohttp.ClientSession() as http:
        session = await started(http, process)
        client = await connected(http, process, session)
        await client.next("response.done")
        await client.send(type="text", content="I am a nurse.")
        await client.next(TURN)
        await client.next("response.created")
        process.kill()
        assert await client.close_code() == 1006

        process.start(slow_fakes(LOADING))
        await asyncio.sleep(RETRY_SECONDS)
        await listening(http, process)  # later than that where other tests run
        client = await connected(http, process, session)  # the one try
        await say(client, 3)
        assert await client.lives()
        async with http.get(f"{process.url}/readyz") as answer:
            assert not (await answer.json())["checks"]["models"]["ok"]
        assert {event["type"] for event in client.got} == {"pong"}
        await process.ready()
        for _ in range(30):
            await client.send(type="audio", audio=SILENCE)
        assert (await client.next(TURN))["transcript"] == ANSWER
        await client.next("response.done")


async def test_models_that_cannot_be_loaded_end_it_with_a_sentence(process: Process) -> None:
    process.start(slow_fakes(LOADING / 2, fails=True))
    async with aiohttp.ClientSession() as http:
        await listening(http, process)
        client = await connected(http, process, await started(http, process))
        assert await client.close_code() == 1011
    assert await process.ended() != 0
    assert process.printed.splitlines()[-1] == "vivavoce: These weights are damaged."
    assert "Traceback" not in process.printed


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_does_not_wait_for_its_models(
    process: Process, number: signal.Signals
) -> None:
    process.start(slow_fakes(NEVER))
    async with aiohttp.ClientSession() as http:
        await listening(http, process)
        session = await started(http, process)
        client = await connected(http, process, session)
        process.signal(number)
        assert await client.close_code() == 1011
    assert await process.ended() == 0
    assert "Traceback" not in process.printed
