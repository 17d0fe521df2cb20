"""What programs ask about the service: does it live, may interviews begin, how is it doing.

The first two are open: they tell nothing but their answer. `/metrics` tells how much is going on
here. It is open on the server itself, and opens elsewhere by a key of its own, which a monitoring
system may have without being able to read interviews, or by one that opens everything.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from aiohttp import hdrs, web
from prometheus_client.exposition import choose_encoder
from sqlalchemy import text

from models.contracts import Engines
from models.engine_state import EngineState

from ..errors import DatabaseUnavailable
from ..keys import ADMISSION, DATABASE, ENGINES, SETTINGS
from ..security import access
from ..settings import Settings
from ..storage.database import Database
from ..web import answer
from .gauges import Present, states
from .metrics import METRICS, Metrics, count_error, watched_loop

DATABASE_SECONDS = 2.0
"""How long the database may take to answer."""
STUCK_SECONDS = 60.0
"""How long an engine may be at one step: far longer than a batch of the recognizer's takes."""
FRESH_SECONDS = 1.0
"""For so long the database is not asked again, however many ask here."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    says: str


class DatabaseProbe:
    """Asks the database at most once a second."""

    def __init__(self) -> None:
        self._asking = asyncio.Lock()
        self._known: tuple[float, bool] = (-FRESH_SECONDS, False)

    async def answers(self, database: Database) -> bool:
        async with self._asking:
            asked, answered = self._known
            if monotonic() - asked >= FRESH_SECONDS:
                answered = await self._ask(database)
                self._known = (monotonic(), answered)
        return answered

    async def _ask(self, database: Database) -> bool:
        with suppress(DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(DATABASE_SECONDS), database.read() as db:
                await db.execute(text("SELECT 1"))
                return True
        return False


PROBE = web.AppKey("PROBE", DatabaseProbe)


def install(app: web.Application) -> None:
    """Have everything counted; what the service opens when it starts, from then on."""
    watched = Metrics()
    watched.describe(app[SETTINGS])
    watched.registry.register(Present(app[ADMISSION], app[ENGINES], watched.tallies))
    app[METRICS] = watched
    app[PROBE] = DatabaseProbe()
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
    """The process runs and its event loop turns; that it answers is the answer."""
    return answer({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Whether a new interview would be held here. A full machine is ready: it says so itself."""
    app = request.app
    checks = [
        admitting(closed=app[ADMISSION].closed),
        await reachable(app[PROBE], app[DATABASE]),
        *working(app[ENGINES].engines),
        *recording(app[SETTINGS]),
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
    encoder, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
    body = encoder(request.app[METRICS].registry)
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


def admitting(*, closed: bool) -> Check:
    says = "The service is stopping." if closed else "Interviews are admitted."
    return Check("admission", not closed, says)


async def reachable(probe: DatabaseProbe, database: Database) -> Check:
    if await probe.answers(database):
        return Check("database", True, "The database answers.")
    return Check("database", False, f"No answer from the database within {DATABASE_SECONDS:.0f} s.")


def working(engines: Engines | None) -> list[Check]:
    if engines is None:
        return [Check("models", False, "The service is loading its models.")]
    return [_engine(name, state) for name, state in states(engines).items()]


def _engine(name: str, state: EngineState) -> Check:
    engine = "The " + name.replace("_", " ")
    if not state.alive:
        return Check(name, False, f"{engine} has stopped; restart the service.")
    if state.working_seconds > STUCK_SECONDS:
        stuck = f"{engine} has been at one step for {state.working_seconds:.0f} s; it may be stuck."
        return Check(name, False, stuck)
    return Check(name, True, f"{engine} works.")


def recording(settings: Settings) -> list[Check]:
    """Nothing to say when nothing is recorded, or nothing was yet."""
    folder = settings.recordings_dir
    if not settings.recording or not folder.exists():
        return []
    if _writable(folder):
        return [Check("recordings", True, "Recordings can be written.")]
    return [Check("recordings", False, "The folder of the recordings cannot be written to.")]


def _writable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
