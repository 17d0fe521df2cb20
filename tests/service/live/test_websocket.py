"""The WebSocket route, by a client that knows the contract, on scripted engines."""

import asyncio
import base64
import json
import re
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import numpy as np
import pytest
from aiohttp import web

from models import fake
from models.errors import EngineError
from service.app import build_app, runner
from service.live import websocket
from service.live.interview_wire import CLOSES, InterviewWire
from service.live.wire import Why
from service.security import access
from service.security.limits import REFUSED_BURST
from service.settings import Settings
from service.storage.database import DATABASE
from service.storage.tables import Interview
from tests.waiting import until

ANSWER = "I have worked on web services in Python for six years, and I enjoy it very much."
PATIENCE = 120.0
"""Seconds for anything that must come, on a machine that is busy with other things."""
SILENCE = base64.b64encode(bytes(4096)).decode()
TERMINAL = [
    "response.audio.done",
    "response.audio_transcript.done",
    "response.text.done",
    "response.done",
]


class Service:
    """The whole application on a free port, and a client's view of it."""

    def __init__(self, tmp_path, **settings):
        self.settings = Settings(
            database_url=f"sqlite+aiosqlite:///{tmp_path}/test.db",
            autocreate_interviews=True,
            **settings,
        )
        self.clients = []

    @asynccontextmanager
    async def running(self, engines=None, change=lambda app: None):
        voice = fake.SteadyVoice(0.004)
        app = build_app(self.settings, engines or fake.engines(ANSWER, voice=voice))
        change(app)
        self.app = app
        running = runner(app)
        await running.setup()
        await web.TCPSite(running, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{running.addresses[0][1]}"
        self.stop = running.cleanup
        async with aiohttp.ClientSession() as self.http:
            try:
                yield self
            finally:
                for client in self.clients:
                    await client.ws.close()
                await running.cleanup()

    async def start(self):
        session_id = str(uuid.uuid4())
        body = {"interview_id": session_id}
        async with self.http.post(f"{self.url}/start-database-interview", json=body) as answer:
            assert answer.status == 200
            return (await answer.json())["session_id"]

    async def connect(self, session_id, path="ws/interview", **options):
        address = f"{self.url}/{path}/{session_id}"
        client = Client(await self.http.ws_connect(address, max_msg_size=0, **options))
        self.clients.append(client)
        return client


class Client:
    def __init__(self, ws):
        self.ws = ws
        self.got = []

    async def send(self, **message):
        await self.ws.send_str(json.dumps(message))

    async def next(self, *types):
        """Everything up to the next event of one of these types, which is returned."""
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self.ws.receive()
                assert frame.type is aiohttp.WSMsgType.TEXT, (frame, self.got[-3:])
                event = json.loads(frame.data)
                self.got.append(event)
                if event["type"] in types:
                    return event

    async def close_code(self):
        async with asyncio.timeout(PATIENCE):
            async for frame in self.ws:
                self.got.append(json.loads(frame.data))
        return self.ws.close_code

    async def lives(self):
        """Whether a ping comes back, whatever else does."""
        stamp = uuid.uuid4().hex
        await self.send(type="ping", ts=stamp)
        return (await self.next("pong"))["ts"] == stamp


@pytest.fixture
async def service(tmp_path):
    async with Service(tmp_path).running() as running:
        yield running


@pytest.fixture
async def client(service):
    return await service.connect(await service.start())


async def test_the_interviewer_begins_and_its_reply_is_closed_in_order(client):
    await client.next("response.done")
    kinds = [event["type"] for event in client.got]
    assert kinds[:4] == [
        "interview.progress",
        "response.created",
        "response.audio_transcript.delta",
        "response.audio.delta",
    ]
    assert kinds[-4:] == TERMINAL
    said = [e["delta"] for e in client.got if e["type"] == "response.audio_transcript.delta"]
    assert " ".join(said) == client.got[-2]["text"]


async def test_every_event_has_an_id_and_every_reply_its_own(client):
    await client.next("response.done")
    await client.send(type="text", content=ANSWER)
    await client.next("response.done")
    ids = [event["event_id"] for event in client.got]
    assert len(set(ids)) == len(ids)
    replies = [e["response_id"] for e in client.got if e["type"] == "response.created"]
    assert len(set(replies)) == 2


async def test_exactly_one_end_for_every_reply_and_nothing_after_it(client):
    await client.next("response.done")
    for answer in ("One.", "Two.", "Three."):  # each interrupts the reply to the one before
        await client.send(type="text", content=answer)
        await client.next("response.audio.delta")
    await client.next("response.done")
    for reply in {e["response_id"] for e in client.got if "response_id" in e}:
        kinds = [e["type"] for e in client.got if e.get("response_id") == reply]
        assert kinds.count("response.created") == kinds.count("response.done")
        if "response.done" in kinds:
            assert kinds[-4:] == TERMINAL


async def test_a_spoken_answer_is_captioned_and_followed_by_another_question(client):
    await client.next("response.done")
    voice = base64.b64encode(np.full(2048, fake.LOUDNESS, "<i2").tobytes()).decode()
    for _ in range(24):  # 2 s
        await client.send(type="audio", audio=voice)
    for _ in range(36):
        await client.send(type="audio", audio=SILENCE)
    heard = await client.next("conversation.item.input_audio_transcription.completed")
    assert heard["transcript"] == ANSWER
    await client.next("response.done")
    kinds = [event["type"] for event in client.got]
    assert kinds.index("input_audio_buffer.speech_started") < kinds.index(
        "input_audio_buffer.speech_stopped"
    )


@pytest.mark.parametrize(("ms", "patience"), [(3000, 1.0), (1000, 3.0)])
async def test_the_wanted_silence_is_waited_for_before_an_answer_is_taken(tmp_path, ms, patience):
    voice = base64.b64encode(np.full(2048, fake.LOUDNESS, "<i2").tobytes()).decode()
    async with Service(tmp_path, endpoint_ms=ms, endpoint_max_ms=ms).running() as service:
        plan = {"patience": patience}
        async with service.http.post(f"{service.url}/interviews", json=plan) as created:
            client = await service.connect((await created.json())["session_id"])
        await client.next("response.done")
        for _ in range(12):
            await client.send(type="audio", audio=voice)
        for _ in range(34):  # 2.9 s
            await client.send(type="audio", audio=SILENCE)
        assert all([await client.lives() for _ in range(20)])  # its words are known by then
        (first,) = (e for e in client.got if e["type"] == "interview.progress")
        for _ in range(12):
            await client.send(type="audio", audio=SILENCE)
        assert (await client.next("interview.progress"))["question"] == first["question"] + 1


async def test_pings_come_back_at_once_with_their_stamp_while_a_reply_is_sent(tmp_path):
    slow = fake.engines(ANSWER, voice=fake.SteadyVoice(0.1))  # the greeting takes seconds
    async with Service(tmp_path).running(slow) as service:
        client = await service.connect(await service.start())
        await client.next("response.audio.delta")
        await client.send(type="ping", ts=1795390535112)
        assert (await client.next("pong"))["ts"] == 1795390535112
        assert "response.done" not in {event["type"] for event in client.got}


async def test_audio_of_any_length_is_taken(client):
    for audio in ("", "AA==", "AAAA", SILENCE, "AA=="):
        await client.send(type="audio", audio=audio)
    assert await client.lives()
    assert "error" not in {event["type"] for event in client.got}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "malformed_json"),
        ("[]", "not_an_object"),
        ('{"type": "video"}', "unknown_type"),
        ('{"type": "audio", "audio": "%%%"}', "bad_base64"),
        ('{"type": "audio", "audio": null}', "wrong_field"),
        ('{"type": "text", "content": ""}', "text_empty"),
        (json.dumps({"type": "audio", "audio": "A" * 1_000_000}), "message_too_large"),
        (json.dumps({"type": "audio", "audio": "A" * 5_000_000}), "message_too_large"),
        (b"\x00\x01", "binary_frame"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "…",
)
async def test_what_cannot_be_read_is_an_error_event_and_the_session_lives(client, frame, code):
    await (client.ws.send_bytes if isinstance(frame, bytes) else client.ws.send_str)(frame)
    error = await client.next("error")
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert await client.lives()


async def test_text_that_is_not_utf_8_is_an_error_event_and_the_session_lives(client):
    await client.ws.send_frame(b'{"type":"\xff"}', aiohttp.WSMsgType.TEXT)
    assert (await client.next("error"))["code"] == "malformed_json"
    assert await client.lives()


async def test_audio_that_comes_too_fast_is_dropped_and_the_client_told_once(client):
    second = base64.b64encode(bytes(48_000)).decode()
    for _ in range(14):
        await client.send(type="audio", audio=second)
    assert (await client.next("error"))["code"] == "audio_too_fast"
    assert await client.lives()
    assert [e["code"] for e in client.got if e["type"] == "error"] == ["audio_too_fast"]


async def test_a_client_that_sends_nothing_but_nonsense_is_closed_with_1008(client):
    for _ in range(round(REFUSED_BURST) + 50):
        await client.send(type="nonsense")
    assert await client.close_code() == 1008


@pytest.mark.parametrize("session_id", ["5a0f1c1e-7a52-4a0c-9f0e-3f6f7f0f4a11", "nobody", "0"])
async def test_an_unknown_session_is_accepted_and_closed_with_4004(service, session_id):
    assert await (await service.connect(session_id)).close_code() == 4004


async def test_a_full_service_says_so_before_the_upgrade(tmp_path):
    late = uuid.uuid4()
    async with Service(tmp_path, max_sessions=1).running() as service:
        async with service.app[DATABASE].write() as db:  # not started: no slot is promised to it
            db.add(Interview(id=late, status="scheduled"))
        first = await service.start()
        there = await service.connect(first)
        assert await there.lives()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await service.connect(late)
        assert refused.value.status == 503
        assert int(refused.value.headers["Retry-After"]) > 0
        assert await there.lives()


async def test_only_pages_that_are_allowed_may_connect(service):
    session_id = await service.start()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await service.connect(session_id, origin="https://elsewhere.example")
    assert refused.value.status == 403
    assert await (await service.connect(session_id, origin=service.url)).lives()
    listed = service.settings.allowed_origins[0]
    assert await (await service.connect(session_id, origin=listed)).lives()


async def test_the_newer_socket_takes_the_session_over(service):
    session_id = await service.start()
    older = await service.connect(session_id)
    assert await older.lives()
    newer = await service.connect(session_id)
    assert await older.close_code() == 4409
    assert await newer.lives()


async def test_a_client_that_has_gone_before_its_turn_leaves_the_one_that_talks_alone(
    service, caplog
):
    caplog.set_level("INFO", "service.http.access_log")
    session_id = await service.start()
    client = await service.connect(session_id)
    await client.next("response.audio.delta")
    host, _, port = service.url.removeprefix("http://").partition(":")
    _, late = await asyncio.open_connection(host, int(port))
    upgrade = {"Host": host, "Connection": "Upgrade", "Upgrade": "websocket"}
    key = {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    lines = [f"GET /ws/interview/{session_id} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (upgrade | key).items()]
    late.write("\r\n".join([*lines, "", ""]).encode())
    late.close()
    await until(lambda: any(" 400, " in each.getMessage() for each in caplog.records))
    assert await client.lives()


async def test_a_request_that_is_no_websocket_leaves_the_one_that_talks_alone(service):
    session_id = await service.start()
    client = await service.connect(session_id)
    async with service.http.get(f"{service.url}/ws/interview/{session_id}") as answer:
        assert answer.status == 400
        assert "WebSocket" in (await answer.json())["detail"]
    assert await client.lives()
    assert not client.ws.closed


async def test_after_a_broken_connection_the_interview_goes_on_where_it_was(service):
    session_id = await service.start()
    first = await service.connect(session_id)
    await first.next("response.done")
    await first.send(type="text", content=ANSWER)
    asked = await first.next("response.text.done")
    first.ws._response.connection.transport.abort()
    second = await service.connect(session_id)
    again = await second.next("response.text.done")
    question = re.split(r"(?<=[.!?]) ", asked["text"])[-1]
    assert again["text"].endswith(question)
    assert again["text"] != asked["text"]


async def test_a_restart_closes_with_a_code_that_clients_connect_again_after(service):
    client = await service.connect(await service.start())
    await client.next("response.audio.delta")
    async with asyncio.TaskGroup() as tasks:
        closing = tasks.create_task(client.close_code())
        await service.stop()
    assert closing.result() == 1011


async def test_finalizing_closes_the_socket_and_a_later_one_is_told_that_it_is_over(service):
    session_id = await service.start()
    client = await service.connect(session_id)
    await client.next("response.done")
    body = {"interviewId": session_id, "transcript": []}
    async with service.http.post(f"{service.url}/finalize-interview", json=body) as answer:
        assert answer.status == 200
    assert await client.close_code() == 1000
    late = await service.connect(session_id)
    assert await late.close_code() == 1000
    assert [event["code"] for event in late.got] == ["interview_over"]


async def test_an_interview_that_ends_says_so_and_waits_for_the_client(service, monkeypatch):
    client = await service.connect(await service.start())
    await client.next("response.done")
    await client.send(type="text", content="I want to stop the interview now.")
    assert (await client.next("interview_ended_by_ai"))["reason"] == "candidate_left"
    assert client.got[-2]["type"] == "response.done"
    assert await client.lives()


async def brusque(request):
    """The interview protocol, but nothing waits for a client that does not close."""
    at_once = replace(CLOSES[Why.COMPLETED], after_s=0.0)
    return await websocket.hold(request, InterviewWire({**CLOSES, Why.COMPLETED: at_once}))


async def test_a_client_that_never_closes_after_the_end_is_closed_with_1000(tmp_path):
    def change(app):
        app.router.add_get("/brusque/{session_id}", brusque)
        app[access.OPEN] |= {brusque}

    async with Service(tmp_path).running(change=change) as service:
        client = await service.connect(await service.start(), path="brusque")
        await client.next("response.done")
        await client.send(type="text", content="I want to stop the interview now.")
        await client.next("interview_ended_by_ai")
        assert await client.close_code() == 1000


class BrokenVad:
    """Fails at the first sound."""

    def __init__(self, error):
        self.error = error

    def open(self):
        return self

    def probability(self, frame):
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [(ValueError("secret"), "internal_error"), (EngineError("x"), "engine_error")],
)
async def test_a_failure_inside_is_told_and_closes_so_that_the_client_connects_again(
    tmp_path, error, code, caplog
):
    whole = fake.engines(ANSWER)
    engines = fake.Engines(BrokenVad(error), whole.transcriber, whole.llm, whole.voice)
    async with Service(tmp_path).running(engines) as service:
        client = await service.connect(await service.start())
        await client.send(type="audio", audio=SILENCE)
        assert await client.close_code() == 1011
        assert client.got[-1]["code"] == code
        assert "secret" not in client.got[-1]["message"]
