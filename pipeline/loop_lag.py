"""Measure how late the event loop is, which delays everything that runs on it."""

import asyncio
from collections.abc import AsyncIterator


async def loop_lag(every: float) -> AsyncIterator[float]:
    """Yield, every `every` seconds, how many seconds late the loop was."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + every
        await asyncio.sleep(every)
        yield max(0.0, clock() - due)
