"""The times at which orphaned data was first seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete, insert, select

from ..storage.database import Database
from ..storage.tables import OrphanSighting


class Sightings(Protocol):
    async def seen(self, found: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
        """Note that these are orphaned now, and forget all others. Return since when each is."""
        ...


class InMemorySightings:
    """Sightings of a service that is one process; they end with it."""

    def __init__(self) -> None:
        self._since: dict[UUID, datetime] = {}

    async def seen(self, found: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
        self._since = {each: self._since.get(each, now) for each in found}
        return self._since


class StoredSightings:
    """Sightings in the database, which outlive the replica that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, found: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
        async with self._database.write() as db:
            gone = ~OrphanSighting.interview_id.in_(found)
            await db.execute(delete(OrphanSighting).where(gone))
            there = await db.scalars(select(OrphanSighting))
            since = {row.interview_id: row.first_seen for row in there}
            new = [{"interview_id": each, "first_seen": now} for each in found if each not in since]
            if new:
                await db.execute(insert(OrphanSighting), new)
        return dict.fromkeys(found, now) | since
