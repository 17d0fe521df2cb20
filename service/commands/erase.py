"""`vivavoce erase`: delete interviews for ever, with a receipt."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from ..cluster.neighbours import require_unheld
from ..errors import ServiceError, StartError
from ..finalization.abandoned import LONGEST_TURN
from ..privacy import erasure
from ..privacy.erasure import Erased, Receipt
from ..recording.shared_folder import require_shared
from ..security import audit
from ..settings import Settings
from ..storage import candidate_query, store
from ..storage.agenda import display_names, plan_of
from ..storage.candidate_query import CandidateQuery
from ..storage.candidates import interviews_of
from ..storage.database import Database, open_database
from ..storage.store import existing
from ..storage.tables import Interview


class ReceiptUnwritable(StartError):
    """The receipt cannot be written where it is wanted."""


async def run(
    settings: Settings,
    *,
    interview: UUID | None,
    candidate: str | None,
    receipt: Path | None,
    yes: bool,
    dry_run: bool,
) -> int:
    """Erase the interviews. Exit status 1: not all that was asked for was erased. Raises
    `StartError`."""
    async with open_database(settings.database_url, upgrade=False) as database:
        try:
            query = candidate_query.load_query(settings)
            await query.check(database)
            if settings.cluster:
                await require_shared(database, settings)
            rows = await _find(database, query, interview, candidate)
            if not rows:
                print("There is no interview of this candidate.")
                return 1
            folder = settings.recordings_dir
            there = [await erasure.preview(database, folder, row.id) for row in rows]
            _show(rows, there)
            if dry_run or not (yes or await _confirm(len(rows))):
                print("Nothing was erased.")
                return 0 if dry_run else 1
            quiet = timedelta(seconds=settings.grace_seconds) + LONGEST_TURN
            path = _reserve(receipt or Path(f"erasure-{rows[0].id}.json"))
            try:
                ids = [row.id for row in rows]
                await require_unheld(database, ids)
                made = await erasure.erase(database, folder, ids, audit.this_user(), quiet=quiet)
            except BaseException:
                path.unlink()
                raise
            _write(path, made)
        except ServiceError as exc:
            print(f"vivavoce: {exc}", file=sys.stderr)
            return 1
    print(f"Erased: {len(made.interviews)} of {len(rows)}. The receipt, with what is left: {path}")
    return 0 if len(made.interviews) == len(rows) else 1


async def _find(
    database: Database, query: CandidateQuery, interview_id: UUID | None, candidate: str | None
) -> list[Interview]:
    """Return the interview of this id, or the candidate's interviews. Raises `InterviewUnknown`."""
    if interview_id is None:
        return await interviews_of(database, query, candidate or "")
    async with database.read() as db:
        return [existing(await store.interview(db, interview_id))]


def _show(rows: Sequence[Interview], there: Sequence[Erased]) -> None:
    for row, found in zip(rows, there, strict=True):
        name, job = display_names(plan_of(row))
        day = f"{row.created_at:%Y-%m-%d}"
        print(f"Interview {row.id}: {name}, {job}, {row.status}, made {day}")
        counts = [f"{table} {count}" for table, count in found.rows.items() if count]
        print("  rows: " + ", ".join(counts))
        for file in found.files:
            print(f"  file: {file.name}, {file.size_bytes} bytes")


async def _confirm(count: int) -> bool:
    """Return whether a person confirms; without anybody to ask that is no."""
    if not sys.stdin.isatty():
        print("There is nobody to ask; give --yes to erase without a question.")
        return False
    what = "this interview" if count == 1 else f"these {count} interviews"
    try:
        said = await asyncio.to_thread(input, f"Erase {what} for ever? Type yes: ")
    except EOFError:
        return False
    return said.strip().lower() == "yes"


def _reserve(path: Path) -> Path:
    """Create an empty file at the path, for the owner only, so that a path that cannot be written
    is known before anything is gone. Raises `ReceiptUnwritable`."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as exc:
        raise ReceiptUnwritable(
            f"The receipt {path} cannot be written ({exc.strerror}); give another --receipt."
        ) from exc
    return path


def _write(path: Path, receipt: Receipt) -> None:
    """Write the receipt; it is on the disk on return."""
    with path.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(receipt)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
