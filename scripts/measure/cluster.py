"""What it costs that several replicas share a Postgres: python -m scripts.measure.cluster [part …]

Parts: claims, appends, idle, tabs, hangs, kills; all of them by default. Postgres is a private one
with its usual durability, engines are scripted. Claims, appends and the idle load are measured in
this process, the rest with three services, each a process of its own. Milliseconds; `kills` and
`hangs` count from the signal to the first message that another replica sends, with a client that
connects again after --retry seconds.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from models import fake
from pipeline.journal import ClauseSaid
from service.admission.admission import ADMISSION
from service.app import build_app, runner
from service.live.conversations import ConversationOpening
from service.settings import Settings
from service.storage import store
from service.storage.database import DATABASE, Database, open_database
from service.storage.record import StoredRecord
from service.storage.tables import Interview

from .private_postgres import programs, stoppable_cluster
from .server import FAKES, free_port, launch, wait_until_ready

KEY = "k" * 32
ENTRIES = 100
"""Entries of the journal that a claim reads."""
IDLE_SECONDS = 10.0
FIRST_AUDIO = "response.audio.delta"


def figures(name: str, took: Sequence[float]) -> None:
    """Print the distribution of times in seconds."""
    ms = sorted(each * 1000 for each in took)
    at = [ms[min(len(ms) - 1, int(len(ms) * share))] for share in (0.5, 0.95, 0.99)]
    shown = "".join(f"{each:9.2f}" for each in (*at, ms[-1]))
    print(f"{name:32}{len(ms):6}{shown}", flush=True)


# In this process


@asynccontextmanager
async def replicas(url: str, count: int, folder: str) -> AsyncIterator[list[web.Application]]:
    """Run applications that are replicas; nobody can connect to them."""
    async with AsyncExitStack() as stack:
        apps = []
        for _ in range(count):
            settings = Settings(
                database_url=url, cluster=True, max_sessions=9, recordings_dir=Path(folder)
            )
            app = build_app(settings, fake.engines())
            running = runner(app)
            await running.setup()
            stack.push_async_callback(running.cleanup)
            apps.append(app)
        yield apps


async def with_journal(database: Database, entries: int) -> UUID:
    session = uuid4()
    async with database.write() as db:
        db.add(Interview(id=session))
    async with database.write() as db:
        said = [ClauseSaid(n, "resp_1", "What interests you about it?") for n in range(entries)]
        await store.append(db, session, 0, said)
    return session


async def claims(url: str, options: argparse.Namespace, folder: str) -> None:
    async with replicas(url, 3, folder) as apps:
        took: list[float] = []
        for n in range(options.claims):
            if n % 20 == 0:  # each claim adds an entry
                session = await with_journal(apps[0][DATABASE], ENTRIES - 10)
            app = apps[n % 3]
            async with ConversationOpening(app, session) as opening:
                began = time.perf_counter()
                async with app[ADMISSION].seat(session, opening) as seat:
                    took.append(time.perf_counter() - began)
                    await opening.conversation()
                    seat.leave()
        figures(f"claim, {ENTRIES} entries", took[6:])  # the first open connections


async def appends(url: str, options: argparse.Namespace, folder: str) -> None:
    async with open_database(url) as alone, replicas(url, 3, folder) as apps:
        names = {"append, one process": alone, "append, replica": apps[0][DATABASE]}
        records = {
            name: StoredRecord(database, await with_journal(database, 1), 1)
            for name, database in names.items()
        }
        took: dict[str, list[float]] = {name: [] for name in names}
        for n in range(options.appends + 20):
            for name in sorted(names, reverse=bool(n % 2)):
                began = time.perf_counter()
                await records[name].append(ClauseSaid(n, "resp_1", "What interests you about it?"))
                took[name].append(time.perf_counter() - began)
        for name, times in took.items():
            figures(name, times[20:])


async def idle(url: str, options: argparse.Namespace, folder: str) -> None:
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    async with open_database(url) as watching, replicas(url, 3, folder):
        await asyncio.sleep(3)
        event.listen(Engine, "before_cursor_execute", count)
        await asyncio.sleep(IDLE_SECONDS)
        event.remove(Engine, "before_cursor_execute", count)
        async with watching.read() as db:
            listening = await db.scalar(
                text("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory'")
            )
    print(
        f"idle: {statements / IDLE_SECONDS / 3:.2f} statements a second and replica (mean of three,"
        f" one of which leads); {listening / 3:.0f} connection more"
    )


# With processes


class Service:
    """A replica that is a process of its own."""

    def __init__(self, url: str, folder: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "DATABASE_URL": url,
            "CLUSTER": "true",
            "API_KEYS": f"measure:{KEY}",
            "GRANTS_KEY": KEY,
            "AUTOCREATE_INTERVIEWS": "true",
            "MAX_SESSIONS": "1000",  # places are kept for whoever has left
        }
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._child = launch(FAKES, self._settings, self.port, self._folder)
        await asyncio.to_thread(wait_until_ready, self._child, self.url, self._folder)

    def signal(self, number: int) -> None:
        assert self._child
        os.kill(self._child.pid, number)

    def end(self) -> None:
        if self._child:
            self.signal(signal.SIGCONT)
            self._child.kill()
            self._child.wait()


Socket = aiohttp.ClientWebSocketResponse[Any]


async def connected(http: aiohttp.ClientSession, service: Service, session: UUID) -> Socket:
    """Connect and wait for the first message."""
    socket = await http.ws_connect(f"{service.url}/ws/interview/{session}", max_msg_size=0)
    await socket.receive()
    return socket


async def talking(http: aiohttp.ClientSession, service: Service) -> tuple[UUID, Socket]:
    """Begin an interview, and wait until the interviewer speaks."""
    session = uuid4()
    body = {"interview_id": str(session)}
    async with http.post(f"{service.url}/start-database-interview", json=body) as answer:
        answer.raise_for_status()
    socket = await connected(http, service, session)
    while (await socket.receive_json())["type"] != FIRST_AUDIO:
        pass
    return session, socket


async def closed(socket: Socket) -> int | None:
    async for _ in socket:
        pass
    return socket.close_code


async def gapless(database: Database, session: UUID) -> None:
    async with database.read() as db:
        seqs = [row.seq for row in await store.events(db, session)]
    if seqs != list(range(1, len(seqs) + 1)):
        raise SystemExit(f"the journal of {session} has a gap")


async def tabs(services: list[Service], options: argparse.Namespace, database: Database) -> None:
    took = []
    async with aiohttp.ClientSession() as http:
        for n in range(options.tabs):
            session, older = await talking(http, services[n % 3])
            began = time.perf_counter()
            async with asyncio.TaskGroup() as tasks:
                code = tasks.create_task(closed(older))
                newer = tasks.create_task(connected(http, services[(n + 1) % 3], session))
                code.add_done_callback(lambda _: took.append(time.perf_counter() - began))  # noqa: B023
            if code.result() != 4409:
                raise SystemExit(f"an older tab was closed with {code.result()}")
            await newer.result().close()
            await gapless(database, session)
    figures("newer tab → older one closed", took)


async def hangs(services: list[Service], options: argparse.Namespace, database: Database) -> None:
    took = []
    async with aiohttp.ClientSession() as http:
        for n in range(options.hangs):
            session, older = await talking(http, services[n % 3])
            services[n % 3].signal(signal.SIGSTOP)
            began = time.perf_counter()
            newer = await connected(http, services[(n + 1) % 3], session)
            took.append(time.perf_counter() - began)
            services[n % 3].signal(signal.SIGCONT)
            if (code := await closed(older)) not in (1011, 4409):
                raise SystemExit(f"the client of one that hung was told {code}")
            await newer.close()
            await gapless(database, session)
    figures("owner hung → first message", took)


async def kills(services: list[Service], options: argparse.Namespace, database: Database) -> None:
    took = []
    async with aiohttp.ClientSession() as http:
        for n in range(options.kills):
            session, older = await talking(http, services[n % 3])
            began = time.perf_counter()
            services[n % 3].signal(signal.SIGKILL)
            await closed(older)
            await asyncio.sleep(options.retry)
            newer = await connected(http, services[(n + 1) % 3], session)
            took.append(time.perf_counter() - began)
            await newer.close()
            await gapless(database, session)
            services[n % 3].end()
            await services[n % 3].start()
    figures(f"kill -9 → first message (+{options.retry} s)", took)


INSIDE = {"claims": claims, "appends": appends, "idle": idle}
OUTSIDE = {"tabs": tabs, "hangs": hangs, "kills": kills}


async def measure(parts: Sequence[str], url: str, options: argparse.Namespace) -> None:
    async with open_database(url):  # makes the tables
        pass
    with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
        for part in parts:
            if part in INSIDE:
                await INSIDE[part](url, options, folder)
    outside = [OUTSIDE[part] for part in parts if part in OUTSIDE]
    if not outside:
        return
    async with AsyncExitStack() as stack:
        services = []
        for _ in range(3):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="vivavoce-"))
            services.append(Service(url, folder))
            stack.callback(services[-1].end)
        for service in services:
            await service.start()
        async with open_database(url) as database:
            for part in outside:
                await part(services, options, database)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part")
    parser.add_argument("--claims", type=int, default=300)
    parser.add_argument("--appends", type=int, default=2000, help="of each kind")
    parser.add_argument("--tabs", type=int, default=60)
    parser.add_argument("--hangs", type=int, default=12)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--retry", type=float, default=0.2, help="seconds before connecting again")
    options = parser.parse_args()
    if unknown := set(options.parts) - {*INSIDE, *OUTSIDE}:
        parser.error(f"there is no part {', '.join(unknown)}")
    installed = programs()
    if installed is None:
        sys.exit("Postgres is not installed: apt-get install postgresql")
    print(f"{'ms':32}{'n':>6}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}")
    with stoppable_cluster(installed) as server:
        url = server.url.format(name="postgres")
        asyncio.run(measure(options.parts or [*INSIDE, *OUTSIDE], url, options))


if __name__ == "__main__":
    main()
