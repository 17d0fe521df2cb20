"""Count what all replicas hold together, for those who watch a cluster."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from aiohttp import web
from sqlalchemy import text

from ..errors import DatabaseUnavailable
from ..storage.database import Database
from .holds import CAP
from .replica import ALIVE

FRESH_SECONDS = 2.0
"""Seconds for which a count is reused, however many ask: health checks are frequent."""

_COUNT = text(
    "SELECT draining, slots, count(session_id) AS used,"
    " count(session_id) FILTER (WHERE state = 'held') AS held,"
    f" (SELECT value::int FROM cluster_settings WHERE key = '{CAP}') AS cap"
    " FROM replicas LEFT JOIN session_holds ON replica = id AND state <> 'ending'"
    " AND (until IS NULL OR until > clock_timestamp())"
    f" WHERE {ALIVE} GROUP BY id"
)
_HELD = text(
    "SELECT session_id, name FROM session_holds JOIN replicas ON replica = id"
    f" WHERE state = 'held' AND {ALIVE}"
)


@dataclass(frozen=True, slots=True)
class Count:
    """The numbers of all replicas together."""

    replicas: int = 0
    slots: int = 0
    """Sessions that they may hold at once."""
    used: int = 0
    """Slots that belong to a session."""
    held: int = 0
    """Sessions that a socket holds."""
    free: int = 0
    """Slots that may be taken."""


class Census:
    """The count of all replicas, by one of them."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._clock = clock
        self._asking = asyncio.Lock()
        self._counted = -FRESH_SECONDS
        self.last: Count | None = None
        """The last count; None while the database is away."""

    async def count(self) -> Count | None:
        """Return the count, not older than `FRESH_SECONDS`; None while the database is away."""
        async with self._asking:
            if self._clock() - self._counted >= FRESH_SECONDS:
                self.last = await self._count()
                self._counted = self._clock()
        return self.last

    async def _count(self) -> Count | None:
        try:
            async with self._database.read() as db:
                rows = (await db.execute(_COUNT)).all()
        except DatabaseUnavailable:
            return None
        used = sum(row.used for row in rows)
        free = sum(max(0, row.slots - row.used) for row in rows if not row.draining)
        if rows and rows[0].cap is not None:
            free = min(free, max(0, rows[0].cap - used))
        return Count(
            replicas=len(rows),
            slots=sum(row.slots for row in rows),
            used=used,
            held=sum(row.held for row in rows),
            free=free,
        )

    async def held(self) -> dict[UUID, str]:
        """Return the sessions that a socket holds, each with the name of its replica. Raises
        `DatabaseUnavailable`."""
        async with self._database.read() as db:
            return {row.session_id: row.name for row in await db.execute(_HELD)}


CENSUS = web.AppKey("CENSUS", Census)
"""The count of all replicas; absent in a service that is one process."""
