"""Check the rest of the prerequisites, listen, load the models, hold interviews.

A candidate whose service was restarted tries to connect again for a few seconds only. So whatever
can be known quickly (settings, files, the database) stops the start before the service listens, and
what takes long, loading the weights, is done while clients connect already.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from aiohttp import web

from models.contracts import Engines
from models.errors import EngineError
from models.openai.model_server import require_answer
from pipeline.interview.llm_part import warm_up
from pipeline.language.known import name_of

from .app import build_app, runner
from .engines import EngineLoading
from .errors import StartError
from .http.connections import listen
from .http.listening import address, bound, had
from .observability import logs
from .operations.stopping import Stop, clean_up, drain_interviews
from .privacy import consent
from .security import access
from .settings import Settings
from .storage.database_engine import normalize
from .storage.pooler import require_sessions

logger = logging.getLogger("vivavoce")


async def run(settings: Settings, engines: AbstractAsyncContextManager[Engines]) -> None:
    """Check, and serve until a signal asks to stop. Raises `StartError` and `EngineError`."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
    if settings.cluster:
        await require_sessions(normalize(settings.database_url))
    access.load_access(settings)  # a key file that cannot be used stops the start here
    consent.load_text(settings)
    with contextlib.closing(bound(settings)) as listener:
        await serve(settings, engines, listener, stop)


async def serve(
    settings: Settings,
    engines: AbstractAsyncContextManager[Engines],
    listener: socket.socket,
    stop: Stop,
) -> None:
    """Listen, load the engines, and hold interviews until `stop` says to stop."""
    asyncio.get_running_loop().set_exception_handler(logs.Unhandled())
    loading = EngineLoading()
    app = build_app(settings, loading)
    running = runner(app)
    async with AsyncExitStack() as stack:  # the engines are freed last
        try:
            await _set_up(running)  # opens the database
            with had(settings):
                await listen(running, listener)
            here = address(settings, listener)
            logs.say(
                settings.log_format, f"Vivavoce takes connections at {here} and loads its models."
            )
            if await _load(settings, stack, engines, loading, stop):
                logs.say(settings.log_format, f"Vivavoce is ready: {here}")
                await stop.wanted.wait()
                await drain_interviews(app, stop)
            logger.info("stopping")
        finally:
            loading.give_up()
            await clean_up(app, running, stop)


async def _set_up(running: web.AppRunner) -> None:
    """Start the application. Raises `StartError`, also where a group of tasks has wrapped it."""
    try:
        await running.setup()
    except ExceptionGroup as failed:
        refused, _ = failed.split(StartError)
        if refused is None:
            raise
        raise _first(refused) from failed


def _first(group: ExceptionGroup[StartError]) -> StartError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


# docs/decisions/035-listen-before-loading.md: front ends wait about 2 s for a restart
async def _load(
    settings: Settings,
    stack: AsyncExitStack,
    engines: AbstractAsyncContextManager[Engines],
    loading: EngineLoading,
    stop: Stop,
) -> bool:
    """Load the engines, which the stack will free; return False when a stop came before that was
    done. Raises `EngineError`."""

    async def load() -> None:
        loaded = await stack.enter_async_context(engines)
        # A collection that looks at all that was imported and loaded stops every conversation for
        # a tenth of a second and more (docs/performance.md). All of it stays: it need not look.
        gc.freeze()
        loading.loaded(loaded)
        if len(loaded.transcriber.languages) == 1:
            (only,) = map(name_of, loaded.transcriber.languages)
            logs.say(
                settings.log_format,
                f"The recognizer understands {only} only: no other language is noticed.",
            )
        # interviews need not wait for it
        await warm_up(loaded.llm, loaded.form, loaded.sentence_end)

    try:
        async with asyncio.TaskGroup() as tasks:
            ways = [
                tasks.create_task(load(), name="load the engines"),
                tasks.create_task(stop.wanted.wait(), name="signal"),
            ]
            looking = tasks.create_task(look_for_server(settings), name="look for the server")
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            if loading.engines is None:
                looking.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return loading.engines is not None


async def look_for_server(settings: Settings) -> None:
    """Warn when the language model server does not answer. It may come up later than this service,
    so it is no reason not to start."""
    if not settings.llm_base_url:
        return
    try:
        await require_answer(settings.llm_base_url, settings.llm_api_key)
    except EngineError as exc:
        logger.warning(
            "VIVAVOCE_LLM_BASE_URL: %s; until it answers the interviewer has only the plan's own"
            " words, and nothing is assessed",
            exc,
        )
