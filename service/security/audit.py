"""The audit log: who read, changed, exported or deleted what, and when.

A change is noted in the transaction that makes it. A reading is noted before the answer is sent; if
it cannot be noted, nothing is shown.
"""

import os
import pwd
from datetime import datetime
from typing import Literal
from uuid import UUID

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..storage.database import DATABASE
from ..storage.tables import AuditEntry
from .access import WHO

Action = Literal[
    "list interviews",
    "list live sessions",
    "read interview",
    "read transcript",
    "read live transcript",
    "read report",
    "read audit log",
    "list recordings",
    "play recording",
    "export JSON",
    "export CSV",
    "make interview",
    "delete interview",
    "override score",
    "assess again",
    "retention",
]
ENTRIES = 1000
"""The most entries of an interview's log that are shown, the newest ones."""


# docs/decisions/010-audit-before-answer.md: no answer without its audit row
async def read(
    request: web.Request, action: Action, interview_id: UUID | None = None, detail: str = ""
) -> None:
    """Note that data is read. Raises `DatabaseUnavailable`; then nothing may be shown."""

    async def note_it(db: AsyncSession) -> None:
        note(db, request, action, interview_id, detail)

    await request.app[DATABASE].together(note_it)


def note(
    db: AsyncSession,
    request: web.Request,
    action: Action,
    interview_id: UUID | None = None,
    detail: str = "",
) -> None:
    """Note a change, in the transaction that makes it. `detail` never holds what was said."""
    note_by(db, request[WHO], action, interview_id, detail)


def note_by(
    db: AsyncSession, who: str, action: Action, interview_id: UUID | None, detail: str
) -> None:
    """Note a change that no request asked for."""
    db.add(AuditEntry(who=who, action=action, interview_id=interview_id, detail=detail))


def this_user() -> str:
    """Return under what name the log knows the operating system's user, who has run a command."""
    number = os.getuid()
    try:
        return f"os:{pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"os:{number}"


async def is_noted(
    db: AsyncSession, who: str, action: Action, interview_id: UUID, detail: str, since: datetime
) -> bool:
    """Return whether this very reading was noted, by whichever process, at or after `since`."""
    query = select(AuditEntry.id).where(
        AuditEntry.interview_id == interview_id,
        AuditEntry.at >= since,
        AuditEntry.who == who,
        AuditEntry.action == action,
        AuditEntry.detail == detail,
    )
    return await db.scalar(query.limit(1)) is not None


async def is_noted_of(db: AsyncSession, action: Action, interview_id: UUID) -> bool:
    """Return whether such an action is in the interview's log."""
    query = select(AuditEntry.id).where(
        AuditEntry.interview_id == interview_id, AuditEntry.action == action
    )
    return await db.scalar(query.limit(1)) is not None


async def entries(db: AsyncSession, interview_id: UUID) -> list[AuditEntry]:
    """Return the interview's entries, the newest first, even if it was deleted."""
    query = select(AuditEntry).where(AuditEntry.interview_id == interview_id)
    return list(await db.scalars(query.order_by(AuditEntry.id.desc()).limit(ENTRIES)))
