"""Rows of replicas and of what they hold, as those of processes elsewhere."""

import itertools
from uuid import UUID, uuid4

from sqlalchemy import text

from service.storage.database import Database

_numbers = itertools.count(1)


async def replica(
    database: Database,
    *,
    seen_ago: float = 0.0,
    slots: int = 4,
    draining: bool = False,
    name: str = "other",
) -> UUID:
    """Register a replica whose last heartbeat was so many seconds ago."""
    given = {"id": uuid4(), "key": next(_numbers), "name": name, "slots": slots}
    async with database.write() as db:
        await db.execute(
            text(
                "INSERT INTO replicas (id, lock_key, name, version, models_fingerprint, slots,"
                " draining, started_at, seen_at) VALUES (:id, :key, :name, '1', '', :slots,"
                " :draining, now(), clock_timestamp() - make_interval(secs => :ago))"
            ),
            given | {"draining": draining, "ago": seen_ago},
        )
    return given["id"]  # type: ignore[return-value]


async def hold(
    database: Database, session: UUID, replica: UUID, state: str, seconds: float | None = None
) -> None:
    """Let the replica hold the session, until so many seconds from now or for as long as it
    lives."""
    async with database.write() as db:
        await db.execute(
            text(
                "INSERT INTO session_holds (session_id, replica, epoch, state, until) VALUES"
                " (:session, :replica, 1, :state,"
                " clock_timestamp() + make_interval(secs => :seconds))"
            ),
            {"session": session, "replica": replica, "state": state, "seconds": seconds},
        )
