"""Writes the record in order, off the critical path, and never gives up on an entry."""

import asyncio
import logging
from collections.abc import Callable

from .errors import FallingBehind, RecordUnavailable
from .record import AnyEntry, Record

log = logging.getLogger(__name__)

WAITING = 256
"""Entries that may wait for a database that is away; one more ends the session."""
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0)


class Scribe:
    """One writer a session. A caller that must not go on before an entry is durable awaits what
    `write` returns; cancelling the wait does not take the entry back."""

    def __init__(self, record: Record, unavailable: Callable[[RecordUnavailable], None]) -> None:
        self._record = record
        self._unavailable = unavailable
        self._entries: asyncio.Queue[tuple[AnyEntry, asyncio.Event]] = asyncio.Queue(WAITING)

    def write(self, entry: AnyEntry) -> asyncio.Event:
        """Queue an entry; the event is set once it is durable. Raises `FallingBehind`."""
        durable = asyncio.Event()
        try:
            self._entries.put_nowait((entry, durable))
        except asyncio.QueueFull:
            raise FallingBehind(f"{WAITING} entries wait for the record") from None
        return durable

    async def run(self) -> None:
        """Write until cancelled."""
        while True:
            entry, durable = await self._entries.get()
            await self._append(entry)
            durable.set()
            self._entries.task_done()

    async def flush(self) -> None:
        """Wait until all that was written is durable."""
        await self._entries.join()

    async def _append(self, entry: AnyEntry) -> None:
        tries = 0
        while True:
            try:
                return await self._record.append(entry)
            except RecordUnavailable as exc:
                if tries == 0:
                    self._unavailable(exc)
                wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                log.warning("record unavailable, retrying in %.1f s", wait)
                tries += 1
            await asyncio.sleep(wait)
