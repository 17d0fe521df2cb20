"""The server side of the wire as an ASGI application, for servers that bring their own front, such
as Ray Serve. It uses no library."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from . import wire
from .serving import EngineServer

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

WRONG, LATER, GOING = 1002, 1013, 1001
"""Close codes: no message of the wire, no connection now, the server stops."""


class EngineApplication:
    """Answers the wire at `wire.PATH` below whatever prefix, and nothing else. `admits` is given
    the key of a connection."""

    def __init__(self, server: EngineServer, admits: Callable[[str], bool]) -> None:
        self._server = server
        self._admits = admits

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "lifespan":
                await self._live(receive, send)
            case "websocket":
                await receive()  # the client asks to connect
                await self._connect(scope, receive, send)
            case _:
                await send({"type": "http.response.start", "status": 404, "headers": []})
                await send({"type": "http.response.body", "body": b""})

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            asked = (await receive())["type"]
            await send({"type": f"{asked}.complete"})
            if asked == "lifespan.shutdown":
                return

    async def _connect(self, scope: Event, receive: Receive, send: Send) -> None:
        if not scope["path"].endswith(wire.PATH) or not self._admits(_key(scope)):
            await send({"type": "websocket.close", "code": 1008})  # 403, as it is not accepted
            return
        channel = _Channel(receive, send)
        await send({"type": "websocket.accept"})
        if self._server.leaving or self._server.full:
            await channel.end(LATER)
            return
        try:
            await self._server.serve(channel)
        except wire.NotOnTheWire:
            await channel.end(WRONG)
        else:
            await channel.end(GOING)


def _key(scope: Event) -> str:
    for name, value in scope["headers"]:
        if name.lower() == b"authorization":
            scheme, _, key = value.decode("latin-1").partition(" ")
            return key.strip() if scheme.lower() == "bearer" else ""
    return ""


class _Channel:
    """An ASGI connection as the channel of a connection."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._sending = asyncio.Lock()
        self._closed = False

    async def receive(self) -> bytes | None:
        event = await self._receive()
        frame = event.get("bytes") if event["type"] == "websocket.receive" else None
        self._closed = self._closed or event["type"] == "websocket.disconnect"
        return frame if isinstance(frame, bytes) else None

    async def send(self, frame: bytes) -> None:
        await self._sent({"type": "websocket.send", "bytes": frame})

    async def close(self) -> None:
        await self.end(GOING)

    async def end(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            await self._sent({"type": "websocket.close", "code": code}, last=True)

    async def _sent(self, event: Event, *, last: bool = False) -> None:
        async with self._sending:
            if self._closed and not last:
                raise ConnectionError("the connection has ended")
            try:
                await self._send(event)
            except (OSError, RuntimeError) as exc:  # the server in front has its own types
                self._closed = True
                if not last:
                    raise ConnectionError(str(exc)) from exc
