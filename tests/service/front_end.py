"""A product's front end, as docs/protocol.md has it: a window in which an interview is held, and
one that shows its results."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import numpy as np

from models import fake
from models.contracts import SPEAKING_RATE
from tests.waiting import PATIENCE, until

ORIGIN = "http://localhost:3000"
CHUNK = 2048
"""Samples of a message of the microphone, which are sent as fast as they are heard."""
CONNECT_SECONDS = 5.0
PING_SECONDS = 10.0
PONG_SECONDS = 30.0
RETRY_SECONDS = 2.0
MODULE_KEYS = ("module", "adjustment")


class Window:
    """It starts an interview, holds it, connects again, and finalizes only if the person ends it
    or the socket is closed for good."""

    def __init__(self, http: aiohttp.ClientSession, url: str, interview: str) -> None:
        self._http = http
        self._url = url
        self.interview = interview
        self.session = ""
        self.log: list[dict[str, Any]] = []
        """All that came, as it is posted at the end."""
        self.closed: list[int | None] = []
        self.alerts: list[str] = []
        """What the person is shown."""
        self.ended = asyncio.Event()
        """By the interviewer, or for want of a connection."""
        self._heard = 0
        self._plays_until = 0.0
        self._speaks_until = 0.0
        self._pong = 0.0
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> bool:
        """On Start, on Retry, and after a close with 4000."""
        headers = {"Origin": ORIGIN}
        for path, body in (
            ("/prepare-interview-context", {"interviewId": self.interview}),
            ("/start-interview", {"interview_session_id": self.interview}),
        ):
            async with self._http.post(self._url + path, json=body, headers=headers) as answer:
                told = await answer.json()
                assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
                if not answer.ok:
                    self.alerts.append(told["detail"] or told["message"])
                    return False
        assert told["message"]
        self.session = told["session_id"]
        return await self._connect()

    async def _connect(self) -> bool:
        address = f"{self._url}/ws/interview/{self.session}"
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                ws = await self._http.ws_connect(
                    address, headers={"Origin": ORIGIN}, max_msg_size=0
                )
        except (aiohttp.ClientError, TimeoutError):
            return False
        self._ws = ws
        self._pong = time.monotonic()
        for work in (self._listen, self._talk, self._ping):
            task = asyncio.create_task(work(ws), name=work.__name__)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def _talk(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        begun, sent = time.monotonic(), 0
        while not ws.closed:
            loud = fake.LOUDNESS if time.monotonic() < self._speaks_until else 0
            pcm = np.full(CHUNK, loud, dtype="<i2").tobytes()
            with suppress(ConnectionError):
                await ws.send_json({"type": "audio", "audio": base64.b64encode(pcm).decode()})
            sent += 1
            await asyncio.sleep(begun + sent * CHUNK / SPEAKING_RATE - time.monotonic())

    async def _ping(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        while not ws.closed:
            with suppress(ConnectionError):
                await ws.send_json({"type": "ping", "ts": round(time.time() * 1000)})
            await asyncio.sleep(PING_SECONDS)
            if time.monotonic() - self._pong > PONG_SECONDS:
                self.alerts.append("The connection seems to be lost.")

    async def _listen(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in ws:
            event = json.loads(frame.data)
            self.log.append({"type": event["type"], "timestamp": time.time(), "data": event})
            self._take(event)
        if ws is self._ws:  # else a newer one took its place
            self.closed.append(ws.close_code)
            await self._left(ws.close_code)

    def _take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "response.audio.delta":
                seconds = len(base64.b64decode(event["delta"])) / 2 / SPEAKING_RATE
                self._plays_until = max(self._plays_until, time.monotonic()) + seconds
            case "input_audio_buffer.speech_started":
                self._plays_until = 0.0
            case "pong":
                self._pong = time.monotonic()
            case "error":
                self.alerts.append(event["message"])
            case "interview_ended_by_ai":
                self.ended.set()

    async def _left(self, code: int | None) -> None:
        if self.ended.is_set():
            return
        if code == 4000:
            await self.start()
        elif code in (1006, 1011):
            await asyncio.sleep(RETRY_SECONDS)
            await self._reachable()
            if await self._connect():  # a try that failed is the last one
                return
            self.alerts.append("The connection is lost.")
            self.ended.set()
        elif code == 4004:
            self.alerts.append("The session was not found. Retry?")
        elif code is None or code < 4000:
            await self.finalize()

    async def _reachable(self) -> None:
        """On a machine that runs other tests the service may start slower than its clients allow;
        how fast it does is for other tests to say."""
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(aiohttp.ClientConnectionError):
                    async with self._http.get(f"{self._url}/livez"):
                        return
                await asyncio.sleep(0.05)

    async def heard(self) -> str:
        """The next reply, when all of it was played."""
        await until(lambda: self._replies()[self._heard :] or self.alerts)
        assert not self.alerts, self.alerts
        text: str = self._replies()[self._heard]
        self._heard += 1
        await asyncio.sleep(max(self._plays_until - time.monotonic(), 0) + 0.2)
        return text

    def _replies(self) -> list[str]:
        return [m["data"]["text"] for m in self.log if m["type"] == "response.text.done"]

    async def say(self, seconds: float = 1.5) -> None:
        self._speaks_until = time.monotonic() + seconds
        await asyncio.sleep(seconds)

    async def reload(self) -> "Window":
        """The browser closes the socket of the old page without a word and opens a new page."""
        ws, self._ws = self._ws, None
        if ws:
            await ws.close(code=1001)
        return Window(self._http, self._url, self.interview)

    async def cut(self, code: int) -> None:
        """A proxy closes the socket with this code; the service sees it vanish."""
        ws, self._ws = self._ws, None
        assert ws
        connection = ws._response.connection
        assert connection
        assert connection.transport
        connection.transport.abort()
        self.closed.append(code)
        await self._left(code)

    async def leave(self) -> Any:
        """The person ends the interview."""
        ws, self._ws = self._ws, None
        if ws:
            await ws.close(code=1000)
        return await self.finalize()

    async def finalize(self) -> Any:
        body = {"interviewId": self.session, "transcript": self.log}
        address = f"{self._url}/finalize-interview"
        async with self._http.post(address, json=body, headers={"Origin": ORIGIN}) as answer:
            told = await answer.json()
            assert answer.ok, told
            self.ended.set()
            return told["analysis"]

    async def close(self) -> None:
        self._ws, ws = None, self._ws
        if ws:
            await ws.close()
        for task in list(self._tasks):
            task.cancel()


class Results:
    """The window of results: what it shows of the columns of a row."""

    def __init__(self, row: dict[str, Any]) -> None:
        assert row["status"] == "completed"
        seen = row["ai_analysis"]
        assert isinstance(seen, dict)
        self.summary: str = _a(str, seen["summary"])
        self.score = f"{0 if seen.get('score') is None else seen['score']}/100"
        self.job_fit: str = seen.get("job_fit") or "Not_Assessed"
        self.strengths = _texts(seen["strengths"])
        self.weaknesses = _texts(seen["weaknesses"])
        self.recommendations = _texts(seen["recommendations"])
        self.modules = _a(dict, seen["skills_assessment"]["agenda_modules"])
        for metrics in self.modules.values():
            assert all(_a((str, int), value) != "" for value in metrics.values())
        self.performance = _a(dict, seen["module_performance"])
        assert all(_a((str, int), value) != "" for value in self.performance.values())
        self.notes: str = _a(str, seen["assessment_fairness"]["notes"])
        self.adjustments = _a(list, seen["fairness_adjustments"])
        assert all(_a(str, each[key]) for each in self.adjustments for key in MODULE_KEYS)


def _a(kind: Any, value: Any) -> Any:
    assert isinstance(value, kind), value
    return value


def _texts(value: Any) -> list[str]:
    return [_a(str, each) for each in _a(list, value)]


async def shown(row: Callable[[], Awaitable[dict[str, Any]]], score: str) -> Results:
    """Wait until the window would show this score."""
    async with asyncio.timeout(PATIENCE):
        while (found := Results(await row())).score != score:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return found
