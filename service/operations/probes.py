"""The answers to monitoring: is the service alive, may interviews begin, how is it doing.

The first two are open: they reveal nothing but their answer. `/metrics` tells how much is going on
here. It is open on the server itself, and opens elsewhere by a key of its own, which a monitoring
system may have without being able to read interviews, or by one that opens everything.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from aiohttp import hdrs, web
from prometheus_client.exposition import choose_encoder
from sqlalchemy import text

from models.contracts import Engines
from models.engine_state import EngineState

from ..admission.admission import ADMISSION
from ..cluster.census import CENSUS
from ..cluster.sentinel import SENTINEL, Sentinel
from ..engines import ENGINES
from ..errors import DatabaseUnavailable
from ..http.web import answer
from ..observability.metrics import METRICS, Metrics, count_error, watched_loop
from ..security import access
from ..settings import SETTINGS, Settings
from ..storage.database import DATABASE, Database
from .capacity import database_file
from .gauges import Present, states

DATABASE_SECONDS = 2.0
"""Seconds that the database may take to answer."""
STUCK_SECONDS = 60.0
"""Seconds that an engine may spend on one step: far longer than a batch of the recognizer's
takes."""
FRESH_SECONDS = 5.0
"""Seconds for which a result is reused, however many ask."""
TRIED_BYTES = 256 * 1024
"""Bytes written to a folder to see whether its disk takes more."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    says: str


class DatabaseProbe:
    """A probe that reads from the database and writes to it, once every few seconds at most."""

    def __init__(
        self, within: float = DATABASE_SECONDS, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._within = within
        self._clock = clock
        self._asking = asyncio.Lock()
        self._known: tuple[float, str] = (-FRESH_SECONDS, "")

    async def fault(self, database: Database) -> str:
        """Return what is wrong with the database, in a sentence; empty when nothing is."""
        async with self._asking:
            asked, fault = self._known
            if self._clock() - asked >= FRESH_SECONDS:
                fault = await self._ask(database)
                self._known = (self._clock(), fault)
        return fault

    async def _ask(self, database: Database) -> str:
        fault = f"No answer from the database within {self._within:.0f} s."
        with suppress(DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(self._within), database.read() as db:
                await db.execute(text("SELECT 1"))
            fault = NOT_WRITTEN
            async with asyncio.timeout(2 * self._within):
                await database.prove(self._within)
            return ""
        return fault


class FolderProbe:
    """A probe that writes a file into a folder, once every few seconds at most. It does not wait
    for a disk that hangs, nor ask it again before it has answered."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._asking = asyncio.Lock()
        self._tried = -FRESH_SECONDS
        self._trying: asyncio.Future[bool] | None = None
        self._ok = True

    @property
    def there(self) -> bool:
        return self._folder.exists()

    async def ok(self) -> bool:
        async with self._asking:
            if self._trying is None and self._clock() - self._tried >= FRESH_SECONDS:
                self._trying = asyncio.get_running_loop().run_in_executor(
                    None, _can_write, self._folder
                )
                self._tried = self._clock()
            if self._trying is not None:
                await asyncio.wait((self._trying,), timeout=DATABASE_SECONDS)
                self._ok = self._trying.done() and self._trying.result()
                if self._trying.done():
                    self._trying = None
        return self._ok


def _can_write(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(TRIED_BYTES))
            file.flush()
    except OSError:
        return False
    return True


NOT_WRITTEN = (
    "Nothing can be written to the database: its disk is full, another program keeps it locked,"
    " or it takes no writes."
)
RECORDINGS_FULL = (
    "The folder of the recordings cannot be written to: make room there, or see whose it is."
)
OUT_OF_TOUCH = (
    "This replica's heartbeats do not reach the database, so the others take over its interviews:"
    " see whether Postgres answers."
)
DISK_FULL = "Nothing more can be written to the folder of the database: make room there."


class Probes:
    """All probes of one service."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = monotonic) -> None:
        self.database = DatabaseProbe(clock=clock)
        file = database_file(settings)
        self.beside = FolderProbe(file.parent, clock=clock) if file else None
        """The folder of SQLite's file: its write-ahead log needs room there."""
        folder = settings.recordings_dir
        self.recordings = FolderProbe(folder, clock=clock) if settings.recording else None


PROBES = web.AppKey("PROBES", Probes)


def install(app: web.Application) -> None:
    """Register metrics and probes; what the service opens when it starts is measured from then
    on."""
    watched = Metrics()
    watched.describe(app[SETTINGS])
    watched.registry.register(Present(app[ADMISSION], app[ENGINES], watched.all_stats))
    app[METRICS] = watched
    app[PROBES] = Probes(app[SETTINGS])
    app.cleanup_ctx.append(watched_commits)
    app.cleanup_ctx.append(watched_loop)
    app.on_response_prepare.append(count_error)


async def watched_commits(app: web.Application) -> AsyncIterator[None]:
    app[DATABASE].committed = app[METRICS].commits.observe
    yield


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/livez", livez),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics, allow_head=False),
    ]


async def livez(request: web.Request) -> web.Response:
    """Answer that the process runs and its event loop turns; answering is the proof."""
    return answer({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Answer whether a new interview would be held here. A full machine is ready: it refuses
    interviews itself."""
    app = request.app
    checks = [
        admitting(closed=app[ADMISSION].capacity.closed),
        await reachable(app[PROBES], app[DATABASE]),
        *working(app[ENGINES].engines),
        *await recording(app[PROBES].recordings),
        *in_touch(app.get(SENTINEL)),
    ]
    ready = all(check.ok for check in checks)
    return answer(
        {
            "status": "ready" if ready else "not ready",
            "checks": {check.name: {"ok": check.ok, "says": check.says} for check in checks},
        },
        200 if ready else 503,
    )


async def metrics(request: web.Request) -> web.Response:
    access.require_watcher(request, request.app[SETTINGS].metrics_keys)
    if census := request.app.get(CENSUS):
        await census.count()  # read by the gauges, which cannot wait
    encoder, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
    body = encoder(request.app[METRICS].registry)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


def admitting(*, closed: bool) -> Check:
    says = "The service is stopping." if closed else "Interviews are admitted."
    return Check("admission", not closed, says)


async def reachable(probes: Probes, database: Database) -> Check:
    fault = await probes.database.fault(database)
    if not fault and probes.beside and not await probes.beside.ok():
        fault = DISK_FULL
    return Check("database", not fault, fault or "The database answers and takes what is written.")


def in_touch(sentinel: Sentinel | None) -> list[Check]:
    """Return the check of the contact to other replicas; none where the service is one process."""
    if sentinel is None:
        return []
    if sentinel.unbroken_since is None:
        return [Check("cluster", False, OUT_OF_TOUCH)]
    return [Check("cluster", True, "The other replicas know that this one lives.")]


def working(engines: Engines | None) -> list[Check]:
    if engines is None:
        return [Check("models", False, "The service is loading its models.")]
    return [check_engine(name, state) for name, state in states(engines).items()]


def check_engine(name: str, state: EngineState) -> Check:
    engine = "The " + name.replace("_", " ")
    if not state.alive:
        return Check(name, False, f"{engine} has stopped; restart the service.")
    if state.fault:
        return Check(name, False, state.fault)
    if state.working_seconds > STUCK_SECONDS:
        stuck = f"{engine} has been at one step for {state.working_seconds:.0f} s; it may be stuck."
        return Check(name, False, stuck)
    return Check(name, True, f"{engine} works.")


async def recording(probe: FolderProbe | None) -> list[Check]:
    """Return the check of the recordings folder; none when nothing is recorded, or nothing was
    yet."""
    if probe is None or not probe.there:
        return []
    if await probe.ok():
        return [Check("recordings", True, "Recordings can be written.")]
    return [Check("recordings", False, RECORDINGS_FULL)]
