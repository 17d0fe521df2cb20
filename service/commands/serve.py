"""`vivavoce serve`: everything that is needed is looked at first, then interviews are held."""

import asyncio
import contextlib
import logging
import signal
import socket

import msgspec
from aiohttp import web

from models import load as models
from models.contracts import Engines

from ..app import build_app, runner
from ..choice import chosen_models
from ..operations import capacity as capacities
from ..operations import logs
from ..operations.listening import address, bound
from ..operations.stopping import Stop, cleaned_up, drained
from ..privacy import consent
from ..security import access
from ..settings import Settings
from ..storage import candidate_query
from ..storage.database import opened

logger = logging.getLogger("vivavoce")


async def run(settings: Settings) -> None:
    """Serve until a signal asks to stop. Raises `StartError` and `EngineError`."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
    access.configured(settings)  # a file that cannot be used is known now
    consent.configured(settings)
    chosen = models.locate(chosen_models(settings))
    announce(settings, chosen)
    settings = admitting(settings, chosen)
    with contextlib.closing(bound(settings)) as listener:
        upgrade = settings.database_upgrade == "auto"
        async with opened(settings.database_url, upgrade=upgrade) as database:
            # One that is away is known now, and not after the models were loaded.
            await candidate_query.configured(settings).check(database)
        async with models.engines(chosen_models(settings)) as engines:
            await serve(settings, engines, listener, stop)


async def serve(settings: Settings, engines: Engines, listener: socket.socket, stop: Stop) -> None:
    """Hold interviews until it is told to stop."""
    asyncio.get_running_loop().set_exception_handler(logs.unhandled)
    app = build_app(settings, engines)
    running = runner(app)
    try:
        await running.setup()
        await web.SockSite(running, listener).start()
        say(settings, f"Vivavoce is ready: {address(settings, listener)}")
        await stop.wanted.wait()
        await drained(app, stop)
        logger.info("stopping")
    finally:
        await cleaned_up(app, running, stop)


def say(settings: Settings, line: str) -> None:
    """Tell the operator; in a log for programs it is one of its entries."""
    if settings.log_format == "json":
        logger.info(line)
    else:
        print(line, flush=True)


def announce(settings: Settings, chosen: models.Chosen) -> None:
    """Say which models will talk, and which of them are no good for real interviews."""
    llm = chosen.language_model
    name = llm.model if isinstance(llm.model, str) else llm.model.id
    say(
        settings,
        f"Recognizer {chosen.recognizer.model.id}, language model {name},"
        f" voice {chosen.voice.model.id}",
    )
    if chosen.demonstrations:
        say(
            settings,
            "Demonstration weights: " + ", ".join(chosen.demonstrations) + "."
            " They show that everything works; real interviews need real models.",
        )


def admitting(settings: Settings, chosen: models.Chosen) -> Settings:
    """With the number of interviews that this machine holds, which the operator is told."""
    capacity = capacities.of(settings, chosen)
    if capacity.warning:
        logger.warning(capacity.said)
    else:
        say(settings, capacity.said)
    return msgspec.structs.replace(settings, max_sessions=capacity.places)
