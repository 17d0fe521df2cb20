"""Find what dead replicas have left behind, and clear away what nobody needs any more."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .replica import ALIVE

_LEFT = text(
    "SELECT id, session_id, state FROM replicas LEFT JOIN session_holds"
    f" ON replica = id AND until IS NULL WHERE NOT ({ALIVE})"
)
_LAPSED = text("DELETE FROM session_holds WHERE until < clock_timestamp() - interval '1 minute'")
_POINTLESS = text(
    "DELETE FROM session_holds WHERE until IS NULL AND NOT EXISTS (SELECT FROM replicas"
    " WHERE id = replica AND seen_at > clock_timestamp() - make_interval(secs => :seconds))"
    " AND NOT EXISTS (SELECT FROM interview_sessions"
    " WHERE interview_sessions.id = session_id AND status = 'in_progress')"
)
_FORGOTTEN = text(
    "DELETE FROM replicas WHERE seen_at < clock_timestamp() - interval '1 day'"
    " AND NOT EXISTS (SELECT FROM session_holds WHERE replica = id)"
)


@dataclass(slots=True)
class Dead:
    """The dead replicas and what they had."""

    replicas: set[UUID] = field(default_factory=set)
    sessions: dict[UUID, str] = field(default_factory=dict)
    """The sessions that they had when they died, each with the state of its hold."""


async def find(db: AsyncSession) -> Dead:
    """Return the dead replicas that are not yet forgotten."""
    found = Dead()
    for replica, session, state in await db.execute(_LEFT):
        found.replicas.add(replica)
        if session is not None:
            found.sessions[session] = state
    return found


async def clear(db: AsyncSession, patience: float) -> None:
    """Delete holds that have lapsed, those of replicas dead for `patience` seconds whose interview
    is over, and replicas of which nothing is left."""
    await db.execute(_LAPSED)
    await db.execute(_POINTLESS, {"seconds": patience})
    await db.execute(_FORGOTTEN)
