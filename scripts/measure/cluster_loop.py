"""Interviews on several replicas behind a load balancer, while things happen to them; what
scripts/kill_loop.py does with --replicas."""

import argparse
import asyncio
import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import numpy as np

from models import fake
from pipeline.interview.plan import Plan
from pipeline.journal import InterviewEnded
from service.storage import store
from service.storage.agenda import to_agenda
from service.storage.database import Database, open_database
from service.storage.tables import Interview

from .attendance import CONNECT, PAGE, Attendance, Held
from .attendance import PRODUCT as FRONT_END
from .balancers import balancing
from .candidate import RATE, Utterance, in_starter_voice, in_voice
from .fake_server import ANSWER
from .fleet import CLUSTER, Replica, replicas
from .hosts import HERE, Hosts, hosts
from .installed import installed
from .kill_check import faults
from .mishaps import WEIGHTS, Happening, Mishaps, World
from .private_postgres import USER, programs, stoppable_cluster
from .server import FAKES, PRODUCT
from .silences import STOOD_STILL, quantile, silences, table

WATCH_SECONDS = 0.5
"""Between two looks at who holds what."""
STILL_SECONDS = 3.0
"""A pause of this program's that is longer was one of the machine."""
MOST = 1000
"""Interviews that are prepared; those to which nobody comes do not count."""
_HELD = (
    "SELECT count(*), r.slots FROM session_holds h JOIN replicas r ON r.id = h.replica"
    " WHERE h.state <> 'ending' AND (h.until IS NULL OR h.until > clock_timestamp())"
    " GROUP BY r.id, r.slots HAVING count(*) > r.slots"
)
_OWNER = "SELECT replica FROM session_holds WHERE session_id = $1"


@dataclass(slots=True)
class Watch:
    """What the database and the replicas say of themselves, looked at all the while."""

    socket: str
    """The folder of the database's socket."""
    looks: int = 0
    over_admitted: list[str] = field(default_factory=list)

    async def owner(self, session: UUID) -> UUID | None:
        found = None
        with suppress(OSError, asyncpg.PostgresError):
            connection = await asyncpg.connect(user=USER, database="postgres", host=self.socket)
            found = await connection.fetchval(_OWNER, session)
            await connection.close()
        return found

    async def run(self, http: aiohttp.ClientSession, world: World, slots: int) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            before = clock()
            await asyncio.sleep(WATCH_SECONDS)
            if clock() - before > STILL_SECONDS:
                world.happened.append(Happening(STOOD_STILL, before, clock()))
            with suppress(OSError, asyncpg.PostgresError, TimeoutError):
                async with asyncio.timeout(2):
                    db = await asyncpg.connect(user=USER, database="postgres", host=self.socket)
                    for row in await db.fetch(_HELD):
                        self.over_admitted.append(f"{row[0]} sessions in {row[1]} slots")
                    await db.close()
                    self.looks += 1
            for each in world.replicas:
                if not each.busy:
                    await self._sockets(http, each, slots)

    async def _sockets(self, http: aiohttp.ClientSession, replica: Replica, slots: int) -> None:
        headers = {"Authorization": f"Bearer {CLUSTER['METRICS_KEYS'].partition(':')[2]}"}
        timeout = aiohttp.ClientTimeout(total=1)
        with suppress(aiohttp.ClientError, TimeoutError):
            url = f"{replica.url}/metrics"
            async with http.get(url, headers=headers, timeout=timeout) as answer:
                lines = (await answer.text()).splitlines()
            names = [line.split() for line in lines if line.startswith("vivavoce_sessions_active")]
            for _, value in names:
                if float(value) > slots:
                    self.over_admitted.append(f"{value} sockets at {replica.url}")


def spoken(lengths: Sequence[float]) -> list[Utterance]:
    """What the fakes understand as their answer, so many seconds of it."""
    return [
        Utterance(np.full(round(seconds * RATE), fake.LOUDNESS, np.int16), ANSWER)
        for seconds in lengths
    ]


class ClusterLoop:
    """One run, by the options of the command line."""

    def __init__(self, options: argparse.Namespace, plan: Plan, answers: Sequence[str]) -> None:
        self._options = options
        self._plan = plan
        self._answers = answers
        self._clients = random.Random(options.seed)

    def run(self, folder: Path) -> dict[str, Any]:
        options = self._options
        binaries = programs()
        if binaries is None:
            sys.exit("kill_loop.py: Postgres is not installed: apt-get install postgresql")
        with ExitStack() as stack:
            machines = stack.enter_context(hosts(options.replicas)) if options.hosts else None
            listen = HERE if machines else ""
            database = stack.enter_context(stoppable_cluster(binaries, listen=listen))
            local = database.url.format(name="postgres")
            url = f"postgresql+asyncpg://{USER}@{HERE}/postgres" if machines else local
            all_ = self._replicas(url, folder, machines)
            for each in all_:
                stack.callback(each.kill)
            balancer = stack.enter_context(
                balancing(options.behind, [each.address for each in all_], listen or "127.0.0.1")
            )
            watch = Watch(local.partition("host=")[2])
            world = World(all_, database, [], watch.owner, machines)
            asyncio.run(self._attended(local, balancer, world, watch))
            return asyncio.run(self._verdict(local, world, watch))

    def _replicas(self, url: str, folder: Path, machines: Hosts | None) -> list[Replica]:
        options = self._options
        settings = CLUSTER | {
            "DATABASE_URL": url,
            "MAX_SESSIONS": str(options.slots),
            "AUTOCREATE_INTERVIEWS": "false",
            "DRAIN_SECONDS": "30",
            "LOG_LEVEL": "info",
        }
        command = FAKES if options.engines == "fakes" else PRODUCT
        if options.engines == "real":
            settings |= installed().settings
        return replicas(options.replicas, command, settings, folder, machines)

    async def _speech(self) -> list[Utterance]:
        """What the candidates say, each answer as the engines understand it."""
        match self._options.engines:
            case "fakes":
                return spoken((4, 9, 14))
            case "starter":
                return await in_starter_voice(*self._answers)
        return await in_voice(installed().voice, *self._answers)

    async def _attended(self, local: str, url: str, world: World, watch: Watch) -> None:
        """The interviews, and what happens meanwhile."""
        options = self._options
        await world.replicas[0].start()  # it makes the tables
        await asyncio.gather(*(each.start() for each in world.replicas[1:]))
        prepared = [Held() for _ in range(MOST)]
        async with open_database(local) as database, database.write() as db:
            db.add_all(Interview(id=held.id, agenda=to_agenda(self._plan)) for held in prepared)
        speech = await self._speech()
        async with (
            aiohttp.ClientSession() as http,
            aiohttp.ClientSession(timeout=CONNECT) as sockets,
            asyncio.TaskGroup() as tasks,
        ):
            mishaps = Mishaps(world, sockets, options.seed, options.every)
            watching = tasks.create_task(watch.run(http, world, options.slots))
            async with asyncio.TaskGroup() as happening:
                happening.create_task(self._happen(mishaps))
                for _ in range(options.at_once):
                    attending = partial(Attendance, http, sockets, url)
                    happening.create_task(self._seat(attending, world, mishaps, prepared, speech))
            watching.cancel()
        print(file=sys.stderr)

    async def _happen(self, mishaps: Mishaps) -> None:
        options = self._options
        await asyncio.sleep(options.every + 3)
        if options.rolling:
            await mishaps.roll()
            return
        weights = WEIGHTS | ({"cut": 3} if options.hosts else {})
        if options.only:
            weights = dict.fromkeys(options.only.split(","), 1)
        await mishaps.happen(options.events, weights, options.outages, 60 * options.minutes)

    async def _seat(
        self, attending: Callable[[Held, Iterator[Utterance]], Attendance], world: World,
        mishaps: Mishaps, prepared: list[Held], speech: list[Utterance],
    ) -> None:  # fmt: skip
        """One candidate after the other, while there is something to happen."""
        while not mishaps.over or len(world.held) < self._options.interviews:
            held = prepared.pop()
            product = self._clients.random() < self._options.products
            held.client = FRONT_END if product else PAGE
            turn = len(world.held) % len(speech)
            world.held.append(held)
            answers = itertools.cycle(speech[turn:] + speech[:turn])
            await attending(held, answers).run()
            print(".", end="", file=sys.stderr, flush=True)

    async def _verdict(self, url: str, world: World, watch: Watch) -> dict[str, Any]:
        async with open_database(url) as database:
            wrong = {str(held.id): await judged(database, self._plan, held) for held in world.held}
        kinds = Counter(fault.partition(":")[0] for found in wrong.values() for fault in found)
        silent = [s for held in world.held for s in silences(held, world.happened)]
        happened = Counter(each.kind for each in world.happened)
        return {
            "behind": self._options.behind,
            "replicas": self._options.replicas,
            "interviews": len(world.held),
            "finished": sum(
                held.seen.told_over or held.ended for held in world.held if held.finalized
            ),
            "events": sum(happened.values()) - happened["after the outage"] - happened[STOOD_STILL],
            "happened": dict(happened),
            "reconnects": sum(max(0, len(held.connections) - 1) for held in world.held),
            "turns_told": sum(len(held.seen.turns) for held in world.held),
            "clauses_heard": sum(len(c) for held in world.held for c in held.seen.clauses.values()),
            "lost": kinds["lost"],
            "holes": kinds["numbering"],
            "duplicated": kinds["duplicate"],
            "finalized_alive": kinds["finalized alive"],
            "told_by_close_alone": sum(
                held.seen.told_over and not held.ended for held in world.held
            ),
            "over_admitted": len(watch.over_admitted),
            "looks": watch.looks,
            "asked_to_press_retry": sum(len(held.gave_up_at) for held in world.held),
            "newer_tab_p50_p95_max_s": [
                round(quantile(world.tabs, share), 3) for share in (0.5, 0.95, 1.0)
            ],
            "newer_tabs_elsewhere": len(world.tabs),
            "silences": table(silent),
            "faults": {held: found for held, found in wrong.items() if found},
        }


async def judged(database: Database, plan: Plan, held: Held) -> list[str]:
    """What is wrong with one interview."""
    async with database.read() as db:
        rows = await store.events(db, held.id)
        row = await store.interview(db, held.id)
    entries = [store.decode(r) for r in rows]
    found = faults(plan, held.seen, [r.seq for r in rows], entries)
    ended = any(isinstance(entry, InterviewEnded) for entry in entries)
    if held.seen.told_over and not ended:
        found.append("finalized alive: a socket was closed with 1000 before the interview's end")
    if held.finalized and (row is None or row.status != "completed" or not row.ai_analysis):
        found.append("unfinished: the result is not in the table")
    if found and held.gave_up and not held.finalized:
        found.append(f"the candidate's last error: {held.gave_up}")
    return found
