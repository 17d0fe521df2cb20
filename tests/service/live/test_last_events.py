"""What a client is still told when the server ends its socket in the middle of a reply."""

import asyncio
import base64

import numpy as np
import pytest

from models import fake
from models.errors import EngineError
from models.fake import LOUDNESS

from .test_websocket import Service

LONG = "And would you please tell me, in as many words as you like, about what you do all day? " * 3


class TiredVad(fake.LoudnessVad):
    """Fails at the first sound."""

    def probability(self, frame):
        if frame.any():
            raise EngineError("worn out")
        return super().probability(frame)


@pytest.fixture
async def service(tmp_path):
    voice = fake.SteadyVoice(0.1)  # replies take seconds
    engines = fake.engines(LONG, voice=voice)
    engines = fake.Engines(TiredVad(), engines.transcriber, engines.llm, voice)
    async with Service(tmp_path).running(engines) as running:
        yield running


async def finalizes(service, session_id, _):
    body = {"interviewId": session_id, "transcript": []}
    async with service.http.post(f"{service.url}/finalize-interview", json=body) as answer:
        assert answer.status == 200


async def ends(service, session_id, _):
    async with service.http.delete(f"{service.url}/session/{session_id}/end") as answer:
        assert answer.status == 200


async def opens_another_tab(service, session_id, _):
    await service.connect(session_id)


async def restarts(service, *_):
    await service.stop()


async def breaks(service, _, client):
    pcm = np.full(4800, LOUDNESS, dtype="<i2").tobytes()
    await client.send(type="audio", audio=base64.b64encode(pcm).decode())


@pytest.mark.parametrize(
    ("how", "code"),
    [(finalizes, 1000), (ends, 1000), (opens_another_tab, 4409), (restarts, 1011), (breaks, 1011)],
)
async def test_a_reply_that_was_opened_is_closed_once_whoever_ends_the_socket(service, how, code):
    session_id = await service.start()
    client = await service.connect(session_id)
    await client.next("response.audio.delta")
    async with asyncio.TaskGroup() as tasks:
        closing = tasks.create_task(client.close_code())
        await how(service, session_id, client)
    assert closing.result() == code
    opened = [event["response_id"] for event in client.got if event["type"] == "response.created"]
    closed = [event["response_id"] for event in client.got if event["type"] == "response.done"]
    assert closed == opened
    assert client.got[-1]["type"] in ("response.done", "error")
