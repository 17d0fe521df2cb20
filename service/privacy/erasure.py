"""Erase an interview: every row, every recording, and what is left of them in the database's file.
The receipt lists what was deleted, and what only the operator can reach."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    CursorResult,
    Delete,
    Table,
    Update,
    delete,
    func,
    null,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import DatabaseUnavailable, InterviewErased, InterviewInProgress, ServiceError
from ..recording import recordings
from ..security import audit
from ..storage import store
from ..storage.database import Database
from ..storage.product_tables import INTERVIEWS
from ..storage.store import existing
from ..storage.tables import Base, TurnEvent
from ..times import iso, utc_now

NOTED: audit.Action = "delete interview"
COPIES = (
    "backups and snapshots of the database and of the recordings",
    "reports and exports that somebody has taken",
    "blocks of the disk that the files have given back and nothing has taken since",
    "the service's log and the audit log, which have the interview's id but no name and no words",
)
OF_POSTGRES = (
    "Postgres' write-ahead log, its archive and its replicas",
    "deleted rows in Postgres' files, until other rows take their place or VACUUM FULL is run",
)
FILE = (
    "traces in SQLite's file: what was deleted is overwritten, but the file could not be written"
    " anew (run VACUUM on it)"
)
KEPT = "rows of {}, which the database refused to delete: what this service wrote there was emptied"
"""A line of the receipt for tables of the product's own: it may not let us delete, or may hold on
to a row itself."""
WRITTEN: Mapping[str, Sequence[str]] = {
    "interview_sessions": (
        "transcript", "ai_analysis", "overall_score", "skill_scores", "recommendations",
        "strengths", "areas_for_improvement",
    ),
    "interview_questions": (
        "ai_response", "employee_response", "response_score", "response_analysis",
    ),
}  # fmt: skip
"""The columns into which the service writes a candidate's data, by table of the product's."""


class File(msgspec.Struct, frozen=True):
    name: str
    """Path below the folder of the recordings."""
    size_bytes: int


class Erased(msgspec.Struct, frozen=True):
    """The data that one interview had."""

    interview_id: UUID
    rows: dict[str, int]
    """Number of rows, by table."""
    files: list[File]
    not_reached: list[str]


class Receipt(msgspec.Struct, frozen=True):
    """Proof of an erasure, without personal data of who was interviewed."""

    receipt_id: UUID
    erased_at: str
    """Time of the erasure, ISO 8601, UTC."""
    by: str
    interviews: list[Erased]
    not_reached: list[str]
    """Places that may still have the data, and that this program cannot clear."""
    sha256: str = ""
    """SHA-256 of the receipt as JSON with sorted names, without spaces and without this field."""


async def preview(database: Database, folder: Path, interview_id: UUID) -> Erased:
    """Return the data that an erasure would delete. Raises `InterviewUnknown`,
    `DatabaseUnavailable`, `RecordingsUnavailable`."""
    async with database.read() as db:
        existing(await store.interview(db, interview_id))
        rows = {}
        for table, column in _tables():
            count = select(func.count()).select_from(table).where(column == interview_id)
            rows[table.name] = await db.scalar(count) or 0
    return Erased(interview_id, rows, await _files(folder, interview_id), [])


async def require_unerased(db: AsyncSession, interview_id: UUID) -> None:
    """Raise `InterviewErased` for an interview that is gone because it was erased, as long as the
    audit log, where that is all that is kept of it, still says so."""
    if await audit.is_noted_of(db, NOTED, interview_id):
        raise InterviewErased("This interview was erased; please ask whoever invited you.")


async def erase(
    database: Database,
    folder: Path,
    interview_ids: Sequence[UUID],
    by: str,
    *,
    quiet: timedelta = timedelta(0),
) -> Receipt:
    """Erase the interviews for ever. Their sessions must have ended; where another process may hold
    one, its last entry must be older than `quiet`. Files go first: what fails half-way is still
    there to be erased again. Once one interview is gone there is a receipt, whatever becomes of the
    others.

    Raises `InterviewUnknown`, `InterviewInProgress`, `DatabaseUnavailable`,
    `RecordingsUnavailable`."""
    receipt_id = uuid4()
    for interview_id in interview_ids:
        async with database.read() as db:
            await _check_quiet(db, interview_id, quiet)
    erased: list[Erased] = []
    not_reached = [*COPIES, *(() if database.is_file else OF_POSTGRES)]
    for interview_id in interview_ids:
        try:
            erased.append(await _erase_one(database, folder, interview_id, quiet, by, receipt_id))
        except ServiceError as exc:
            if not erased:
                raise
            not_reached.append(f"interview {interview_id}: {exc}")
    try:
        await database.rewrite()
    except DatabaseUnavailable:
        not_reached.append(FILE)
    return sign(Receipt(receipt_id, iso(utc_now()), by, erased, not_reached))


def sign(receipt: Receipt) -> Receipt:
    """Return the receipt with the hash of its content."""
    content = msgspec.to_builtins(receipt)
    del content["sha256"]
    digest = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return msgspec.structs.replace(receipt, sha256=digest)


async def _erase_one(
    database: Database,
    folder: Path,
    interview_id: UUID,
    quiet: timedelta,
    by: str,
    receipt_id: UUID,
) -> Erased:
    files = await _files(folder, interview_id)
    await recordings.erase(folder, interview_id)
    async with database.write() as db:
        await _check_quiet(db, interview_id, quiet)
        rows, not_reached = await _delete(db, interview_id)
        audit.note_by(db, by, NOTED, interview_id, f"receipt {receipt_id}")
    return Erased(interview_id, rows, files, not_reached)


async def _check_quiet(db: AsyncSession, interview_id: UUID, quiet: timedelta) -> None:
    interview = existing(await store.interview(db, interview_id, lock=True))
    newest = select(func.max(TurnEvent.created_at)).where(TurnEvent.session_id == interview_id)
    last_entry = await db.scalar(newest)
    if interview.status == "in_progress" and last_entry and utc_now() - last_entry < quiet:
        raise InterviewInProgress(
            f"Interview {interview_id} is in progress; end it, or wait until"
            f" {iso(last_entry + quiet)}."
        )


async def _files(folder: Path, interview_id: UUID) -> list[File]:
    return [
        File(str(each.path.relative_to(folder)), each.size_bytes)
        for each in await recordings.list_recordings(folder, interview_id)
    ]


async def _delete(db: AsyncSession, interview_id: UUID) -> tuple[dict[str, int], list[str]]:
    """Delete an interview's rows; return their number by table, and what was not reached."""
    interview = existing(await store.interview(db, interview_id, lock=True))
    made_here = isinstance(interview.agenda, dict) and "candidate" in interview.agenda
    rows, kept = {}, []
    for table, column in _tables():
        rows[table.name] = await _delete_rows(db, table, column == interview_id)
        if rows[table.name] or table.name not in WRITTEN:
            continue
        names = [*WRITTEN[table.name], *(["agenda"] if table is INTERVIEWS and made_here else [])]
        emptied = update(table).where(column == interview_id).values(dict.fromkeys(names, null()))
        if await _count(db, emptied):
            kept.append(KEPT.format(table.name))
    return rows, kept


async def _delete_rows(db: AsyncSession, table: Table, where: ColumnElement[bool]) -> int:
    """Delete rows and return how many; 0 where the database does not allow it."""
    try:
        async with db.begin_nested():
            return await _count(db, delete(table).where(where))
    except (IntegrityError, ProgrammingError):
        if table.name not in WRITTEN:
            raise
        return 0


async def _count(db: AsyncSession, statement: Delete | Update) -> int:
    return cast(CursorResult[Any], await db.execute(statement)).rowcount


def _tables() -> list[tuple[Table, Column[Any]]]:
    """Return each table that has data of an interview, with the column of its id; the interviews'
    own is the last."""
    of_interviews = [
        (table, key.parent)
        for table in reversed(Base.metadata.sorted_tables)
        for key in table.foreign_keys
        if key.column.table is INTERVIEWS
    ]
    return [*of_interviews, (INTERVIEWS, INTERVIEWS.c.id)]
