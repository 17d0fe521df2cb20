"""Queries for scores that persons gave; the caller owns the transaction."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..storage.tables import ScoreOverride
from .review import Override


async def history(db: AsyncSession, interview_id: UUID) -> list[Override]:
    """Return all scores that persons gave in this interview, the oldest first."""
    query = select(ScoreOverride).where(ScoreOverride.interview_session_id == interview_id)
    return [
        Override(row.question, row.score, row.reason, row.by, row.who, row.created_at)
        for row in await db.scalars(query.order_by(ScoreOverride.id))
    ]
