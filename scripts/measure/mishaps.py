"""What happens to replicas and their database while interviews go on, at random moments."""

import asyncio
import contextlib
import math
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import aiohttp

from .attendance import Held, closed_at
from .candidate import Candidate, InterviewFailed, interview
from .fleet import RESTART_SECONDS, Replica
from .hosts import Hosts
from .private_postgres import Cluster

GAP = (0.2, 1.8)
"""Each mishap comes after a random share, within these, of --every seconds."""
FROZEN = (1.0, 14.0)
"""Seconds for which a replica hangs: sometimes too short for anybody to notice."""
CUT = (20.0, 30.0)
"""Seconds for which a machine is cut off."""
OUTAGE_SECONDS = 60.0
KILLED_IN_OUTAGE = 20.0
"""Seconds into an outage of the database at which a replica dies as well, and the network of some
candidates at other replicas breaks."""
WEIGHTS = {"kill": 8, "hang": 3, "drain": 3, "tab": 5, "postgres": 1, "cut": 0}
"""How often each kind happens, in proportion."""


@dataclass(slots=True)
class Happening:
    kind: str
    began: float
    ended: float = math.inf


@dataclass(slots=True)
class World:
    """All that something can happen to."""

    replicas: Sequence[Replica]
    database: Cluster
    held: list[Held]
    """Those who have come so far."""
    owner_of: Callable[[UUID], Awaitable[UUID | None]]
    """The replica that holds a session, by the database."""
    machines: Hosts | None = None
    happened: list[Happening] = field(default_factory=list)
    tabs: list[float] = field(default_factory=list)
    """Seconds from opening a newer tab at another replica until the old one was closed."""
    outage: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the database is away."""

    @contextlib.contextmanager
    def happening(self, kind: str, *replicas: Replica) -> Iterator[Happening]:
        now = asyncio.get_running_loop().time
        found = Happening(kind, now())
        self.happened.append(found)
        for each in replicas:
            each.busy = True
        try:
            yield found
        finally:
            found.ended = now()
            for each in replicas:
                each.busy = False

    @property
    def any_in_the_middle(self) -> bool:
        return any(held.in_the_middle for held in self.held)


class Mishaps:
    """A random schedule of them."""

    def __init__(
        self, world: World, sockets: aiohttp.ClientSession, seed: int, every: float
    ) -> None:
        self._world = world
        self._sockets = sockets
        self._moments = random.Random(seed)
        self._every = every
        self.over = False
        """True when nothing new will happen."""
        self._kinds: dict[str, Callable[[Replica], Awaitable[None]]] = {
            "kill": self._kill,
            "hang": self._hang,
            "drain": self._drain,
            "cut": self._cut,
        }

    async def happen(
        self, number: int, weights: dict[str, float], outages: int, seconds: float
    ) -> None:
        """So many, and as many outages of the database among them, evenly spread; no new one after
        so many seconds."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        away = {round(number * (n + 1) / (outages + 1)) for n in range(outages)}
        async with asyncio.TaskGroup() as tasks:
            for n in range(number):
                await asyncio.sleep(self._every * self._moments.uniform(*GAP))
                if clock() > until:
                    break
                if n in away:
                    await self._outage(OUTAGE_SECONDS)
                    continue
                kind = self._moments.choices(list(weights), list(weights.values()))[0]
                if kind == "postgres":
                    await self._outage(0.0)
                elif kind == "tab":
                    tasks.create_task(self._newer_tab(), name=kind)
                else:
                    if kind == "kill" and self._moments.random() < 0.5:
                        await self._middle_of_an_answer()
                    victim = await self._victim()
                    victim.busy = True
                    tasks.create_task(self._kinds[kind](victim), name=kind)
            self.over = True

    async def roll(self, kind: str = "drain") -> None:
        """One replica after the other, as an upgrade does it."""
        for replica in self._world.replicas:
            await self._kinds[kind](replica)
            await asyncio.sleep(self._every)
        self.over = True

    async def _victim(self) -> Replica:
        """A sound replica, when there is another one beside it."""
        while True:
            sound = [each for each in self._world.replicas if not each.busy]
            if len(sound) >= 2 and not self._world.outage.locked():
                return self._moments.choice(sound)
            await asyncio.sleep(0.1)

    async def _middle_of_an_answer(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                while not self._world.any_in_the_middle:  # noqa: ASYNC110 -- the candidates' business
                    await asyncio.sleep(0.1)

    async def _kill(self, replica: Replica) -> None:
        with self._world.happening("kill", replica):
            replica.kill()
            await asyncio.sleep(RESTART_SECONDS)
            await replica.start()

    async def _hang(self, replica: Replica) -> None:
        with self._world.happening("hang", replica):
            replica.freeze()
            try:
                await asyncio.sleep(self._moments.uniform(*FROZEN))
            finally:
                replica.thaw()

    async def _drain(self, replica: Replica) -> None:
        with self._world.happening("drain", replica) as drained:
            await replica.drain()
            drained.ended = asyncio.get_running_loop().time()
            await replica.start()

    async def _cut(self, replica: Replica) -> None:
        machines = self._world.machines
        if machines is None:
            raise RuntimeError("only a machine of its own can be cut off: --hosts")
        which = self._world.replicas.index(replica)
        with self._world.happening("cut", replica):
            machines.cut(which)
            try:
                await asyncio.sleep(self._moments.uniform(*CUT))
            finally:
                machines.mend(which)

    async def _outage(self, seconds: float) -> None:
        """The database crashes, and is back after so long; in a long outage a replica dies too, and
        one socket in two breaks."""
        world = self._world
        async with world.outage:
            with world.happening("outage" if seconds else "postgres"):
                await asyncio.to_thread(world.database.stop)
                if seconds:
                    await asyncio.sleep(KILLED_IN_OUTAGE)
                    dying = next(each for each in world.replicas if not each.busy)
                    dying.kill()
                    self._break_sockets()
                    await asyncio.sleep(seconds - KILLED_IN_OUTAGE)
                await asyncio.to_thread(world.database.start)
            if seconds:
                with world.happening("after the outage", dying):
                    await dying.start()

    def _break_sockets(self) -> None:
        live = [held.live for held in self._world.held if held.live]
        for connection in live[::2]:
            with contextlib.suppress(OSError):  # it is closed already
                connection.vanish()

    async def _newer_tab(self) -> None:
        """A candidate opens the interview once more, at whichever replica."""
        world, clock = self._world, asyncio.get_running_loop().time
        sound = [each for each in world.replicas if not each.busy]
        live = [held for held in world.held if held.live and not held.newer_tab]
        if not sound or not live:
            return
        held, replica = self._moments.choice(live), self._moments.choice(sound)
        old, before, began = held.live, await world.owner_of(held.id), clock()
        with contextlib.suppress(InterviewFailed):
            ping = held.client.ping_seconds
            connecting = interview(self._sockets, replica.url, str(held.id), ping_seconds=ping)
            async with connecting as newer:
                with world.happening("tab"):
                    held.connections.append(newer)
                    held.newer_tab = newer
                    if old:
                        await _closed(old)
                        if before not in (None, await world.owner_of(held.id)):
                            world.tabs.append(closed_at(old) - began)
                while not closed_at(newer) and not newer.ended:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)


async def _closed(connection: Candidate) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not closed_at(connection):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
