"""Regular signs of life on a socket, by which a load balancer tells a replica that hangs from one
that has nothing to say: it closes its sockets within seconds, and their clients connect again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from .connection import Socket

BEAT_SECONDS = 1.0
"""Seconds between two. deploy/nginx-cluster.conf gives up a socket after three without a word."""


@asynccontextmanager
async def beating(ws: Socket) -> AsyncIterator[None]:
    """Send WebSocket pings for as long as the context lasts. Clients answer them unasked."""
    async with asyncio.TaskGroup() as tasks:
        beats = tasks.create_task(_beat(ws), name="beat")
        yield
        beats.cancel()


async def _beat(ws: Socket) -> None:
    with suppress(ConnectionError):  # the reader is told that the client has left
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            await ws.ping()
