"""Wait for what a service, a browser or a database does in its own time."""

import asyncio
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which a test that waits in vain fails, on a machine that is busy."""


async def until(
    holds: Callable[[], object], *, patience: float = PATIENCE, every: float = 0.01
) -> None:
    """Let everything else go on until this holds, which nothing reports."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(every)
