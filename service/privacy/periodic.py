"""Do something again and again beside the interviews, whatever goes wrong with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from ..errors import ServiceError
from ..times import utc_now

TURN_SECONDS = 2.0
"""Seconds between two looks whether it is this process's turn."""


def always() -> bool:
    """Return that it is this process's turn: it is alone."""
    return True


async def repeat(
    work: Callable[[datetime], Awaitable[None]],
    every: float,
    doing: str,
    logger: logging.Logger,
    may: Callable[[], bool] = always,
) -> None:
    """Call `work` with the time, now and `every` so many seconds, until cancelled; where several
    processes share the work, for as long as this one `may`, and at once when its turn begins. Its
    failures are logged as those of `doing`."""
    time = asyncio.get_running_loop().time
    due = time()
    while True:
        if not may():
            due = time() + TURN_SECONDS
        elif time() >= due:
            await _tried(work, doing, logger)
            due = time() + every
        await asyncio.sleep(min(TURN_SECONDS, max(0.0, due - time())))


async def _tried(
    work: Callable[[datetime], Awaitable[None]], doing: str, logger: logging.Logger
) -> None:
    try:
        await work(utc_now())
    except ServiceError as exc:
        logger.warning("%s failed: %s", doing, exc.code)
    except Exception:  # a bug here must not end the running interviews
        logger.exception("a bug in %s", doing)
