"""The sockets of each interview, in the table `connections`. A socket's row is written when it
opens, in the transaction in which the conversation is taken up, and again when it has ended."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import DatabaseUnavailable
from ..times import utc_now
from .database import Database
from .tables import ClientConnection

logger = logging.getLogger(__name__)

LOST = "lost"
"""The service was killed, or the database was away, while it was open or ended."""
USER_AGENT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class End:
    """How a connection has ended."""

    code: int | None
    """Of the close frame; 1006 where the client sent none, None where the socket was cut off."""
    why: str


async def begin(db: AsyncSession, interview_id: UUID, user_agent: str) -> UUID:
    """The row of a new socket; whatever was open before is not any more, or is about to say so."""
    await _lose(db, ClientConnection.interview_session_id == interview_id)
    row = ClientConnection(
        interview_session_id=interview_id, user_agent=user_agent[:USER_AGENT_CHARACTERS] or None
    )
    db.add(row)
    await db.flush()
    return row.id


async def finish(database: Database, connection_id: UUID, end: End) -> None:
    """Where the database is away, the row stays open and is lost when the next one opens."""

    async def note_it(db: AsyncSession) -> None:
        values = {"disconnected_at": utc_now(), "close_code": end.code, "ended": end.why}
        row = ClientConnection.id == connection_id
        await db.execute(update(ClientConnection).where(row).values(values))

    try:
        await database.together(note_it)
    except DatabaseUnavailable:
        logger.warning("the end of a connection could not be noted")


async def mark_lost(database: Database, before: datetime) -> None:
    """For the start: what was open when the service was killed. Raises `DatabaseUnavailable`."""
    async with database.write() as db:
        await _lose(db, ClientConnection.connected_at < before)


async def connections(db: AsyncSession, interview_id: UUID) -> list[ClientConnection]:
    """The oldest first."""
    query = select(ClientConnection).where(ClientConnection.interview_session_id == interview_id)
    return list(await db.scalars(query.order_by(ClientConnection.connected_at)))


async def _lose(db: AsyncSession, which: ColumnElement[bool]) -> None:
    still_open = ClientConnection.ended.is_(None)
    await db.execute(update(ClientConnection).where(which, still_open).values(ended=LOST))
