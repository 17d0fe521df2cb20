"""Measure what many replicas do once, on fake engines and a Postgres of one's own:

    nice .venv/bin/python -m scripts.measure.cluster_check --leaders 5 --finalize 40 --outage 60

It asks two replicas at once to finalize the same interview: the answers have to be equal, and each
interview assessed once. It kills the leader and measures how long it takes until another one
sweeps. And it stops Postgres for a while, with interviews going on: none of them may be finished
afterwards. It exits with 1 if something is not as it should be.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
from sqlalchemy import update

from pipeline.interview.plan import Plan, Question
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    ReplyEnded,
    ReplyPlanned,
)
from service.storage import store
from service.storage.database import Database, open_database
from service.storage.tables import Interview, TurnEvent
from service.times import utc_now

from .private_postgres import Cluster, programs, stoppable_cluster
from .server import FAKES, free_port, launch, wait_until_ready

KEY = "k" * 32
SETTINGS = {
    "CLUSTER": "true",
    "API_KEYS": KEY,
    "GRANTS_KEY": "g" * 32,
    "MAX_SESSIONS": "8",
    "GRACE_SECONDS": "0",
    "AUTOCREATE_INTERVIEWS": "true",
}
STEADY_SECONDS = 12.0
"""Seconds until a replica that was started may judge who is dead, with a grace period of 0."""
WHY, SAID = "Why do you want this job?", "I like to help people and I learn quickly."
PLAN = Plan((Question(WHY),), candidate="Maria Lopez")
ENTRIES: tuple[AnyEntry, ...] = (
    Connected(0),
    ReplyPlanned(100, "r1", "i1", "ask", "Next: …", 0),
    ClauseSaid(100, "r1", WHY),
    ReplyEnded(3000, "r1", "completed", WHY, ""),
    CandidateSpoke(60_000, "i2", SAID, 4000, 60_000),
)


@dataclass
class Replica:
    """One replica in a process of its own."""

    url: str
    port: int
    folder: str
    settings: dict[str, str]
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self) -> None:
        self.process = launch(FAKES, self.settings, self.port, self.folder)
        wait_until_ready(self.process, self.url, self.folder)


class Fleet:
    """Three replicas on one database."""

    def __init__(self, database: Database, http: aiohttp.ClientSession) -> None:
        self.database = database
        self.replicas: list[Replica] = []
        self._http = http

    async def metric(self, replica: Replica, name: str) -> float:
        """The sum of a metric's series."""
        async with self._http.get(f"{replica.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        return sum(float(each.split()[-1]) for each in lines if each.startswith(f"vivavoce_{name}"))

    async def leader(self) -> Replica:
        """The one that leads, once there is one."""
        while True:
            for replica in self.replicas:
                if await self.metric(replica, "cluster_leads"):
                    return replica
            await asyncio.sleep(0.2)

    @asynccontextmanager
    async def connected(
        self, replica: Replica, interview_id: UUID
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A socket over which a new interview is held."""
        body = {"interview_id": str(interview_id)}
        async with self._http.post(f"{replica.url}/start-database-interview", json=body) as told:
            assert told.status == 200, await told.text()
        async with self._http.ws_connect(f"{replica.url}/ws/interview/{interview_id}") as socket:
            yield socket

    async def finalize(self, replica: Replica, interview_id: UUID) -> tuple[str, float]:
        began = time.perf_counter()
        body = {"interviewId": str(interview_id)}
        async with self._http.post(f"{replica.url}/finalize-interview", json=body) as answer:
            said = await answer.json()
        assert answer.status == 200, said
        return json.dumps(said["analysis"], sort_keys=True), time.perf_counter() - began


@asynccontextmanager
async def fleet(url: str) -> AsyncIterator[Fleet]:
    headers = {"X-API-Key": KEY}
    async with (
        open_database(url) as database,
        aiohttp.ClientSession(headers=headers) as http,
        contextlib.AsyncExitStack() as stack,
    ):
        made = Fleet(database, http)
        for _ in range(3):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vivavoce-"))
            port = free_port()
            settings = {**SETTINGS, "DATABASE_URL": url}
            process = launch(FAKES, settings, port, folder)
            replica = Replica(f"http://127.0.0.1:{port}", port, folder, settings, process)
            stack.callback(replica.kill)
            made.replicas.append(replica)
        for replica in made.replicas:
            wait_until_ready(replica.process, replica.url, replica.folder)
        yield made


async def held(database: Database, *, silent: timedelta = timedelta(0)) -> UUID:
    """An interview whose last entry is so old."""
    interview_id = uuid4()
    async with database.write() as db:
        agenda: Any = msgspec.to_builtins(PLAN)
        row = Interview(
            id=interview_id, agenda=agenda, status="in_progress", started_at=utc_now() - silent
        )
        db.add(row)
        await db.flush()
        await store.append(db, interview_id, 0, ENTRIES)
        mine = update(TurnEvent).where(TurnEvent.session_id == interview_id)
        await db.execute(mine.values(created_at=utc_now() - silent))
    return interview_id


async def completed(database: Database, interview_id: UUID) -> None:
    while True:
        async with database.read() as db:
            row = await store.interview(db, interview_id)
        if row and row.status == "completed":
            return
        await asyncio.sleep(0.05)


async def kill_leaders(fleet: Fleet, times: int) -> list[float]:
    """The seconds from each kill of the leader until another one has swept."""
    took = []
    for _ in range(times):
        await asyncio.sleep(STEADY_SECONDS)
        leader = await fleet.leader()
        began = time.perf_counter()
        leader.kill()
        abandoned = await held(fleet.database, silent=timedelta(hours=1))
        await completed(fleet.database, abandoned)
        took.append(time.perf_counter() - began)
        leader.restart()
    return took


async def finalize_at_two(fleet: Fleet, times: int) -> tuple[list[float], int, float]:
    """The seconds of each request, how many pairs of answers differed, and how often an answer was
    assessed, for each interview."""
    took, different = [], 0
    before = [await fleet.metric(each, "answers_assessed_total") for each in fleet.replicas]
    for number in range(times):
        interview_id = await held(fleet.database)
        one, other = fleet.replicas[number % 3], fleet.replicas[(number + 1) % 3]
        answers = await asyncio.gather(
            fleet.finalize(one, interview_id), fleet.finalize(other, interview_id)
        )
        took += [seconds for _, seconds in answers]
        different += answers[0][0] != answers[1][0]
    after = [await fleet.metric(each, "answers_assessed_total") for each in fleet.replicas]
    return took, different, (sum(after) - sum(before)) / times


async def outage(fleet: Fleet, postgres: Cluster, seconds: float) -> list[str]:
    """Stop Postgres for so long while six interviews go on; return what has become of those."""
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        sessions = [uuid4() for _ in range(6)]
        listening = []
        for number, session in enumerate(sessions):
            socket = await stack.enter_async_context(
                fleet.connected(fleet.replicas[number % 3], session)
            )
            listening.append(tasks.create_task(_listen(socket)))
        await asyncio.sleep(STEADY_SECONDS)
        await asyncio.to_thread(postgres.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(postgres.start)
        await asyncio.sleep(2 * STEADY_SECONDS)
        async with fleet.database.read() as db:
            rows = await store.interviews(db, sessions)
        for task in listening:
            task.cancel()
    return [row.status for row in rows]


async def _listen(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def measure(postgres: Cluster, asked: argparse.Namespace) -> bool:
    """Print the figures; return whether they are as they should be."""
    good = True
    async with fleet(postgres.url.format(name="postgres")) as made:
        if asked.finalize:
            took, different, each = await finalize_at_two(made, asked.finalize)
            print(
                f"finalize at two replicas at once, {asked.finalize} interviews: {different} pairs"
                f" differ, {each:.2f} assessments each, p50 {_ms(took, 50)}, p95 {_ms(took, 95)}",
                flush=True,
            )
            good = good and not different and each == 1
        if asked.leaders:
            sweeps = await kill_leaders(made, asked.leaders)
            print(
                f"leader killed until the next sweep, {asked.leaders} times:"
                f" median {statistics.median(sweeps):.1f} s, most {max(sweeps):.1f} s",
                flush=True,
            )
            good = good and max(sweeps) <= 10
        if asked.outage:
            became = await outage(made, postgres, asked.outage)
            print(f"6 interviews, and {asked.outage:g} s without Postgres: {', '.join(became)}")
            good = good and became == ["in_progress"] * 6
    return good


def _ms(seconds: Sequence[float], share: int) -> str:
    ordered = sorted(seconds)
    return f"{ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what many replicas do once.")
    parser.add_argument("--leaders", type=int, default=5, metavar="N", help="kills of the leader")
    parser.add_argument("--finalize", type=int, default=40, metavar="N", help="interviews")
    parser.add_argument("--outage", type=float, default=60, metavar="SECONDS", help="of Postgres")
    asked = parser.parse_args()
    installed = programs()
    if installed is None:
        sys.exit("There is no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed) as postgres:
        good = asyncio.run(measure(postgres, asked))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
