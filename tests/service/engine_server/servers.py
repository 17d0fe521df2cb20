"""Engine servers in the test's own process, which can be stopped and started again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web

from models.contracts import EndOfTurn, Samples, Transcriber, Voice
from models.errors import EngineBusy
from models.fake import LOUDNESS, ScriptedEndOfTurn, ScriptedTranscriber, SteadyVoice
from models.remote.pool import Patience, Pool
from models.remote.serving import Served
from service.engine_server.app import Serving, build_app, runner
from service.settings import Settings
from tests.waiting import until

KEY = "k" * 24
QUICK = Patience(connect=10.0, call=30.0, call_before_local=30.0, retry=0.01, most_retry=0.02)
"""For tests: soon connected again. A test that waits longer fails."""


def said(number: int, seconds: float = 0.1) -> Samples:
    """The audio in which a scripted transcriber hears its text of that number."""
    return np.full(int(16_000 * seconds), LOUDNESS * number, dtype=np.int16)


class Gate(ScriptedTranscriber):
    """A transcriber that answers when the test opens it."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()
        self.left = asyncio.Event()
        """Set when a call was cancelled."""
        self.finals = 0

    async def final(self, audio: Samples, context: str = "") -> Any:
        self.finals += 1
        self.asked.set()
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.left.set()
            raise
        return await super().final(audio, context)


class Full(ScriptedTranscriber):
    """A transcriber that has too much to do."""

    async def final(self, audio: Samples, context: str = "") -> Any:
        raise EngineBusy("256 stretches of speech wait for the recognizer")


@dataclass
class EngineServerHere:
    """One server; `port` stays when it is started again."""

    transcriber: Transcriber = field(default_factory=lambda: ScriptedTranscriber("Hello.", "Bye."))
    voice: Voice = field(default_factory=SteadyVoice)
    end_of_turn: EndOfTurn | None = field(default_factory=lambda: ScriptedEndOfTurn(0.75))
    key: str = KEY
    port: int = 0
    voice_id: str = "some-voice"
    serving: Serving = field(default_factory=Serving)
    running: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def start(self, *, loaded: bool = True) -> "EngineServerHere":
        self.serving = Serving()
        if loaded:
            self.load()
        self.running = runner(build_app(Settings(engines_key=self.key), self.serving))
        await self.running.setup()
        site = web.TCPSite(self.running, "127.0.0.1", self.port)
        await site.start()
        self.port = self.running.addresses[0][1]
        return self

    def load(self) -> None:
        self.serving.loaded(
            Served(
                self.transcriber,
                self.voice,
                self.end_of_turn,
                recognizer_id="some-recognizer",
                voice_id=self.voice_id,
                voice_languages=("en",),
            )
        )

    async def stop(self) -> None:
        if self.running:
            await self.running.cleanup()
            self.running = None


@asynccontextmanager
async def servers(*each: EngineServerHere) -> AsyncIterator[tuple[EngineServerHere, ...]]:
    try:
        for server in each:
            await server.start()
        yield each
    finally:
        for server in each:
            await server.stop()


class Line:
    """A line to a server that can be cut without a word: nothing arrives any more, on either side,
    and no connection is closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = asyncio.Event()
        self._whole.set()

    def cut(self) -> None:
        self._whole.clear()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        """Provide the address of the line's near end."""
        async with asyncio.TaskGroup() as tasks:
            carrying: list[asyncio.Task[None]] = []

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
                for way in ((reader, far_writer), (far_reader, writer)):
                    carrying.append(tasks.create_task(self._carry(*way)))

            async with await asyncio.start_server(connected, "127.0.0.1", 0) as near:
                yield f"ws://127.0.0.1:{near.sockets[0].getsockname()[1]}"
                for each in carrying:
                    each.cancel()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await self._whole.wait()
                writer.write(data)
        finally:
            writer.close()


@asynccontextmanager
async def pool_over(
    *each: EngineServerHere, key: str = KEY, patience: Patience = QUICK
) -> AsyncIterator[Pool]:
    """Start these servers, and provide a pool that is connected to all of them."""
    async with servers(*each):
        pool = Pool([server.url for server in each], key, patience=patience)
        try:
            await pool.connect(within=30)
            await until(lambda: len(pool.servers) == len(each))
            yield pool
        finally:
            await pool.aclose()
