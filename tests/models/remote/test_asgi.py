"""The wire behind a front of its own: an ASGI server, played by the test."""

import asyncio

import pytest

from models.errors import EngineError
from models.fake import ScriptedTranscriber, SteadyVoice
from models.remote import wire
from models.remote.asgi import GOING, LATER, WRONG, EngineApplication
from models.remote.serving import EngineServer, Served

KEY = "k" * 24


class Front:
    """One connection, as an ASGI server carries it."""

    def __init__(self, app, path="/engines", key=KEY):
        authorization = (b"authorization", f"Bearer {key}".encode())
        self.scope = {"type": "websocket", "path": path, "headers": [authorization]}
        self.app = app
        self.to_app = asyncio.Queue()
        self.from_app = asyncio.Queue()
        self.broken = False

    async def send(self, event):
        if self.broken:
            raise OSError("the client is gone")
        await self.from_app.put(event)

    async def __aenter__(self):
        self.tasks = await asyncio.TaskGroup().__aenter__()
        await self.to_app.put({"type": "websocket.connect"})
        self.running = self.tasks.create_task(self.app(self.scope, self.to_app.get, self.send))
        return self

    async def __aexit__(self, *exc):
        await self.to_app.put({"type": "websocket.disconnect"})
        await self.tasks.__aexit__(*exc)

    async def next(self):
        async with asyncio.timeout(30):
            return await self.from_app.get()

    async def hello(self):
        assert (await self.next())["type"] == "websocket.accept"
        return wire.decode_answer((await self.next())["bytes"])

    async def ask(self, message):
        event = {"type": "websocket.receive", "bytes": wire.encode(message)}
        await self.to_app.put(event)
        return wire.decode_answer((await self.next())["bytes"])


def server(**more):
    return EngineServer(Served(ScriptedTranscriber("Hello."), SteadyVoice(), **more))


def app(of):
    return EngineApplication(of, lambda key: key == KEY)


async def test_calls_are_answered():
    async with Front(app(server()), path="/prefix/engines") as front:
        hello = await front.hello()
        assert hello.version == wire.VERSION
        spoken = await front.ask(wire.Speak(7, "Yes.", ahead=False))
        assert isinstance(spoken, wire.Spoken)
        assert spoken.call == 7
        assert len(spoken.audio) == 2 * 4 * 1200


@pytest.mark.parametrize(("path", "key"), [("/engines", "w" * 24), ("/other", KEY)])
async def test_others_are_refused_before_anything_is_said(path, key):
    async with Front(app(server()), path=path, key=key) as front:
        assert (await front.next())["type"] == "websocket.close"


async def test_a_client_that_speaks_something_else_is_closed():
    async with Front(app(server())) as front:
        await front.hello()
        await front.to_app.put({"type": "websocket.receive", "bytes": b"nonsense"})
        assert await front.next() == {"type": "websocket.close", "code": WRONG}


async def test_a_server_that_leaves_says_so_and_takes_no_connection():
    leaves = server()
    async with Front(app(leaves)) as front:
        await front.hello()
        await leaves.leave(1)
        assert wire.decode_answer((await front.next())["bytes"]) == wire.Leaving()
        await leaves.close()
        assert await front.next() == {"type": "websocket.close", "code": GOING}
        async with Front(app(leaves)) as late:
            assert (await late.next())["type"] == "websocket.accept"
            assert await late.next() == {"type": "websocket.close", "code": LATER}


async def test_a_connection_that_has_lasted_long_enough_is_sent_elsewhere_and_answered_until_then():
    brief = EngineServer(Served(ScriptedTranscriber("Hello."), SteadyVoice()), lasts=0.0)
    async with Front(app(brief)) as front:
        await front.hello()
        assert wire.decode_answer((await front.next())["bytes"]) == wire.Leaving()
        assert isinstance(await front.ask(wire.Speak(1, "Yes.", ahead=False)), wire.Spoken)


async def test_a_client_that_is_gone_costs_nothing():
    of = server()
    async with Front(app(of)) as front:
        await front.hello()
        front.broken = True
        speak = wire.encode(wire.Speak(1, "Yes.", ahead=False))
        await front.to_app.put({"type": "websocket.receive", "bytes": speak})
    assert of.calls == of.connections == 0


async def test_a_judge_that_is_not_there_is_an_error_of_the_call():
    async with Front(app(server())) as front:
        await front.hello()
        failed = await front.ask(wire.Judge(3, "en", b""))
        assert isinstance(failed, wire.Failed)
        assert type(wire.error_of(failed)) is EngineError


async def test_the_front_may_ask_for_life_and_for_pages():
    said = []
    asked = asyncio.Queue()
    for kind in ("lifespan.startup", "lifespan.shutdown"):
        asked.put_nowait({"type": kind})

    async def send(event):
        said.append(event["type"])

    made = app(server())
    await made({"type": "lifespan"}, asked.get, send)
    await made({"type": "http", "path": "/", "headers": []}, asked.get, send)
    assert said == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
        "http.response.start",
        "http.response.body",
    ]
