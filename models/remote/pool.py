"""The engine servers of a process: connections are kept, and each call goes to the least busy one.

A call is repeated elsewhere when its connection breaks or its server refuses it, as long as its
time allows; what a server computes depends on nothing but the request. While no server answers,
calls wait, or fail at once where a local engine can take over.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import aiohttp

from ..errors import EngineBusy, EngineError
from . import wire
from .link import BEAT, Broken, Link

log = logging.getLogger(__name__)

BEHIND_ONE = 4
"""Connections to a single address: a balancer gives them to several servers."""
RENEWAL = 300.0
"""Seconds, give or take a third, after which a connection is replaced by a new one, which may reach
a server that was added meanwhile."""
REST = 5.0
"""Seconds for which a server that missed a deadline is asked only if there is no other."""
TOLD_AGAIN = 30.0
"""Seconds between two warnings that no server answers, or that local engines stand in."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Longest waits, in seconds."""

    connect: float = 3.0
    """For a connection and the server's first message."""
    call: float = 10.0
    """For the answer to a call, all servers together."""
    call_before_local: float = 4.0
    """The same where a local engine can do it instead."""
    retry: float = 0.05
    """Before the second attempt to connect; doubled each time."""
    most_retry: float = 2.0
    start: float = 5.0
    """For the first connection of all, where local engines can do without."""


PATIENT = Patience()


class KeyRefused(EngineError):
    """The server does not accept the key."""


class NoServer(EngineError):
    """No engine server answers at the moment."""


class Pool:
    """The connections to all engine servers. `connect` begins, `aclose` ends."""

    def __init__(self, urls: Sequence[str], key: str = "", *, patience: Patience = PATIENT) -> None:
        self.patience = patience
        self.hello: wire.Hello | None = None
        """The first message of the first server."""
        self._urls = tuple(urls)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._links: list[Link] = []
        self._rest: dict[str, float] = {}
        """Until when the servers that missed a deadline are left alone, by their ids."""
        self._keepers: list[asyncio.Task[None]] = []
        self._tasks: asyncio.TaskGroup | None = None
        self._changed = asyncio.Event()
        """Set when a connection was made, or one was refused for good."""
        self._fault: EngineError = NoServer("no engine server was asked yet")
        self._told = -TOLD_AGAIN
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def servers(self) -> frozenset[str]:
        """Return the ids of the servers that can be asked."""
        return frozenset(link.hello.server for link in self._links)

    @property
    def answering(self) -> int:
        """Return how many servers can be asked and have not just missed a deadline."""
        return len({link.hello.server for link in self._links if not self._rests(link)})

    @property
    def fault(self) -> str:
        """Return why no server can be asked, in a sentence; empty when one can."""
        return "" if self._links else f"No engine server answers: {self._fault}."

    async def connect(self, *, within: float | None = None) -> None:
        """Keep connections from now on, and wait until one server has answered; `within` so many
        seconds, or else for as long as it takes. Raises `KeyRefused`, and `NoServer` when the time
        is up."""
        # docs/decisions/056-engines-in-pools.md: these tasks end with `aclose`, in whatever task
        self._tasks = await asyncio.TaskGroup().__aenter__()
        each = BEHIND_ONE if len(self._urls) == 1 else 1
        for url in self._urls * each:
            keeper = self._tasks.create_task(self._keep(url), name=f"engine server {url}")
            self._keepers.append(keeper)
        try:
            async with asyncio.timeout(within):
                while self.hello is None:
                    await self._changed.wait()
                    self._changed.clear()
                    if isinstance(self._fault, KeyRefused) and self.hello is None:
                        raise self._fault
        except TimeoutError:
            raise NoServer(str(self._fault)) from None

    async def aclose(self) -> None:
        """Close all connections; calls in progress fail with `EngineError`."""
        self._closed = True
        self._changed.set()  # whoever waits for a connection hears that there will be none
        if self._tasks:
            for keeper in self._keepers:
                keeper.cancel()
            await self._tasks.__aexit__(None, None, None)
            self._tasks = None

    async def ask(
        self,
        make: Callable[[int], wire.Request],
        *,
        prefers: Link | None = None,
        uses: Callable[[Link], None] = lambda link: None,
        waits: bool = True,
        repeats: bool = True,
    ) -> wire.Answer:
        """Have the call made and return its answer; `uses` is told of each connection that is
        tried, `prefers` is one that is taken if it is as free as the others. With `waits` it goes
        on while no server can be asked; with `repeats` another one is asked when a connection
        breaks. Raises the engine's own errors, `NoServer`, `Broken`, `EngineBusy`, and
        `EngineError` when it takes too long."""
        seconds = self.patience.call if waits else self.patience.call_before_local
        link: Link | None = None
        try:
            async with asyncio.timeout(seconds):
                full: set[str] = set()
                while True:
                    link = self._choose(full, prefers)
                    if link is None or (self._rests(link) and not waits):
                        await self._another(full, waits=waits)
                        continue
                    uses(link)
                    with suppress(*[Broken] if repeats else []):
                        answer = await self._asked(link, make, full)
                        if answer is not None:
                            return answer
        except TimeoutError:
            if link is None:
                raise NoServer(self.fault or "No engine server answers.") from None
            self._rest[link.hello.server] = monotonic() + REST
            raise EngineError(f"{link.url} did not answer within {seconds:g} s") from None

    async def _asked(
        self, link: Link, make: Callable[[int], wire.Request], full: set[str]
    ) -> wire.Answer | None:
        """Ask this server; None, and its id in `full`, when it has too much to do."""
        try:
            answer = await link.ask(make)
            self._rest.pop(link.hello.server, None)
            if not isinstance(answer, wire.Failed):
                return answer
            raise wire.error_of(answer)
        except EngineBusy:
            full.add(link.hello.server)
            if self._choose(full, None) is None:
                raise
        return None

    def _rests(self, link: Link) -> bool:
        return self._rest.get(link.hello.server, 0.0) > monotonic()

    def _choose(self, full: set[str], prefers: Link | None) -> Link | None:
        """Return the connection with the fewest calls, of a server that is not `full`."""
        # A retired one is still listed until its keeper has run.
        listed = (link for link in self._links if not link.retired.is_set())
        usable = [link for link in listed if link.hello.server not in full]
        return min(
            usable,
            key=lambda link: (self._rests(link), link.calls, link is not prefers, random.random()),
            default=None,
        )

    async def _another(self, full: set[str], *, waits: bool) -> None:
        """Wait for a connection. Raises `NoServer` if the caller does not want to wait."""
        if self._closed:
            raise EngineError("the engines have been closed")
        if not waits:
            raise NoServer(self.fault or "The engine servers are too slow.")
        full.clear()
        self._changed.clear()
        await self._changed.wait()

    async def _keep(self, url: str) -> None:
        """Keep one connection to this address, replaced from time to time."""
        pause = self.patience.retry
        async with (
            aiohttp.ClientSession(headers=self._headers) as http,
            asyncio.TaskGroup() as connections,
        ):
            while True:
                try:
                    link = await self._open(http, url)
                except EngineError as exc:
                    self._refused(exc)
                    await asyncio.sleep(pause * random.uniform(0.5, 1))
                    pause = min(2 * pause, self.patience.most_retry)
                    continue
                pause = self.patience.retry
                connections.create_task(link.run(), name=f"connection to {url}")
                await self._use(link)

    async def _use(self, link: Link) -> None:
        """Offer the connection to calls until it ends or is due to be replaced."""
        self.hello = self.hello or link.hello
        if _models(link.hello) != _models(self.hello):
            log.warning(
                "%s has %s, but the first engine server had %s: all have to run the same models;"
                " start this service again after they have changed",
                link.url,
                _models(link.hello),
                _models(self.hello),
            )
        self._links.append(link)
        self._changed.set()
        try:
            async with asyncio.timeout(RENEWAL * random.uniform(0.67, 1.33)):
                await link.retired.wait()
        except TimeoutError:
            pass
        finally:
            self._links.remove(link)
            self._fault = NoServer(f"the connection to {link.url} has ended")
            link.retire()

    async def _open(self, http: aiohttp.ClientSession, url: str) -> Link:
        """Connect, and read what the server has. Raises `EngineError`."""
        address = url.rstrip("/") + wire.PATH
        try:
            async with asyncio.timeout(self.patience.connect):
                socket = await http.ws_connect(
                    address, heartbeat=BEAT, max_msg_size=wire.LARGEST, compress=0
                )
                frame = await socket.receive()
        except TimeoutError:
            raise NoServer(f"{url} did not answer within {self.patience.connect:g} s") from None
        except aiohttp.WSServerHandshakeError as exc:
            raise _refusal(url, exc.status) from None
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise NoServer(f"{url} cannot be reached ({type(exc).__name__})") from exc
        if frame.type is aiohttp.WSMsgType.CLOSE:
            await socket.close()
            raise NoServer(f"{url} takes no connections now ({frame.data})")
        hello: object = None
        with suppress(wire.NotOnTheWire):
            hello = wire.decode_answer(frame.data) if isinstance(frame.data, bytes) else None
        if not isinstance(hello, wire.Hello) or hello.version != wire.VERSION:
            await socket.close()
            raise NoServer(f"{url} is no engine server of this version")
        return Link(socket, hello, url)

    def _refused(self, exc: EngineError) -> None:
        self._fault = exc
        if isinstance(exc, KeyRefused):
            self._changed.set()
        if not self._links and monotonic() - self._told >= TOLD_AGAIN:
            self._told = monotonic()
            log.warning("no engine server answers (VIVAVOCE_ENGINES_URL): %s", exc)


def _models(hello: wire.Hello) -> str:
    return ", ".join(filter(None, (hello.recognizer, hello.voice, hello.end_of_turn)))


def _refusal(url: str, status: int) -> EngineError:
    match status:
        case 401 | 403:
            return KeyRefused(f"{url} does not accept VIVAVOCE_ENGINES_KEY")
        case 404:
            return NoServer(f"{url} is no engine server ({status})")
    return NoServer(f"{url} takes no connections now ({status})")
