"""Stopping the service: the first signal lets interviews come to their end, a second does not.

Nothing is lost either way. What was said is journaled before the interviewer goes on, a client
whose socket closes with 1011 reconnects to whichever process serves then, and an assessment that
was broken off is made again at the next start.
"""

import asyncio
import logging

from aiohttp import web

from ..admission.admission import ADMISSION
from ..finalization.closing import FINALIZER
from ..settings import SETTINGS

logger = logging.getLogger(__name__)


class Stop:
    """A stop requested by signals: the first asks to stop, the second to stop at once."""

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        self.at_once = asyncio.Event()

    def signalled(self) -> None:
        (self.at_once if self.wanted.is_set() else self.wanted).set()


async def drain_interviews(app: web.Application, stop: Stop) -> None:
    """Admit no more sessions, and wait until those that go on have ended, their time is up, or a
    second signal demands a stop at once. Requests are answered all the while."""
    admission, seconds = app[ADMISSION], app[SETTINGS].drain_seconds
    if admission.live:
        logger.warning(
            "stopping: %d interviews may go on for %d s; a second signal ends them now",
            len(admission.live),
            seconds,
        )
    async with asyncio.TaskGroup() as tasks:
        ways = [
            tasks.create_task(admission.drain(seconds), name="drain"),
            tasks.create_task(stop.at_once.wait(), name="second signal"),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()


async def clean_up(app: web.Application, running: web.AppRunner, stop: Stop) -> None:
    """Close everything that is left. Assessments are finished, unless the stop has to be at
    once."""
    async with asyncio.TaskGroup() as tasks:
        hurrying = tasks.create_task(_hurry(app, stop), name="second signal")
        await running.cleanup()
        hurrying.cancel()


async def _hurry(app: web.Application, stop: Stop) -> None:
    await stop.at_once.wait()
    if FINALIZER in app:
        app[FINALIZER].break_off()
