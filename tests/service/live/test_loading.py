"""A client that connects while the models are being loaded."""

import asyncio
import base64
import uuid

import aiohttp
import numpy as np
import pytest

from models import fake
from models.contracts import SPEAKING_RATE
from service.admission.admission import ADMISSION
from service.engines import EngineLoading
from tests.waiting import PATIENCE, until

from .test_websocket import ANSWER, SILENCE, Service

TURN = "conversation.item.input_audio_transcription.completed"
CHUNK = np.full(2048, fake.LOUDNESS, dtype="<i2").tobytes()
"""As the browser sends it; understood as `ANSWER`."""


@pytest.fixture
def loading():
    return EngineLoading()


@pytest.fixture
async def service(tmp_path, loading):
    async with Service(tmp_path).running(loading) as running:
        yield running


@pytest.fixture
async def client(service):
    return await service.connect(await service.start())


def load(loading):
    loading.loaded(fake.engines(ANSWER, voice=fake.SteadyVoice(0.004)))


async def say(client, seconds):
    for _ in range(round(seconds * SPEAKING_RATE / 2048)):
        await client.send(type="audio", audio=base64.b64encode(CHUNK).decode())


async def test_it_is_connected_and_the_conversation_begins_later(client, loading):
    for _ in range(3):
        assert await client.lives()
    assert {event["type"] for event in client.got} == {"pong"}
    load(loading)
    await client.next("response.done")
    assert client.got[-2]["text"]


async def test_what_is_said_meanwhile_is_heard_and_the_interviewer_waits_for_its_end(
    client, loading
):
    await say(client, 3)
    assert await client.lives()
    load(loading)
    for _ in range(30):
        await client.send(type="audio", audio=SILENCE)
    assert (await client.next(TURN))["transcript"] == ANSWER
    assert "response.created" not in {event["type"] for event in client.got}
    await client.next("response.done")
    assert client.got[-2]["text"]


async def test_what_is_typed_meanwhile_is_an_answer(client, loading):
    await client.send(type="text", content="Hello, it is me again.")
    assert await client.lives()
    load(loading)
    assert (await client.next(TURN))["transcript"] == "Hello, it is me again."
    await client.next("response.done")


async def test_a_word_and_the_end_of_the_turn_are_not_forgotten(client, loading):
    await say(client, 0.6)
    await client.send(type="audio_end")
    assert await client.lives()
    load(loading)
    assert (await client.next(TURN))["transcript"] == ANSWER


async def test_a_word_that_would_not_stop_a_reply_counts_before_there_is_one(client, loading):
    await say(client, 0.6)
    assert await client.lives()
    loading.loaded(fake.engines("Okay.", voice=fake.SteadyVoice(0.004)))
    for _ in range(30):
        await client.send(type="audio", audio=SILENCE)
    assert (await client.next(TURN))["transcript"] == "Okay."


async def test_bad_messages_are_refused_as_ever(client):
    await client.ws.send_bytes(b"x")
    assert (await client.next("error"))["code"] == "binary_frame"
    await client.send(type="nonsense")
    assert (await client.next("error"))["code"] == "unknown_type"
    assert await client.lives()


async def test_what_was_said_goes_over_to_the_connection_that_takes_its_place(service, loading):
    session = await service.start()
    older = await service.connect(session)
    await say(older, 3)
    assert await older.lives()
    newer = await service.connect(session)
    assert await older.close_code() == 4409
    load(loading)
    for _ in range(30):
        await newer.send(type="audio", audio=SILENCE)
    assert (await newer.next(TURN))["transcript"] == ANSWER


async def test_a_service_that_stops_sends_its_clients_on(service, client, loading):
    loading.give_up()
    assert await client.close_code() == 1011
    assert not [event for event in client.got if event["type"] == "error"]


async def test_a_service_without_its_models_says_so_and_promises_places(service, loading):
    async with service.http.get(f"{service.url}/readyz") as answer:
        checks = (await answer.json())["checks"]
        assert (answer.status, checks["models"]["ok"]) == (503, False)
        assert "loading its models" in checks["models"]["says"]
    for path in ("/livez", "/health", "/metrics"):
        async with service.http.get(service.url + path) as answer:
            assert answer.status == 200
    async with service.http.post(
        f"{service.url}/start-interview", json={"job_description": "Nurse"}
    ) as answer:
        assert answer.status == 200
    load(loading)
    async with service.http.get(f"{service.url}/readyz") as answer:
        assert answer.status == 200
        assert "models" not in (await answer.json())["checks"]


async def test_what_needs_a_model_waits_for_it(service, loading):
    session = await service.start()

    async def ask(path, body):
        async with service.http.post(service.url + path, json=body) as answer:
            return answer.status

    client = await service.connect(session)
    async with asyncio.TaskGroup() as tasks:
        asked = [
            tasks.create_task(ask("/finalize-interview", {"interviewId": session})),
            tasks.create_task(ask("/interviews", {"candidate": "Maria"})),
        ]
        assert await client.lives()
        assert not any(task.done() for task in asked)
        load(loading)
        assert await client.close_code() == 1000
    assert [task.result() for task in asked] == [200, 201]


async def test_what_waits_for_a_model_is_told_when_the_service_stops(service, loading):
    body = {"interviewId": await service.start()}

    async def ask():
        async with service.http.post(f"{service.url}/finalize-interview", json=body) as answer:
            return answer.status, answer.headers.get("Retry-After")

    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(ask())
        await asyncio.sleep(0)
        loading.give_up()
    status, after = asked.result()
    assert status == 503
    assert int(after) > 0


async def test_an_id_of_nothing_is_refused_as_ever(service):
    client = await service.connect(uuid.uuid4())
    frame = await client.ws.receive()
    assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, 4004)


async def words(service, session):
    async with service.http.get(f"{service.url}/session/{session}/transcript") as answer:
        said = (await answer.json())["live_transcript"]
        return [entry["content"] for entry in said if entry["speaker"] == "user"]


@pytest.mark.parametrize("leaves", ["closes the tab", "breaks off", "finalizes"])
async def test_who_leaves_before_the_models_are_loaded_has_said_it(service, loading, leaves):
    session = await service.start()
    client = await service.connect(session)
    await say(client, 3)
    assert await client.lives()

    async def finalize():
        body = {"interviewId": session}
        async with service.http.post(f"{service.url}/finalize-interview", json=body) as answer:
            assert answer.status == 200

    async with asyncio.TaskGroup() as tasks:
        if leaves == "finalizes":
            tasks.create_task(finalize())
        elif leaves == "breaks off":
            client.ws._response.connection.transport.abort()
        else:
            await client.ws.close()
        await asyncio.sleep(0.1)
        load(loading)
    async with asyncio.timeout(PATIENCE):
        while await words(service, session) != [ANSWER]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_who_has_typed_and_left_is_not_answered_before_the_session_is_over(service, loading):
    session = await service.start()
    client = await service.connect(session)
    await client.send(type="text", content="I cannot stay.")
    assert await client.lives()
    await client.ws.close()
    loading.loaded(fake.engines(voice=fake.SteadyVoice(10.0)))
    await until(lambda: not service.app[ADMISSION].live)
    assert await words(service, session) == ["I cannot stay."]


async def test_who_comes_back_before_the_models_are_loaded_has_said_it_once(service, loading):
    session = await service.start()
    client = await service.connect(session)
    await say(client, 3)
    assert await client.lives()
    await client.ws.close()
    client = await service.connect(session)
    assert await client.lives()
    load(loading)
    for _ in range(30):
        await client.send(type="audio", audio=SILENCE)
    assert (await client.next(TURN))["transcript"] == ANSWER
    assert await words(service, session) == [ANSWER]
