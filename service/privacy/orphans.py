"""Find and delete data of interviews that a product has deleted in its own tables, to which ours
have no foreign keys."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, Connection, CursorResult, delete, select, text, union
from sqlalchemy.ext.asyncio import AsyncSession

from ..admission.admission import Admission
from ..recording import recordings
from ..security import audit
from ..storage import schema, store
from ..storage.database import Database
from ..storage.product_tables import INTERVIEWS, QUESTIONS
from ..storage.tables import Base, Interview
from .periodic import always, repeat
from .retention import WHO
from .sightings import InMemorySightings, Sightings

logger = logging.getLogger(__name__)

LOOK_SECONDS = 3600.0
"""Seconds between two searches."""
PATIENCE = timedelta(hours=12)
"""Time between finding an orphan and deleting it; see `Orphans`."""
SEES_ALL = text(
    "SELECT NOT row_security_active(CAST('interview_sessions' AS regclass)) OR"
    " bool_or(polpermissive AND pg_get_expr(polqual, polrelid) = 'true')"
    " AND bool_and(polpermissive)"
    " FROM pg_policy, unnest(polroles) AS role"
    " WHERE polrelid = CAST('interview_sessions' AS regclass)"
    " AND CAST(polcmd AS text) IN ('*', 'r')"
    " AND CASE WHEN role = 0 THEN true ELSE pg_has_role(role, 'USAGE') END"
)
"""Query that tells whether row-level security hides no interview from us: a hidden one looks like a
deleted one."""


class Orphans:
    """The search for orphaned data, which is deleted half a day after it was first seen: a table of
    the product's that is being restored from its backup may be without its rows for a while."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        recordings_dir: Path,
        sightings: Sightings | None = None,
    ) -> None:
        """Prepare to search. Without `sightings` this process remembers them by itself."""
        self._database = database
        self._admission = admission
        self._recordings_dir = recordings_dir
        self._sightings = sightings or InMemorySightings()

    async def run(self, every: float = LOOK_SECONDS, *, may: Callable[[], bool] = always) -> None:
        """Search `every` so many seconds while this process `may`, until cancelled."""
        await repeat(self.look, every, "looking for deleted interviews", logger, may)

    async def look(self, now: datetime) -> None:
        """Search once, and delete what has been orphaned long enough. Raises `DatabaseUnavailable`
        and `RecordingsUnavailable`; the next search continues."""
        async with self._database.read() as db:
            connection = await db.connection()
            found = await _orphans(db) if await connection.run_sync(_can_tell) else []
        for interview_id, since in (await self._sightings.seen(found, now)).items():
            if now - since >= PATIENCE and not await self._admission.expects(interview_id):
                await self._forget(interview_id)

    async def _forget(self, interview_id: UUID) -> None:
        files = await recordings.erase(self._recordings_dir, interview_id)
        async with self._database.write() as db:
            if await store.interview(db, interview_id):
                return
            counts = []
            for column in _ours():
                deleted = await db.execute(delete(column.table).where(column == interview_id))
                counts.append(f"{column.table.name} {cast(CursorResult[Any], deleted).rowcount}")
            told = f"deleted by the product: {', '.join(counts)}, files {len(files)}"
            audit.note_by(db, WHO, "delete interview", interview_id, told)
        logger.info("interview %s: %s", interview_id, told)


def _can_tell(connection: Connection) -> bool:
    return schema.is_product(connection) and bool(connection.scalar(SEES_ALL))


async def _orphans(db: AsyncSession) -> list[UUID]:
    ids = union(*(select(column.label("id")) for column in _ours())).subquery()
    there = select(Interview.id).where(Interview.id == ids.c.id)
    return list(await db.scalars(select(ids.c.id).where(~there.exists())))


def _ours() -> list[Column[Any]]:
    """Return the columns of our own tables that hold an interview's id."""
    return [
        key.parent
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.references(INTERVIEWS) and table is not QUESTIONS
    ]
