"""Queries for interviews and their journals. Each takes the session it works in; the caller owns
the transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import exists, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.journal import AnyEntry, Entry, InterviewEnded

from ..errors import InterviewNotMade, InterviewOver, InterviewUnknown
from ..times import utc_now
from .tables import AskedQuestion, Base, ClientLog, Interview, TurnEvent

logger = logging.getLogger(__name__)
_entry: msgspec.json.Decoder[AnyEntry] = msgspec.json.Decoder(AnyEntry)
_to_json = msgspec.json.Encoder().encode

EVENTS = Base.metadata.tables[TurnEvent.__tablename__]
STARTABLE = ("scheduled", "in_progress")
"""Statuses of an interview that can be held."""


async def interview(
    db: AsyncSession, interview_id: UUID, *, lock: bool = False
) -> Interview | None:
    """Return the interview, if it exists. With `lock`, other transactions that lock it wait for the
    end of this one."""
    # The kept plan's row is not locked: Postgres refuses that for an outer join.
    return await db.get(Interview, interview_id, with_for_update=lock and {"of": Interview})


def existing(interview: Interview | None) -> Interview:
    if interview is None:
        raise InterviewUnknown("This interview was not found; please check the link.")
    return interview


def over(interview: Interview) -> InterviewOver:
    return InterviewOver(f"This interview is already {interview.status}.")


async def interviews(db: AsyncSession, ids: Sequence[UUID]) -> list[Interview]:
    return list(await db.scalars(select(Interview).where(Interview.id.in_(ids))))


def usual(interview_id: UUID) -> Interview:
    """Return the default interview, made where somebody comes for one that does not exist."""
    return Interview(
        id=interview_id,
        status=STARTABLE[0],
        interview_type="role_assessment",
        scheduled_at=utc_now(),
    )


async def make(db: AsyncSession, interview: Interview) -> None:
    """Insert an interview. Raises `InterviewNotMade`; the transaction is over then."""
    db.add(interview)
    try:
        await db.flush()
    except (IntegrityError, ProgrammingError) as exc:
        raise InterviewNotMade(
            "Interviews cannot be created in this database; create them in the product whose"
            " database it is."
        ) from exc


async def mark_started(db: AsyncSession, interview_id: UUID) -> Interview | None:
    """Mark a scheduled interview as in progress and return it, locked; return None when the
    interview is over.

    `started_at` is never before `scheduled_at`, as the table demands, so an interview held ahead of
    its time counts from the time it was scheduled for."""
    row = await interview(db, interview_id, lock=True)
    if row is None or row.status not in STARTABLE:
        return None
    row.status = "in_progress"
    if row.started_at is None:
        row.started_at = max(utc_now(), row.scheduled_at or utc_now())
    return row


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An interview in progress."""

    id: UUID
    last_entry: datetime
    ended: bool
    """True if the interviewer has ended it."""


async def unfinished_interviews(db: AsyncSession) -> list[Unfinished]:
    """Return the interviews in progress that have a journal."""
    newest = (
        select(TurnEvent.created_at)
        .where(TurnEvent.session_id == Interview.id)
        .order_by(TurnEvent.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    ended = exists().where(
        TurnEvent.session_id == Interview.id, TurnEvent.kind == tag(InterviewEnded)
    )
    query = select(Interview.id, newest, ended).where(Interview.status == "in_progress")
    return [Unfinished(*row) for row in await db.execute(query) if row[1] is not None]


async def completed_without(db: AsyncSession, score: str) -> list[UUID]:
    """Return the interviews that were held here and completed, and whose analysis has this text as
    its score."""
    query = select(Interview.id).where(
        Interview.status == "completed",
        Interview.overall_score.is_(None),
        Interview.ai_analysis["score"].as_string() == score,
        exists().where(TurnEvent.session_id == Interview.id),
    )
    return list(await db.scalars(query))


async def events(db: AsyncSession, session_id: UUID, after: int = 0) -> list[TurnEvent]:
    """Return a session's journal in order, from the entry that follows number `after`."""
    query = select(TurnEvent).where(TurnEvent.session_id == session_id, TurnEvent.seq > after)
    return list(await db.scalars(query.order_by(TurnEvent.seq)))


async def entries(db: AsyncSession, session_id: UUID) -> list[tuple[datetime, AnyEntry]]:
    """Return the journal as typed entries, each with the time at which it was written. For reading
    only: entries of an unknown version are left out."""
    found = []
    for row in await events(db, session_id):
        try:
            found.append((row.created_at, decode(row)))
        except msgspec.MsgspecError:
            logger.warning("entry %d of a record cannot be read; of another version?", row.seq)
    return found


def tag(kind: type[Entry]) -> str:
    """Return the name of this kind of entry in the table."""
    return str(kind.__struct_config__.tag)


def decode(event: TurnEvent) -> AnyEntry:
    return _entry.decode(event.payload)


def encode(entry: Entry) -> str:
    return _to_json(entry).decode()


async def append(db: AsyncSession, session_id: UUID, after: int, new: Sequence[AnyEntry]) -> None:
    """Append entries after number `after`. Fails with `IntegrityError` if somebody else has added
    some. A turn waits for this, so it bypasses the ORM: that halves its cost to the event loop."""
    rows = [_row(session_id, seq, entry) for seq, entry in enumerate(new, after + 1)]
    if rows:
        await db.execute(insert(EVENTS), rows)


async def append_if_next(db: AsyncSession, session_id: UUID, after: int, entry: AnyEntry) -> bool:
    """Append an entry after number `after`, on Postgres; return False if somebody else has added
    one there. The transaction goes on in both cases."""
    written = postgresql.insert(EVENTS).values(_row(session_id, after + 1, entry))
    unless_taken = written.on_conflict_do_nothing().returning(EVENTS.c.seq)
    return await db.scalar(unless_taken) is not None


def _row(session_id: UUID, seq: int, entry: AnyEntry) -> dict[str, object]:
    return {
        "session_id": session_id,
        "seq": seq,
        "kind": tag(type(entry)),
        "payload": encode(entry),
        "created_at": utc_now(),
    }


async def keep_log(db: AsyncSession, log: ClientLog) -> None:
    """Store the log that the client posted. A client posts more than once, sometimes less than
    before: the longest log stays."""
    kept = await db.get(ClientLog, log.session_id)
    if kept is None or len(kept.entries) <= len(log.entries):
        await db.merge(log)


# docs/decisions/028-product-questions.md: written again, nothing changes
async def keep_questions(db: AsyncSession, questions: Sequence[AskedQuestion]) -> None:
    """Store the questions of an interview that ends, replacing those of an earlier try. Rows that
    others have put there stay."""
    for question in questions:
        await db.merge(question)


async def questions(db: AsyncSession, interview_id: UUID) -> list[AskedQuestion]:
    query = select(AskedQuestion).where(AskedQuestion.interview_session_id == interview_id)
    return list(await db.scalars(query.order_by(AskedQuestion.asked_at)))
