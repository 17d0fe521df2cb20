"""Do something again and again beside the interviews, whatever goes wrong with it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from ..errors import ServiceError
from ..times import utc_now


async def repeat(
    work: Callable[[datetime], Awaitable[None]],
    every: float,
    doing: str,
    logger: logging.Logger,
) -> None:
    """Call `work` with the time, now and `every` so many seconds, until cancelled. Its failures are
    logged as those of `doing`."""
    while True:
        try:
            await work(utc_now())
        except ServiceError as exc:
            logger.warning("%s failed: %s", doing, exc.code)
        except Exception:  # a bug here must not end the running interviews
            logger.exception("a bug in %s", doing)
        await asyncio.sleep(every)
