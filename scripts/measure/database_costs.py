"""Measure what replicas cost the Postgres that they share, and print it as JSON:

    .venv/bin/python -m scripts.measure.database_costs > costs.json

A server runs in a temporary folder with its usual durability. Each kind of transaction is made many
times by the service's own code; its cost is the CPU time of all the server's processes
divided by their number, in milliseconds of a core. `flush` is how long the disk takes for a page
of the log; `claim_lock` is how long a claim takes as its replica sees it.
`scripts/simulate_fleet.py --costs` reads the result. Nothing else should run meanwhile.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import msgspec
import psutil
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.journal import ClauseSaid, Connected
from service.admission.seat import Seat
from service.cluster import messages
from service.cluster.leases import PostgresLeases
from service.cluster.replica import Identity
from service.cluster.sentinel import Sentinel
from service.storage import connection_log, store
from service.storage.database import Database, open_database
from service.storage.record import StoredRecord
from service.storage.tables import Interview

from .private_postgres import cluster, programs

LOG = 100
"""Entries in the journal of a session that is claimed."""
LISTENERS = 60
"""Connections that listen while messages are sent."""
FLUSHES = 200


class Found(msgspec.Struct):
    """Costs as `fleet_model.Costs` has them."""

    append: float
    claim: float
    heartbeat: float
    notify: float
    notify_listener: float
    flush: float
    connection_mb: float
    claim_lock: float


class Server:
    """The processes of a Postgres server, found by its folder."""

    def __init__(self, folder: str) -> None:
        pid = Path(folder, "data", "postmaster.pid").read_text().split("\n", 1)[0]
        self._head = psutil.Process(int(pid))

    def seconds(self) -> float:
        """Return the CPU time of all its processes so far, also of those that have ended."""
        total = 0.0
        for process in (self._head, *self._head.children()):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process == self._head:
                total += times.children_user + times.children_system
        return total

    def connection_mb(self) -> float:
        """Return the megabytes that a connection has for itself, of those that have worked."""
        found = []
        for process in self._head.children():
            try:
                if " vivavoce " in f"{' '.join(process.cmdline())} ":
                    found.append(process.memory_full_info().uss / 2**20)
            except psutil.NoSuchProcess:
                continue
        return statistics.mean(found)


@dataclass
class Claimed:
    """Opens a conversation in the transaction of its claim, as a socket does."""

    session: UUID

    async def prepare(self) -> None: ...

    async def write(self, db: AsyncSession) -> None:
        await store.mark_started(db, self.session)
        await connection_log.begin(db, self.session, "costs")
        events = await store.events(db, self.session)
        last = events[-1].seq
        assert await store.append_if_next(db, self.session, last, Connected(0))


async def cost(server: Server, times: int, once: Callable[[int], Awaitable[object]]) -> float:
    """Return the milliseconds of a core that one of them takes; a tenth more warm up first."""
    for n in range(times // 10):
        await once(n)
    before = server.seconds()
    for n in range(times):
        await once(n)
    return (server.seconds() - before) * 1000 / times


async def conversation(database: Database, entries: int) -> tuple[UUID, StoredRecord]:
    """Return a new session and its journal, with so many entries."""
    session = uuid4()
    async with database.write() as db:
        db.add(Interview(id=session))
    record = StoredRecord(database, session, 0)
    for n in range(entries):
        await record.append(said(n))
    return session, record


def said(n: int) -> ClauseSaid:
    return ClauseSaid(n, "resp_1", "Thank you. What interests you about it?")


async def measure(url: str, folder: str, times: int) -> Found:
    """Measure all costs on a server that runs."""
    server = Server(folder)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(url))
        sentinel = Sentinel(make_url(url), Identity(slots=10_000))
        leases = PostgresLeases(sentinel, 120.0)
        await stack.enter_async_context(leases.running(database))
        _, record = await conversation(database, 0)
        append = await cost(server, times, lambda n: record.append(said(n)))
        claim, lock = await claims(server, database, leases, times // 4)
        heartbeat = await cost(server, times, lambda _: beat(database, sentinel.me.id))
        memory = server.connection_mb()
        alone, many = await notices(stack, server, database, folder, times // 4)
        return Found(
            append=append,
            claim=claim,
            heartbeat=heartbeat,
            notify=alone,
            notify_listener=max(0.0, many - alone) / LISTENERS,
            flush=flush(Path(folder)),
            connection_mb=memory,
            claim_lock=lock,
        )


async def claims(
    server: Server, database: Database, leases: PostgresLeases, times: int
) -> tuple[float, float]:
    """Return what a claim and its release cost, and the milliseconds that a claim took."""
    sessions = [(await conversation(database, LOG))[0] for _ in range(8)]
    took: list[float] = []

    async def once(n: int) -> None:
        session = sessions[n % len(sessions)]
        began = time.perf_counter()
        lease = await leases.hold(session, Seat(), Claimed(session))
        took.append(time.perf_counter() - began)
        await leases.release(lease)

    return await cost(server, times, once), statistics.median(took) * 1000


async def beat(database: Database, replica: UUID) -> None:
    async with database.write() as db:
        await db.execute(
            text("UPDATE replicas SET seen_at = clock_timestamp() WHERE id = :id"), {"id": replica}
        )


async def notices(
    stack: AsyncExitStack, server: Server, database: Database, folder: str, times: int
) -> tuple[float, float]:
    """Return what a message to another replica costs with one connection that listens, and with
    `LISTENERS` more."""

    async def send(_: int) -> None:
        async with database.write() as db:
            await messages.send(db, uuid4(), messages.Left(uuid4()))

    alone = await cost(server, times, send)
    for _ in range(LISTENERS):
        listener = await asyncpg.connect(host=folder, user="vivavoce", database="postgres")
        stack.push_async_callback(listener.close)
        await listener.add_listener(messages.channel(uuid4()), lambda *_: None)
    return alone, await cost(server, times, send)


def flush(folder: Path) -> float:
    """Return the milliseconds in which the disk takes a page for good."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(FLUSHES):
            began = time.perf_counter()
            file.write(bytes(8192))
            file.flush()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=2000, help="appends; others are fewer")
    options = parser.parse_args()
    installed = programs()
    if installed is None:
        raise SystemExit("Postgres is not installed: apt-get install postgresql")
    with cluster(installed) as url:
        postgres = url.format(name="postgres")
        folder = str(Path(make_url(postgres).query["host"]))  # type: ignore[arg-type]
        found = asyncio.run(measure(postgres, folder, options.times))
    rounded = {name: round(value, 4) for name, value in msgspec.to_builtins(found).items()}
    print(msgspec.json.format(msgspec.json.encode(rounded), indent=2).decode())


if __name__ == "__main__":
    main()
