"""The log of each interview's sockets, in the table `connections`. A socket's row is written when
it opens, in the transaction in which the conversation is resumed, and again when it has ended."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import DatabaseUnavailable
from ..times import utc_now
from .database import Database
from .tables import ClientConnection

logger = logging.getLogger(__name__)

LOST = "lost"
"""The reason of a socket that was open when the service was killed, or that ended while the
database was away."""
USER_AGENT_CHARACTERS = 300
"""Characters of a User-Agent that are stored; the client decides how long it is."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a connection: its close code and reason."""

    code: int | None
    """Code of the close frame; 1006 where the client sent none, None where the socket was cut
    off."""
    why: str


async def begin(
    db: AsyncSession, interview_id: UUID, user_agent: str, replica: UUID | None = None
) -> UUID:
    """Add the row of a new socket and return its id. Mark the interview's open rows as lost: those
    sockets are closed, or are about to report their end."""
    await _lose(db, ClientConnection.interview_session_id == interview_id)
    row = ClientConnection(
        interview_session_id=interview_id,
        user_agent=user_agent[:USER_AGENT_CHARACTERS] or None,
        replica=replica,
    )
    db.add(row)
    await db.flush()
    return row.id


async def finish(database: Database, connection_id: UUID, end: End) -> None:
    """Write down the end of a socket. Where the database is away, the row stays open and is marked
    as lost when the next socket opens."""

    async def note_it(db: AsyncSession) -> None:
        values = {"disconnected_at": utc_now(), "close_code": end.code, "ended": end.why}
        row = ClientConnection.id == connection_id
        await db.execute(update(ClientConnection).where(row).values(values))

    try:
        await database.together(note_it)
    except DatabaseUnavailable:
        logger.warning("the end of a connection could not be noted")


async def mark_lost(database: Database, before: datetime) -> None:
    """Mark the sockets that were open when the service was killed as lost; called at the start.
    Raises `DatabaseUnavailable`."""
    async with database.write() as db:
        await _lose(db, ClientConnection.connected_at < before)


async def mark_lost_of(database: Database, replicas: Collection[UUID]) -> None:
    """Mark the sockets that dead replicas had as lost, and those from before there were replicas.
    Raises `DatabaseUnavailable`."""
    async with database.write() as db:
        had = ClientConnection.replica
        await _lose(db, or_(had.is_(None), had.in_(replicas)))


async def connections(db: AsyncSession, interview_id: UUID) -> list[ClientConnection]:
    """Return the interview's sockets, the oldest first."""
    query = select(ClientConnection).where(ClientConnection.interview_session_id == interview_id)
    return list(await db.scalars(query.order_by(ClientConnection.connected_at)))


async def _lose(db: AsyncSession, which: ColumnElement[bool]) -> None:
    still_open = ClientConnection.ended.is_(None)
    await db.execute(update(ClientConnection).where(which, still_open).values(ended=LOST))
