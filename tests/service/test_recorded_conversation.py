"""A conversation through the socket, and the sound that is kept of it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import TestClient

from models import fake
from models.contracts import SPEAKING_RATE, Samples
from models.fake import LOUDNESS
from pipeline.journal import AnyEntry, Connected, RecordingStopped
from service.app import build_app
from service.recording import recordings
from service.recording.recorder import RECORDER, Recorder
from service.settings import Settings
from service.storage import store
from service.storage.database import DATABASE, Database
from tests.audio import channels, lag, level, noise

from .conftest import RealServer, Serve

ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."
CHUNK = SPEAKING_RATE // 50
WITHIN = 0.04
"""Seconds that a recording may be off, besides those that the caller itself was late."""


class NoisyVoice(fake.SteadyVoice):
    """Speech that can be told from other speech."""

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        length = len(await super().speak(text)) / SPEAKING_RATE
        return noise(length, 6000, seed=len(self.spoken))


class Caller:
    """Speaks in real time, and keeps what was said and played on its own time line."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.spoken: list[Samples] = []
        self.played: Samples = np.zeros(0, dtype=np.int16)
        self.got: list[dict[str, Any]] = []
        self.speech: Samples | None = None
        self.interrupted_at = 0
        self.late = 0.0
        """The most seconds by which a busy machine kept it from speaking in time."""
        self._changed = asyncio.Condition()

    @property
    def at(self) -> int:
        """Samples that it has sent."""
        return len(self.spoken) * CHUNK

    async def talk(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            due = began + (len(self.spoken) + 1) / 50
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.late = max(self.late, loop.time() - due)
            chunk = np.zeros(CHUNK, dtype=np.int16)
            if self.speech is not None:
                chunk, rest = self.speech[:CHUNK], self.speech[CHUNK:]
                self.speech = rest if len(rest) >= CHUNK else None
            self.spoken.append(chunk)
            pcm = base64.b64encode(chunk.astype("<i2").tobytes()).decode()
            try:
                await self.ws.send_str(json.dumps({"type": "audio", "audio": pcm}))
            except ConnectionError:
                return

    async def listen(self) -> None:
        async for frame in self.ws:
            event = json.loads(frame.data)
            if event["type"] == "response.audio.delta":
                piece = np.frombuffer(base64.b64decode(event["delta"]), dtype="<i2")
                gap = np.zeros(max(0, self.at - len(self.played)), dtype=np.int16)
                self.played = np.concatenate([self.played, gap, piece])
            elif event["type"] == "input_audio_buffer.speech_started":
                self.played = self.played[: self.at]
                self.interrupted_at = self.at
            async with self._changed:
                self.got.append(event)
                self._changed.notify_all()

    async def next(self, kind: str) -> None:
        """Wait for another event of this kind than those that have come."""
        before = len(self.got)

        def there() -> bool:
            return any(event["type"] == kind for event in self.got[before:])

        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(there)

    def say(self, seconds: float) -> None:
        """An answer: loud enough for the fakes, and unlike any other stretch of sound."""
        self.speech = LOUDNESS + noise(seconds, 300, seed=99)


@asynccontextmanager
async def calling(client: TestClient[Any, Any], interview_id: UUID) -> AsyncIterator[Caller]:
    async with asyncio.TaskGroup() as tasks:
        caller = Caller(await client.ws_connect(f"/ws/interview/{interview_id}"))
        talking = tasks.create_task(caller.talk())
        tasks.create_task(caller.listen())
        yield caller
        talking.cancel()
        await caller.ws.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


async def recorded(client: TestClient[Any, Any]) -> UUID:
    """An interview of which every connection is recorded."""
    interview_id = uuid4()
    body = {"interview_id": str(interview_id)}
    async with client.post("/start-database-interview", json=body) as response:
        assert (await response.json())["recording"] is True
    return interview_id


async def entries(database: Database, interview_id: UUID) -> list[AnyEntry]:
    async with database.read() as db:
        return [entry for _, entry in await store.entries(db, interview_id)]


async def test_the_recording_has_both_sides_as_they_were_sent_and_played(
    serve: Serve, folder: Path
) -> None:
    engines = fake.engines(ANSWER, voice=NoisyVoice(0.02))
    client = await serve(engines, recording=True, recordings_dir=folder)
    interview_id = await recorded(client)
    async with calling(client, interview_id) as caller:
        await caller.next("response.done")
        caller.say(1.5)
        await caller.next("response.audio.delta")  # of the next question
        asked = caller.at / SPEAKING_RATE
        caller.say(1.5)
        await caller.next("input_audio_buffer.speech_started")  # it is interrupted
        await caller.next("response.audio.delta")
    await client.close()
    left, right = channels(recordings.path_of(folder, interview_id, 1))
    spoken = np.concatenate(caller.spoken)
    within = WITHIN + caller.late
    assert abs(lag(left, spoken - spoken.mean())) <= within
    assert abs(lag(right, caller.played)) <= within
    cut = caller.interrupted_at / SPEAKING_RATE
    before = level(right, asked, asked + 0.2)
    assert before > 1000  # it spoke before it was stopped
    after = np.arange(cut + WITHIN, cut + within + 0.02, 0.02)
    assert min(level(right, at, at + 0.25) for at in after) < before / 30
    assert abs(len(left) - len(spoken)) / SPEAKING_RATE < 0.2 + caller.late


async def test_a_connection_after_another_has_its_own_recording_on_the_interviews_clock(
    serve: Serve, folder: Path
) -> None:
    engines = fake.engines(ANSWER, voice=NoisyVoice(0.005))
    client = await serve(engines, recording=True, recordings_dir=folder)
    interview_id = await recorded(client)
    for _ in range(2):
        async with calling(client, interview_id) as caller:
            await caller.next("response.done")
    async with client.get(f"/interviews/{interview_id}/export.json") as response:
        whole = await response.json()
    assert [each["number"] for each in whole["recordings"]] == [1, 2]
    spoken = [line["content"] for line in whole["transcript"]]
    assert "This conversation is recorded." in spoken[1]
    assert [each["notice"] for each in whole["notices"]] == ["automated", "recorded"]
    assert all(each["heard_at"] for each in whole["notices"])
    async with client.get(f"/interviews/{interview_id}") as response:
        assert (await response.json())["notices"] == whole["notices"]
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
    assert "had heard the interviewer say that the conversation is recorded by" in page
    assert spoken[0] == "The candidate connected; what both say is recorded."
    found = await entries(client.app[DATABASE], interview_id)
    first, second = (entry for entry in found if isinstance(entry, Connected))
    assert (first.recording, second.recording, first.at_ms) == (1, 2, 0)
    one, two = await recordings.list_recordings(folder, interview_id)
    assert one.seconds * 1000 == pytest.approx(second.at_ms, abs=250)
    assert two.seconds > 0


@pytest.mark.parametrize("full", ["from the beginning", "after a while"])
async def test_a_full_disk_does_no_harm_to_the_conversation(
    aiohttp_client: Any, sqlite_url: str, folder: Path, full: str
) -> None:
    settings = Settings(database_url=sqlite_url, autocreate_interviews=True)
    app = build_app(settings, fake.engines(ANSWER, voice=NoisyVoice(0.005)))
    app[RECORDER] = Recorder(folder, spared=2**60 if full == "from the beginning" else 0)
    client = await aiohttp_client(RealServer(app))
    interview_id = uuid4()
    async with client.post("/start-database-interview", json={"interview_id": str(interview_id)}):
        pass
    async with calling(client, interview_id) as caller:
        with suppress(FileNotFoundError):
            path = recordings.path_of(folder, interview_id, 1)
            path.unlink()
            path.symlink_to("/dev/full")
        await caller.next("response.done")
        caller.say(1.0)
        await caller.next("response.done")
    await app[RECORDER].aclose()
    assert "error" not in {event["type"] for event in caller.got}
    found = await entries(app[DATABASE], interview_id)
    assert sum(isinstance(entry, RecordingStopped) for entry in found) == 1
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
    assert "From here on nothing is recorded:" in page
    assert response.status == 200


async def test_deleting_an_interview_that_goes_on_deletes_its_recording(
    serve: Serve, folder: Path
) -> None:
    client = await serve(fake.engines(), recording=True, recordings_dir=folder)
    interview_id = await recorded(client)
    async with calling(client, interview_id) as caller:
        await caller.next("response.audio.delta")
        async with client.delete(f"/interviews/{interview_id}") as response:
            assert response.status == 200
    await client.close()
    assert await recordings.last_written(folder) == {}
    assert await recordings.list_recordings(folder, interview_id) == []
