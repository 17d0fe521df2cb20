"""Client connections: how many there may be, and the answer to what is not HTTP."""

import logging
import socket
from time import monotonic
from typing import Any, cast
from uuid import uuid4

import msgspec
from aiohttp import hdrs, web

from ..observability import logs
from ..observability.logs import Seldom
from . import open_files
from .access_log import REQUEST_ID, AccessLog
from .web import refusal, secure

logger = logging.getLogger(__name__)

NOT_HTTP = "This is no HTTP request that can be understood here."
TOO_MANY = "Too many connections are open; please try again shortly."
AGAIN_SECONDS = 5
"""Seconds after which a client that was turned away may try again (`Retry-After`)."""
ENOUGH_FILES = 1024
"""The limit of open files that every usual system allows."""


AT_A_TIME = 2
"""Connections that are accepted in one turn of the event loop. A connection too many takes some
turns to be closed; if dozens arrived meanwhile no file would be left."""
IN_LINE = 1024
"""Connections that the operating system queues until they are accepted."""


async def listen(running: web.AppRunner, listener: socket.socket) -> None:
    """Start to accept connections. asyncio has a single `backlog` for both numbers above."""
    await web.SockSite(running, listener, backlog=AT_A_TIME).start()
    listener.listen(IN_LINE)


class Runner(web.AppRunner):
    """A runner whose server admits no more connections than this process has files for."""

    def __init__(self, app: web.Application, **options: Any) -> None:
        super().__init__(app, access_log_class=AccessLog, **options)

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        limit = open_files.raise_limit()
        most = open_files.for_clients(limit)
        if limit < ENOUGH_FILES:
            logger.warning(
                "only %d files may be open, so %d connections at once; raise the hard limit"
                " (LimitNOFILE, ulimit -n)",
                limit,
                most,
            )
        return Doorway(made, most)


class Doorway(web.Server):
    """A server that admits `most` clients at once. For one more, the connection that has been idle
    longest is closed; where none is idle the new one is told to come back."""

    def __init__(self, made: web.Server, most: int) -> None:
        super().__init__(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
        self.most = most
        self._told = Seldom()

    def __call__(self) -> web.RequestHandler:
        return Connection(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: Any) -> None:
        super().connection_made(handler, transport)
        there = [each for each in self.connections if each.transport is not None]
        if len(there) <= self.most:
            return
        others = [cast(Connection, each) for each in there if each is not handler]
        # Clients that never sent a request are closed before those that may send another one;
        # the oldest first in both groups.
        idle = sorted((each for each in others if each.idle), key=lambda each: each.has_asked)
        if times := self._told.times(monotonic()):
            logger.warning(
                "more than %d connections (%d times): %s; the limit is half of the files that may"
                " be open (LimitNOFILE, ulimit -n)",
                self.most,
                times,
                "idle ones are closed" if idle else "new ones are refused",
            )
        if idle:
            idle[0].force_close()
        else:
            cast(Connection, handler).refuse()


class Connection(web.RequestHandler):
    """One client's connection."""

    @property
    def idle(self) -> bool:
        """Return whether no request of this connection is being answered."""
        nothing_asked = not self._messages and self._current_request is None
        return nothing_asked and (self._waiter is not None or not self.has_asked)

    @property
    def has_asked(self) -> bool:
        return self._request_count > 0

    def refuse(self) -> None:
        """Answer that there is no room, and close."""
        body = {"detail": TOO_MANY, "message": TOO_MANY, "code": "full"}
        encoded = msgspec.json.encode(body)
        if self.transport:
            self.transport.write(
                b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                b"Retry-After: %d\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                % (AGAIN_SECONDS, len(encoded), encoded)
            )
        self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer where the application does not: to what is not HTTP, and after a bug."""
        logs.REQUEST.set(uuid4().hex)
        if status != 400:
            logger.error("a bug ended a request", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of an answer has been sent already")
        if status == 400:
            return _plain(400, "bad_request", NOT_HTTP)
        return _plain(status, "internal_error", "Something went wrong on the server.")

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer. An error that aiohttp answers before the application is asked gets the
        same form as all others."""
        if isinstance(resp, web.HTTPException) and resp.status >= 400:
            logs.REQUEST.set(logs.REQUEST.get() or uuid4().hex)
            resp = _plain(resp.status, f"http_{resp.status}", resp.reason)
        return await super().finish_response(request, resp, start_time)


class _Plain(web.Response):
    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall(hdrs.SERVER, None)  # aiohttp adds it where `decorate` is not called


def _plain(status: int, code: str, text: str) -> web.Response:
    response = refusal(status, code, text, {}, kind=_Plain)
    secure(response)
    response.headers[REQUEST_ID] = logs.REQUEST.get()
    response.force_close()
    return response
