"""Write the journal in order, off the critical path, without ever giving up on an entry."""

import asyncio
import logging
from collections.abc import Callable

from ..errors import BacklogFull, RecordUnavailable
from ..journal import AnyEntry, Record

log = logging.getLogger(__name__)

WAITING = 256
"""Entries that may wait for an unavailable database; one more ends the session."""
RETRY_SECONDS = (0.2, 0.5, 1.0)
"""Waits before each further attempt to write; the last one is repeated. Clients come back every two
seconds: what waits here is to be on record before one gets to another process."""
LATE_SECONDS = 2.0
"""Seconds after which a write is reported to the client like one that failed: a database that hangs
or is locked gives no answer for long."""


def _nothing() -> None: ...


class JournalWriter:
    """The writer of one session's journal. A caller that must not go on before an entry is durable
    awaits what `write` returns; cancelling the wait does not take the entry back."""

    def __init__(self, record: Record, unavailable: Callable[[RecordUnavailable], None]) -> None:
        """Make a writer. `unavailable` is called once whenever the record becomes unavailable."""
        self._record = record
        self._unavailable = unavailable
        self._entries: asyncio.Queue[tuple[AnyEntry, asyncio.Event, Callable[[], None]]]
        self._entries = asyncio.Queue(WAITING)
        self._told = False
        self._over = False

    def write(self, entry: AnyEntry, then: Callable[[], None] = _nothing) -> asyncio.Event:
        """Queue an entry. Once it is durable, `then` is called, in the order of the entries, and
        the event is set. Raises `BacklogFull`."""
        durable = asyncio.Event()
        try:
            self._entries.put_nowait((entry, durable, then))
        except asyncio.QueueFull:
            raise BacklogFull(f"{WAITING} entries wait for the record") from None
        return durable

    async def run(self) -> None:
        """Write until cancelled. Raises `RecordTaken`."""
        try:
            while True:
                entry, durable, then = await self._entries.get()
                await self._append(entry)
                then()
                durable.set()
                self._entries.task_done()
        finally:
            self._over = True

    async def flush(self) -> None:
        """Wait until everything written is durable, unless the writer has stopped."""
        if not self._over:
            await self._entries.join()

    async def _append(self, entry: AnyEntry) -> None:
        late = RecordUnavailable("The interview is recorded late at the moment, so it has to wait.")
        timer = asyncio.get_running_loop().call_later(LATE_SECONDS, self._tell, late)
        tries = 0
        try:
            while True:
                try:
                    await self._record.append(entry)
                except RecordUnavailable as exc:
                    self._tell(exc)
                    wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
                    log.warning("record unavailable, retrying in %.1f s", wait)
                    tries += 1
                else:
                    self._told = False
                    return
                await asyncio.sleep(wait)
        finally:
            timer.cancel()

    def _tell(self, exc: RecordUnavailable) -> None:
        if not self._told:
            self._told = True
            self._unavailable(exc)
