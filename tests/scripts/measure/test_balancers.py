"""nginx and HAProxy, by the files in deploy/, before servers that take a socket or refuse it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web

from scripts.measure.balancers import BALANCERS, balancing, program
from scripts.measure.server import free_port

REPLICAS = 3
SOCKET = "/ws/interview/6f1f8a52-0c54-4a0c-9f41-6f0d0e5a1a11"


class Replica:
    """A server that takes every socket, or none."""

    def __init__(self) -> None:
        self.port = free_port()
        self.full = False
        self.sockets = 0

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.full:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets += 1
        async for _ in socket:
            pass
        return socket

    async def live(self, request: web.Request) -> web.Response:
        return web.Response()

    async def serve(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/livez", self.live)
        app.router.add_get(SOCKET, self.connect)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        return runner


@pytest.fixture
async def replicas() -> AsyncIterator[list[Replica]]:
    made = [Replica() for _ in range(REPLICAS)]
    async with AsyncExitStack() as stack:
        for each in made:
            stack.push_async_callback((await each.serve()).cleanup)
        yield made


@pytest.mark.parametrize("kind", sorted(BALANCERS))
async def test_a_socket_finds_the_one_place_though_those_who_refuse_it_have_fewer_sockets(
    kind: str, replicas: list[Replica]
) -> None:
    if program(kind) is None:
        pytest.skip(f"no {kind} here: apt-get install {kind}")
    *full, last = replicas
    with balancing(kind, [f"127.0.0.1:{each.port}" for each in replicas]) as url:
        async with aiohttp.ClientSession() as http:
            for each in full:
                each.full = True
            sockets = [await http.ws_connect(f"{url}{SOCKET}") for _ in range(4)]
            assert last.sockets == len(sockets)
