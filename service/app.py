"""The composition root: the parts of the application, and its routes."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from models.contracts import HEARING_RATE, Engines
from pipeline.conversation.endpointing import EndpointingPolicy
from pipeline.conversation.turn_steps import Tuning

from . import page
from .admission.admission import ADMISSION, Admission
from .admission.leases import InMemoryLeases, Leases
from .cluster import holds
from .cluster.census import CENSUS, Census
from .cluster.leases import CLUSTER, PostgresLeases
from .cluster.neighbours import require_none
from .cluster.replica import ALIVE_SECONDS, identity
from .cluster.sentinel import SENTINEL, Sentinel
from .engine_config import assessor
from .engines import ENGINES, EngineLoading
from .finalization import finalize
from .finalization.abandoned import close_abandoned
from .finalization.abandoned_in_cluster import AbandonedInCluster
from .finalization.closing import FINALIZER, Finalizer
from .http import access_log
from .http.connections import Runner
from .http.web import MAX_BODY, decorate, errors_as_json, preflight, under
from .interviews import crud, invitation, start
from .live import websocket
from .live.conversations import TUNING
from .observability.metrics import METRICS
from .openapi import document
from .operations import probes, status
from .operations.cluster_gauges import ClusterGauges
from .privacy import consent, sweep
from .privacy.orphans import Orphans
from .privacy.periodic import always
from .privacy.sightings import StoredSightings
from .recording import playback
from .recording.recorder import RECORDER, Recorder
from .recording.shared_folder import require_shared
from .reports import exports, report_page, reports
from .scores import scores
from .security import access, origins
from .security.grants import Grants
from .settings import SETTINGS, Settings
from .storage import candidate_query
from .storage.candidate_query import CANDIDATES
from .storage.database import DATABASE, open_database
from .storage.database_engine import normalize

_PARTS = (
    start, invitation, crud, probes, status, consent, finalize, websocket, page, reports,
    report_page, exports, scores, playback, document,
)  # fmt: skip

REQUESTS_SECONDS = 15.0
"""Seconds that requests in progress may go on when the service stops."""

# docs/decisions/009-routes-closed.md: a handler that nobody lists is closed
OPEN: frozenset[Handler] = frozenset(
    {
        page.show_page,
        page.show_file,
        probes.livez,
        probes.readyz,
        probes.metrics,  # has an access rule of its own, `require_watcher`
        consent.show,
        status.health,
        start.start_database_interview,
        start.start_interview,
        start.prepare_interview_context,
        invitation.show,
        websocket.hold_interview,
        finalize.finalize_interview,
        finalize.end_session,
        document.show,
    }
)
"""Handlers that anybody may call. A candidate's client needs some: they reveal nothing but the
interview whose id it has. Programs that monitor the service need the others, which reveal no
interview."""


def build_app(settings: Settings, engines: Engines | EngineLoading) -> web.Application:
    """Build the service; it opens the database when it starts, and raises `DatabaseUnreachable`
    then. While its engines are being loaded it does everything that needs none, and keeps the rest
    waiting.

    Raises `SettingInvalid` for a file of keys, of consent or of a query that cannot be used."""
    app = web.Application(
        middlewares=[
            access_log.identify,
            preflight,
            errors_as_json,
            origins.check_origin,
            access.admit,
        ],
        client_max_size=MAX_BODY,
    )
    app[SETTINGS] = settings
    app[access.OPEN] = OPEN
    app[access.ACCESS] = access.load_access(settings)
    app[access.BY_GRANT] = frozenset({playback.play})
    app[access.GRANTS] = Grants(settings.grants_key)
    app[finalize.READING] = finalize.Reading()
    app[playback.LISTENING] = playback.Listeners()
    app[consent.ASKED] = consent.load_text(settings)
    app[CANDIDATES] = candidate_query.load_query(settings)
    app[ENGINES] = engines if isinstance(engines, EngineLoading) else EngineLoading(engines)
    app[TUNING] = Tuning(
        EndpointingPolicy(_samples(settings.endpoint_ms), _samples(settings.endpoint_max_ms))
    )
    app[ADMISSION] = Admission(settings.places, settings.grace_seconds, leases=_leases(app))
    app.cleanup_ctx.append(_database)
    if settings.cluster:
        app.cleanup_ctx.append(_cluster)
    app.cleanup_ctx.append(_finalizer)
    probes.install(app)
    if settings.recording:
        app.cleanup_ctx.append(_recorder)
    app.cleanup_ctx.append(_retention)
    routes = [route for part in _PARTS for route in part.routes()]
    app[document.DOCUMENT] = document.Document(routes, settings.base_path, OPEN)
    app.on_response_prepare.extend((decorate, access_log.stamp))
    app.on_shutdown.append(_dismiss_all)
    # The base path goes first, so that a route of the same name does not hide the page there.
    for prefix in dict.fromkeys((settings.base_path, "")):
        app.add_routes(under(prefix, routes))
    return app


def _leases(app: web.Application) -> Leases:
    """Make the leases: in memory, or in the database for a replica, which has its sentinel then."""
    settings = app[SETTINGS]
    if not settings.cluster:
        return InMemoryLeases()
    app[SENTINEL] = Sentinel(normalize(settings.database_url), identity(settings))
    app[CLUSTER] = PostgresLeases(app[SENTINEL], settings.grace_seconds)
    return app[CLUSTER]


def _samples(ms: int) -> int:
    return ms * HEARING_RATE // 1000


def runner(app: web.Application) -> web.AppRunner:
    """Make the runner of the application, with limits for an open network."""
    return Runner(
        app,
        # A request that has begun to change something is finished even if its client has left.
        handler_cancellation=False,
        keepalive_timeout=75.0,
        shutdown_timeout=REQUESTS_SECONDS,
        auto_decompress=False,  # `bodies` decompresses, with limits
    )


async def _database(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    async with open_database(
        settings.database_url, upgrade=settings.database_upgrade == "auto"
    ) as database:
        await app[CANDIDATES].check(database)
        if not settings.cluster:
            await require_none(database)
        app[DATABASE] = database
        yield


async def _cluster(app: web.Application) -> AsyncIterator[None]:
    """Be one of several replicas, until everything else of this one has ended."""
    app[CENSUS] = Census(app[DATABASE])
    app[METRICS].registry.register(ClusterGauges(app[SENTINEL], app[CENSUS]))
    async with app[CLUSTER].running(app[DATABASE]):
        await require_shared(app[DATABASE], app[SETTINGS], app[SENTINEL].me.id)
        async with app[DATABASE].write() as db:
            await holds.set_cap(db, app[SETTINGS].cluster_sessions)
        yield


def may_sweep(app: web.Application) -> bool:
    """Return whether this process looks after the data of all: it is alone, or leads and has been
    in touch for longer than any client may take to come back."""
    if (sentinel := app.get(SENTINEL)) is None:
        return True
    patience = app[SETTINGS].grace_seconds + ALIVE_SECONDS
    return sentinel.leads and sentinel.unbroken_for(patience)


async def _finalizer(app: web.Application) -> AsyncIterator[None]:
    """Run the finalizer; assessments in progress when the service stops are finished first."""
    async with asyncio.TaskGroup() as tasks:
        app[FINALIZER] = Finalizer(
            app[DATABASE],
            app[ADMISSION],
            app[ENGINES],
            tasks,
            assessor=assessor(app[SETTINGS]),
            metrics=app[METRICS],
        )
        closing = tasks.create_task(_abandoned(app), name="close abandoned interviews")
        yield
        closing.cancel()


def _abandoned(app: web.Application) -> Coroutine[Any, Any, None]:
    """Return the work of closing abandoned interviews, here or in the whole cluster."""
    parts = (app[DATABASE], app[ADMISSION], app[FINALIZER], app[SETTINGS].grace_seconds)
    if SENTINEL in app:
        return AbandonedInCluster(*parts, partial(may_sweep, app)).run()
    return close_abandoned(*parts)


async def _retention(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    sweeper = sweep.Sweeper(
        app[DATABASE], app[ADMISSION], sweep.retention_days(settings), settings.recordings_dir
    )
    sightings = StoredSightings(app[DATABASE]) if settings.cluster else None
    orphans = Orphans(app[DATABASE], app[ADMISSION], settings.recordings_dir, sightings)
    may = partial(may_sweep, app) if settings.cluster else always
    async with asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(sweeper.run(may=may), name="delete what is too old")
        looking = tasks.create_task(orphans.run(may=may), name="delete what has no interview")
        yield
        sweeping.cancel()
        looking.cancel()


async def _recorder(app: web.Application) -> AsyncIterator[None]:
    app[RECORDER] = Recorder(app[SETTINGS].recordings_dir)
    yield
    await app[RECORDER].aclose()


async def _dismiss_all(app: web.Application) -> None:
    await app[ADMISSION].close()
