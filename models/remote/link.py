"""One connection of a service to an engine server. Calls run over it side by side."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from itertools import count

import aiohttp

from ..errors import EngineBusy, EngineError
from . import wire

log = logging.getLogger(__name__)

BEAT = 4.0
"""Seconds between two pings; a server that does not answer one within half of that is gone."""
STUCK = 1024
"""Messages that may wait to be sent; a server that takes none of so many is gone."""


class Broken(EngineError):
    """The connection ended before the answer came; another server can be asked."""


class Link:
    """One connection. `run` has to go on as long as it is used."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, hello: wire.Hello, url: str
    ) -> None:
        self.hello = hello
        self.url = url
        self.retired = asyncio.Event()
        """Set when no new call may be made: the server is leaving, or the connection has ended."""
        self._socket = socket
        self._numbers = count(1)
        self._answers: dict[int, asyncio.Future[wire.Answer]] = {}
        self._outgoing: OrderedDict[int, wire.Request | wire.Cancel | wire.Close] = OrderedDict()
        """Messages that have not been sent, in order: a request by its call, anything else by a
        number of its own."""
        self._written = asyncio.Event()

    @property
    def calls(self) -> int:
        """Return the calls in progress."""
        return len(self._answers)

    def retire(self) -> None:
        """Make no new calls; `run` ends with the last one in progress."""
        self.retired.set()
        self._written.set()

    async def ask(self, make: Callable[[int], wire.Request]) -> wire.Answer:
        """Make the call of the next number and return its answer. When the caller is cancelled the
        server is told. Raises `Broken`, and `EngineBusy` when too many calls are in progress."""
        if self.retired.is_set():
            raise Broken(f"{self.url} takes no more calls")
        if len(self._answers) >= self.hello.most:
            raise EngineBusy(f"{self.hello.most} calls wait for {self.url} already")
        call = next(self._numbers)
        answer: asyncio.Future[wire.Answer] = asyncio.get_running_loop().create_future()
        self._answers[call] = answer
        try:
            self._put(call, make(call))
            return await answer
        finally:
            del self._answers[call]
            if self._outgoing.pop(call, None) is None and answer.cancelled():
                self._put(next(self._numbers), wire.Cancel(call))
            self._written.set()  # perhaps it was the last call of a retired one

    def forget(self, session: int) -> None:
        """Tell the server that a session has ended."""
        if not self.retired.is_set():
            self._put(next(self._numbers), wire.Close(session))

    async def run(self) -> None:
        """Carry messages until the connection ends, or it is retired and every call answered."""
        try:
            async with asyncio.TaskGroup() as tasks:
                ways = [
                    tasks.create_task(self._write(), name="write to an engine server"),
                    tasks.create_task(self._read(), name="read from an engine server"),
                ]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()
        finally:
            self.retired.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(Broken(f"the connection to {self.url} broke"))
            await self._socket.close()

    def _put(self, key: int, message: wire.Request | wire.Cancel | wire.Close) -> None:
        self._outgoing[key] = message
        self._written.set()

    async def _write(self) -> None:
        while not (self.retired.is_set() and not self._answers and not self._outgoing):
            if not self._outgoing:
                self._written.clear()
                await self._written.wait()
                continue
            if len(self._outgoing) > STUCK:
                return
            _, message = self._outgoing.popitem(last=False)
            try:
                await self._socket.send_bytes(wire.encode(message))
            except (ConnectionError, RuntimeError):  # closed or closing
                return

    async def _read(self) -> None:
        while True:
            frame = await self._socket.receive()
            if frame.type is not aiohttp.WSMsgType.BINARY:
                return  # closed by either side, or something that is not on this wire
            try:
                message = wire.decode_answer(frame.data)
            except wire.NotOnTheWire as exc:
                log.warning("%s: %s", self.url, exc)
                return
            match message:
                case wire.Leaving():
                    self.retire()
                case wire.Hello():
                    pass
                case _:
                    answer = self._answers.get(message.call)
                    if answer and not answer.done():
                        answer.set_result(message)
