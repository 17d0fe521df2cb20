"""A service that is killed while it records."""

import asyncio
import base64
import time
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import numpy as np

from models.contracts import SPEAKING_RATE
from service.recording import recordings
from service.recording.ogg_opus import seconds
from tests.audio import channels, lag, noise
from tests.waiting import PATIENCE

from .live.test_websocket import Client
from .process import Process

SPOKEN = 6.0
"""Seconds that the candidate has sent when the service is killed."""
LOST = 1.0
"""Seconds that may be missing at the end."""


async def heard(client: Client, sound: np.ndarray) -> None:
    """Send this, faster than it is spoken, until the service has taken it."""
    pcm = sound.astype("<i2").tobytes()
    for start in range(0, len(pcm), 2 * SPEAKING_RATE // 10):
        piece = base64.b64encode(pcm[start : start + 2 * SPEAKING_RATE // 10]).decode()
        await client.send(type="audio", audio=piece)
    assert await client.lives()


def wait_until_on_disk(path: Path, length: float) -> None:
    """Wait until that much of the recording can be played."""
    until = time.monotonic() + PATIENCE
    while not path.exists() or seconds(path) < length:
        assert time.monotonic() < until, "what was said did not come to the disk"
        time.sleep(0.01)


async def test_what_was_said_until_a_second_before_the_kill_can_be_heard(
    tmp_path: Path, sqlite_url: str
) -> None:
    folder = tmp_path / "recordings"
    service = Process(
        tmp_path,
        DATABASE_URL=sqlite_url,
        RECORDING="true",
        RECORDINGS_DIR=str(folder),
        AUTOCREATE_INTERVIEWS="true",
    )
    interview_id = uuid4()
    sound = noise(SPOKEN, 3000)
    try:
        async with aiohttp.ClientSession() as http:
            for number in (1, 2):
                await service.start_up()
                await started(http, service, interview_id)
                address = f"{service.url}/ws/interview/{interview_id}"
                client = Client(await http.ws_connect(address))
                path = recordings.path_of(folder, interview_id, number)
                await heard(client, sound)
                await asyncio.to_thread(wait_until_on_disk, path, SPOKEN - LOST)
                service.kill()
        for number in (1, 2):
            left, _ = channels(recordings.path_of(folder, interview_id, number))
            assert len(left) / SPEAKING_RATE >= SPOKEN - LOST
            assert abs(lag(left, sound)) < 0.001
    finally:
        service.kill()


async def started(http: aiohttp.ClientSession, service: Process, interview_id: UUID) -> None:
    body = {"interview_id": str(interview_id)}
    async with http.post(f"{service.url}/start-database-interview", json=body) as answer:
        assert answer.status == 200
