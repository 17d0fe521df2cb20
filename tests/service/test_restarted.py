"""A service whose models take long to load: it is started again, stopped, and fails meanwhile."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from scripts.measure.server import FAKES, free_port, launch, slow_fakes, wait_until_ready

from .live.test_loading import TURN, say
from .live.test_websocket import ANSWER, PATIENCE, SILENCE, Client

RETRY_SECONDS = 2.0
"""After a close with 1006 or 1011 the front end waits so long, and tries once."""
CONNECT_SECONDS = 5.0
"""For so long it waits for the socket to open."""
LOADING = 8.0
"""Seconds, of which a busy machine leaves enough for what happens meanwhile."""
NEVER = 3600.0


class Process:
    """The service on one port and one database, with whatever engines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str]) -> float:
        """When it was started."""
        settings = {
            "DATABASE_URL": f"sqlite+aiosqlite:///{self._folder}/test.db",
            "AUTOCREATE_INTERVIEWS": "true",
        }
        self.child = launch(command, settings, self._port, str(self._folder))
        return time.monotonic()

    async def ready(self) -> None:
        assert self.child
        await asyncio.to_thread(wait_until_ready, self.child, self.url, str(self._folder))

    async def listening(self, http: aiohttp.ClientSession) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with http.get(f"{self.url}/livez") as answer:
                        assert answer.status == 200
                        return
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.01)

    def kill(self) -> None:
        if self.child:
            self.child.kill()
            self.child.wait()

    async def ended(self) -> int:
        assert self.child
        return await asyncio.to_thread(self.child.wait, 30)

    @property
    def printed(self) -> str:
        return (self._folder / "output").read_text()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process(tmp_path)
    yield made
    made.kill()


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
    process.start(FAKES)
    await process.ready()
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
        await process.listening(http)  # later than that where other tests run
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
        await process.listening(http)
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
        await process.listening(http)
        session = await started(http, process)
        client = await connected(http, process, session)
        assert process.child
        process.child.send_signal(number)
        assert await client.close_code() == 1011
    assert await process.ended() == 0
    assert "Traceback" not in process.printed
