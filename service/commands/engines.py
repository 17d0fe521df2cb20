"""`vivavoce engines`: serve recognizer, voice and end of turn to services on other machines."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace

from models import load as models
from models.choice import Choice, locate
from models.remote.serving import Served

from ..engine_config import chosen_models
from ..engine_server.app import Serving, build_app, runner
from ..errors import SettingInvalid
from ..http.connections import listen
from ..http.listening import bound, had
from ..observability import logs
from ..operations.stopping import Stop
from ..settings import Settings

logger = logging.getLogger("vivavoce")

HERE = ("127.0.0.1", "::1", "localhost")


async def run(settings: Settings) -> None:
    """Serve until a signal asks to stop. Raises `StartError` and `EngineError`."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
    require_key(settings)
    choice = replace(chosen_models(settings), pool=None)
    locate(choice)
    with contextlib.closing(bound(settings)) as listener:
        await serve(settings, loaded(choice), listener, stop)


def require_key(settings: Settings) -> None:
    """Refuse to listen to other machines without a key. Raises `SettingInvalid`."""
    if settings.host not in HERE and not settings.engines_key:
        raise SettingInvalid(
            f"VIVAVOCE_HOST is {settings.host}, so other machines could use the engines: set"
            " VIVAVOCE_ENGINES_KEY (openssl rand -hex 32), or VIVAVOCE_HOST to 127.0.0.1."
        )


@asynccontextmanager
async def loaded(choice: Choice) -> AsyncIterator[Served]:
    """Load the engines of this choice, and free them at the end. Raises as `models.load`."""
    chosen = locate(choice)
    async with models.speech(choice) as engines:
        assert chosen.recognizer
        assert chosen.voice
        gc.freeze()  # as in `serve`
        yield Served(
            engines.transcriber,
            engines.voice,
            engines.end_of_turn,
            recognizer_id=chosen.recognizer.model.id,
            voice_id=chosen.voice.model.id,
            voice_languages=chosen.voice.model.languages,
            end_of_turn_id=chosen.end_of_turn.model.id if chosen.end_of_turn else "",
        )


async def serve(
    settings: Settings,
    engines: AbstractAsyncContextManager[Served],
    listener: socket.socket,
    stop: Stop,
) -> None:
    """Listen, load the engines, and serve them until `stop` says to stop."""
    asyncio.get_running_loop().set_exception_handler(logs.Unhandled())
    serving = Serving()
    running = runner(build_app(settings, serving))
    where = f"{settings.host}:{listener.getsockname()[1]}"
    async with AsyncExitStack() as stack:  # the engines are freed last
        try:
            await running.setup()
            with had(settings):
                await listen(running, listener)
            logger.info("%s takes connections and loads its models", where)
            if served := await _load(stack, engines, stop):
                serving.loaded(served)
                print(
                    f"Engines at {where}: recognizer {served.recognizer_id}, voice"
                    f" {served.voice_id}, end of turn {served.end_of_turn_id or 'by rules'}.",
                    flush=True,
                )
                await stop.wanted.wait()
                await _drain(settings, serving, stop)
        finally:
            await running.cleanup()


async def _load(
    stack: AsyncExitStack, engines: AbstractAsyncContextManager[Served], stop: Stop
) -> Served | None:
    """Load the engines, which the stack will free; return None when a stop came before that was
    done. Raises `EngineError`."""
    served: list[Served] = []

    async def load() -> None:
        served.append(await stack.enter_async_context(engines))

    try:
        async with asyncio.TaskGroup() as tasks:
            ways = [
                tasks.create_task(load(), name="load the engines"),
                tasks.create_task(stop.wanted.wait(), name="signal"),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return served[0] if served else None


async def _drain(settings: Settings, serving: Serving, stop: Stop) -> None:
    """Send the services elsewhere and finish the calls in progress, unless a second signal demands
    a stop at once."""
    assert serving.server
    async with asyncio.TaskGroup() as tasks:
        ways = [
            tasks.create_task(serving.server.leave(settings.drain_seconds), name="drain"),
            tasks.create_task(stop.at_once.wait(), name="second signal"),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
