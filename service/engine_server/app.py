"""The application of an engine server: one WebSocket for calls, and the probes.

Whoever calls needs the key; without one only programs on this machine may.
"""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import hdrs, web
from prometheus_client.exposition import choose_encoder

from models.remote import wire
from models.remote.link import BEAT
from models.remote.serving import EngineServer, Served

from ..api_keys import ApiKey, hash_key
from ..errors import ServiceError
from ..http import access_log
from ..http.connections import Runner
from ..http.web import MAX_BODY, answer, decorate, errors_as_json
from ..observability.metrics import watch
from ..operations.probes import check_engine
from ..security import access, origins
from ..security.tokens import Tokens
from ..settings import SETTINGS, Settings
from .metrics import EngineMetrics


class NotServing(ServiceError):
    """The server takes no connection now; another one may."""

    code = "not_serving"
    status = 503
    retry_after = 1


class Serving:
    """The engines' server, once they are loaded."""

    def __init__(self, served: Served | None = None) -> None:
        self.metrics = EngineMetrics()
        self.server: EngineServer | None = None
        if served:
            self.loaded(served)

    def loaded(self, served: Served) -> None:
        self.server = EngineServer(served, self.metrics.ended)
        self.metrics.watch(self.server)

    def open_server(self) -> EngineServer:
        """Return the server, if it takes one more connection. Raises `NotServing`."""
        if self.server is None:
            raise NotServing("The engines are being loaded.")
        if self.server.leaving:
            raise NotServing("The engine server is about to stop.")
        if self.server.full:
            raise NotServing("The engine server has as many connections as it takes.")
        return self.server


SERVING = web.AppKey("SERVING", Serving)
SHUTDOWN_SECONDS = 5.0
"""Seconds that requests in progress may take when everything else has ended."""


def build_app(settings: Settings, serving: Serving) -> web.Application:
    app = web.Application(
        middlewares=[access_log.identify, errors_as_json, origins.check_origin, access.admit],
        client_max_size=MAX_BODY,
    )
    app[SETTINGS] = settings
    app[SERVING] = serving
    app[access.OPEN] = frozenset({livez, readyz, metrics})  # the last has a rule of its own
    app[access.BY_GRANT] = frozenset()
    app[access.ACCESS] = access.Access(keys_of(settings), Tokens([], "", ""))
    app.cleanup_ctx.append(_watched_loop)
    app.on_response_prepare.extend((decorate, access_log.stamp))
    app.on_shutdown.append(_close)
    app.add_routes(
        [
            web.get(wire.PATH, connect),
            web.get("/livez", livez),
            web.get("/readyz", readyz),
            web.get("/metrics", metrics, allow_head=False),
        ]
    )
    return app


def keys_of(settings: Settings) -> tuple[ApiKey, ...]:
    """Return the keys that open the engines, hashed."""
    keys = filter(None, settings.engines_key.split(","))
    return tuple(hash_key(f"engines:{key}") for key in keys)


def runner(app: web.Application) -> web.AppRunner:
    return Runner(app, shutdown_timeout=SHUTDOWN_SECONDS)


async def connect(request: web.Request) -> web.StreamResponse:
    """Carry out the calls of a service over a WebSocket; see `models/remote/wire.py`."""
    server = request.app[SERVING].open_server()
    socket = web.WebSocketResponse(heartbeat=BEAT, max_msg_size=wire.LARGEST, compress=False)
    await socket.prepare(request)
    try:
        await server.serve(_Socket(socket))
    except wire.NotOnTheWire as exc:
        await socket.close(code=1002, message=str(exc).encode())
    await socket.close()
    return socket


class _Socket:
    """A WebSocket as the channel of a connection."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> bytes | None:
        frame = await self._socket.receive()
        return frame.data if isinstance(frame.data, bytes) else None

    async def send(self, frame: bytes) -> None:
        try:
            await self._socket.send_bytes(frame)
        except RuntimeError as exc:  # it is closing
            raise ConnectionError(str(exc)) from exc

    async def close(self) -> None:
        await self._socket.close(code=1001, message=b"the server stops")


async def livez(request: web.Request) -> web.Response:
    """Answer that the process runs and its event loop turns."""
    return answer({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Answer whether a connection would be taken and the engines work."""
    serving = request.app[SERVING]
    try:
        server = serving.open_server()
    except NotServing as exc:
        return answer({"status": "not ready", "checks": {"server": _check(False, str(exc))}}, 503)
    checks = [check_engine(name, state) for name, state in server.served.states.items()]
    ready = all(check.ok for check in checks)
    return answer(
        {
            "status": "ready" if ready else "not ready",
            "checks": {check.name: _check(check.ok, check.says) for check in checks},
        },
        200 if ready else 503,
    )


def _check(ok: bool, says: str) -> dict[str, object]:
    return {"ok": ok, "says": says}


async def metrics(request: web.Request) -> web.Response:
    access.require_watcher(request, request.app[SETTINGS].metrics_keys)
    encoder, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
    body = encoder(request.app[SERVING].metrics.registry)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


async def _watched_loop(app: web.Application) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(app[SERVING].metrics.loop_lag), name="loop lag")
        yield
        watching.cancel()


async def _close(app: web.Application) -> None:
    if server := app[SERVING].server:
        await server.close()
