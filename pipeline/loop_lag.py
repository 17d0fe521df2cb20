"""How late the event loop is: what everybody on it waits for in addition."""

import asyncio
from collections.abc import AsyncIterator


async def loop_lag(every: float) -> AsyncIterator[float]:
    """Yield, each time that so many seconds have passed, how many more it were."""
    clock = asyncio.get_running_loop().time
    while True:
        due = clock() + every
        await asyncio.sleep(every)
        yield max(0.0, clock() - due)
