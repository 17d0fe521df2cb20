"""Look for replicas from beside the cluster: as a command, or as a service that is no replica."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, text

from ..errors import InterviewInProgress, ReplicasThere
from ..storage.database import Database
from .replica import ALIVE

_ALIVE = text(f"SELECT name FROM replicas WHERE {ALIVE} ORDER BY name")
_HOLDERS = text(
    "SELECT session_id, name FROM session_holds JOIN replicas ON replica = id"
    f" WHERE session_id IN :sessions AND state IN ('held', 'ending') AND {ALIVE}"
).bindparams(bindparam("sessions", expanding=True))


async def replicas(database: Database) -> list[str]:
    """Return the names of the replicas that are alive; none on SQLite. Raises
    `DatabaseUnavailable`."""
    if database.is_file:
        return []
    async with database.read() as db:
        return list(await db.scalars(_ALIVE))


async def require_none(database: Database) -> None:
    """Require that no replica is alive: a service that is no replica would finish their interviews.
    Raises `ReplicasThere` and `DatabaseUnavailable`."""
    if names := await replicas(database):
        raise ReplicasThere(
            f"Replicas are alive on this database ({', '.join(names[:3])}); set"
            " VIVAVOCE_CLUSTER=true to be one of them, or stop them first."
        )


async def require_unheld(database: Database, sessions: Sequence[UUID]) -> None:
    """Require that no replica holds one of these interviews, or is ending it. Raises
    `InterviewInProgress` and `DatabaseUnavailable`."""
    if database.is_file or not sessions:
        return
    async with database.read() as db:
        held = (await db.execute(_HOLDERS, {"sessions": list(sessions)})).first()
    if held:
        raise InterviewInProgress(
            f"Interview {held.session_id} is held by the replica {held.name}; end it there, or"
            f" ask any replica: DELETE /interviews/{held.session_id}."
        )
