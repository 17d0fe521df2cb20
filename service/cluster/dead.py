"""Find what dead replicas have left behind."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from .replica import ALIVE

_DEAD = text(f"SELECT id FROM replicas WHERE NOT ({ALIVE})")
_LEFT = text(
    "SELECT session_id, state FROM session_holds WHERE until IS NULL AND NOT EXISTS"
    f" (SELECT FROM replicas WHERE replicas.id = session_holds.replica AND {ALIVE})"
)


async def dead(db: AsyncSession) -> set[UUID]:
    """Return the replicas that are dead and not yet forgotten."""
    return set(await db.scalars(_DEAD))


async def left(db: AsyncSession) -> dict[UUID, str]:
    """Return the sessions that dead replicas had when they died, each with the state of its
    hold."""
    return {row.session_id: row.state for row in await db.execute(_LEFT)}
