"""Another protocol over the same connection and the same session: nothing but a `Wire` is new."""

import asyncio
import uuid

import aiohttp
import numpy as np
import pytest
from aiohttp import WSMsgType, web

from models import fake
from pipeline.conversation import input as asked
from pipeline.conversation import output as o
from service.app import build_app, runner
from service.live import websocket
from service.live.wire import BadMessage, Close, Frame, Received, Why
from service.security import access
from service.settings import Settings

SECONDS_PER_CHARACTER = 0.02
"""So long that a reply can be interrupted on a machine that is busy with other things."""
ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."
PATIENCE = 120.0
"""Seconds for anything that must come, on a machine that is busy with other things."""


class LineWire:
    """Audio is binary frames; all else is a line of text: a word, and what belongs to it."""

    def __init__(self):
        self.input_rate = 24_000

    def open(self):
        return [Frame(b"welcome")]

    def decode(self, frame):
        if frame.binary:
            return Received(asked.PushAudio(frame.data))
        match frame.data.decode().partition(" "):
            case ["type", _, text]:
                return Received(asked.PushText(text))
            case ["over", _, _]:
                return Received(asked.CommitAudio())
            case ["drop", _, _]:
                return Received(asked.ClearAudio())
            case ["speak", _, _]:
                return Received(asked.CreateResponse())
            case ["hush", _, _]:
                return Received(asked.CancelResponse())
            case ["played", _, played]:
                item, ms = played.split()
                return Received(asked.TruncateResponse(item, int(ms)))
            case ["rate", _, rate]:
                self.input_rate = int(rate)
                return Received(asked.Configure(input_rate=int(rate), output_rate=int(rate)))
            case ["marco", _, _]:
                return Received(answer=[Frame(b"polo")])
        raise BadMessage("what", "Say type, over or marco.")

    def encode(self, said):
        match said:
            case o.TranscriptCompleted(text=text):
                return [Frame(f"you {text}".encode())]
            case o.AudioTranscriptDelta(text=text):
                return [Frame(f"me {text}".encode())]
            case o.ResponseDone(item=item, status=status, heard=heard):
                return [Frame(f"end {status} {item} {heard}".encode())]
            case o.AudioDelta(audio=audio):
                return [Frame(audio.tobytes(), binary=True)]
            case o.InterviewEnded(reason=reason):
                return [Frame(f"bye {reason}".encode())]
            case o.Failed(code=code):
                return [Frame(f"oops {code}".encode())]
        return []

    def close(self, why):
        return Close(4100 + list(Why).index(why), why.name)


async def line_interview(request):
    return await websocket.hold(request, LineWire())


@pytest.fixture
async def connect(tmp_path):
    """Open a socket of the line protocol to an interview of that id, or of a new one."""
    url = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    settings = Settings(database_url=url, autocreate_interviews=True)
    app = build_app(settings, fake.engines(ANSWER, voice=fake.SteadyVoice(SECONDS_PER_CHARACTER)))
    app.router.add_get("/line/{session_id}", line_interview)
    app[access.OPEN] |= {line_interview}
    running = runner(app)
    await running.setup()
    await web.TCPSite(running, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{running.addresses[0][1]}"
    async with aiohttp.ClientSession() as http:

        async def open_socket(session_id=None):
            if session_id is None:
                body = {"interview_id": str(uuid.uuid4())}
                async with http.post(f"{base}/start-database-interview", json=body) as answer:
                    session_id = (await answer.json())["session_id"]
            return await http.ws_connect(f"{base}/line/{session_id}")

        yield open_socket
    await running.cleanup()


async def line(ws, beginning):
    """The next line that begins so; and how many bytes of audio came before it."""
    audio = 0
    async with asyncio.timeout(PATIENCE):
        async for message in ws:
            if message.type is WSMsgType.BINARY:
                audio += len(message.data)
            elif message.data.startswith(beginning):
                return message.data, audio
    raise AssertionError(f"closed with {ws.close_code} before {beginning!r}")


async def test_an_interview_is_held_over_another_wire(connect):
    ws = await connect()
    assert (await ws.receive()).data == "welcome"
    assert (await line(ws, "me"))[0]
    await ws.send_str("marco")
    assert await line(ws, "polo")
    await ws.send_str("type I built a bridge.")
    assert (await line(ws, "you"))[0] == "you I built a bridge."
    assert await line(ws, "me")
    pcm = np.full(480, fake.LOUDNESS, dtype="<i2").tobytes()
    for _ in range(100):
        await ws.send_bytes(pcm)
        await asyncio.sleep(0.01)
    await ws.send_str("over")
    assert (await line(ws, "you"))[0] == f"you {ANSWER}"
    await ws.send_str("type I want to stop the interview now.")
    _, audio = await line(ws, "bye candidate_left")
    assert audio
    async with asyncio.timeout(PATIENCE):
        await ws.receive()
    assert ws.close_code == LineWire().close(Why.COMPLETED).code


async def test_what_the_interview_does_not_offer_another_wire_may(connect):
    ws = await connect()
    await ws.send_str("rate 8000")
    await line(ws, "me")
    await ws.send_str("hush")
    _, _, item, *_ = (await line(ws, "end cancelled"))[0].split(" ")
    await ws.send_str(f"played {item} 0")
    await ws.send_str("speak")
    said, audio = await line(ws, "end completed")
    text = said.split(" ", 3)[3]
    assert "welcome" in text  # of the greeting nothing was heard
    samples = len(text) * SECONDS_PER_CHARACTER * 8000  # by the fake voice
    assert audio / 2 == pytest.approx(samples, rel=0.1)
    for _ in range(60):
        await ws.send_bytes(np.full(160, fake.LOUDNESS, dtype="<i2").tobytes())
        await asyncio.sleep(0.02)
    await ws.send_str("drop")
    assert (await line(ws, "you"))[0] == "you "


async def test_its_own_errors_and_close_codes_are_used(connect):
    ws = await connect()
    await ws.send_str("dance")
    assert await line(ws, "oops what")
    stranger = await connect(str(uuid.uuid4()))
    async with asyncio.timeout(PATIENCE):
        await stranger.receive()
    assert stranger.close_code == LineWire().close(Why.SESSION_UNKNOWN).code
