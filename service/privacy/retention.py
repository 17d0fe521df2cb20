"""Retention: how many days each class of data is kept, and how it is deleted.

Days are counted from the end of an interview; where it was never completed, from its last sign of
life. Its row with the plan stays until the interview is erased, and so does its consent.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, Delete, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..storage import store
from ..storage.tables import (
    AskedQuestion,
    AuditEntry,
    AuditRetention,
    ClientConnection,
    ClientLog,
    Interview,
    RetentionDeletion,
    ScoreOverride,
    TurnEvent,
)
from ..times import iso

DataClass = Literal["audio", "transcript", "assessment"]
NAMES: dict[DataClass, str] = {
    "audio": "The recording",
    "transcript": "The transcript",
    "assessment": "The assessment",
}
WORDS = ("answer", "evidence", "steering")
"""Fields of an assessment, also of its criteria, that hold the candidate's own words; they are
deleted with the transcript."""
WHO = "retention"
"""Name under which deletions that nobody asked for appear in the audit log."""
BATCH = 100
"""Interviews that one query of a sweep returns."""
AUDIT_BATCH = 1000
"""Entries of the audit log that one transaction deletes; on SQLite other writers wait for it."""

Counts = dict[str, int]
"""Numbers of rows that were deleted or emptied, by table; never their content."""


@dataclass(frozen=True, slots=True)
class Deletions:
    """The data of an interview that retention has deleted, and when."""

    at: Mapping[DataClass, datetime]

    def sentence(self, data_class: DataClass) -> str:
        """Return one sentence for a person; empty where nothing was deleted."""
        at = self.at.get(data_class)
        if at is None:
            return ""
        return f"{NAMES[data_class]} was deleted on {at.day} {at:%B %Y} by retention."

    def fields(self) -> dict[str, Any]:
        """Return a field `deleted` for answers and exports, if anything was deleted."""
        return {"deleted": {name: iso(at) for name, at in self.at.items()}} if self.at else {}


async def deletions(db: AsyncSession, interview_id: UUID) -> Deletions:
    query = select(RetentionDeletion).where(RetentionDeletion.interview_session_id == interview_id)
    rows = list(await db.scalars(query))
    return Deletions({cast(DataClass, row.data_class): row.deleted_at for row in rows})


def last_activity() -> ColumnElement[datetime]:
    """Return the SQL expression for an interview's end, or for its last known activity."""
    last_entry = (
        select(func.max(TurnEvent.created_at))
        .where(TurnEvent.session_id == Interview.id)
        .scalar_subquery()
    )
    return func.coalesce(Interview.completed_at, last_entry, Interview.updated_at)


async def due(
    db: AsyncSession, data_class: DataClass, before: datetime, after: UUID | None, most: int
) -> list[UUID]:
    """Return interviews, `most` of them at once, that were held here and whose transcript or
    assessment is too old, in the order of their ids, from the one that follows `after`."""
    query = select(Interview.id).where(
        last_activity() < before, _THERE[data_class](), _has_traces(), ~_is_deleted(data_class)
    )
    if after is not None:
        query = query.where(Interview.id > after)
    return list(await db.scalars(query.order_by(Interview.id).limit(most)))


async def forget(db: AsyncSession, interview_id: UUID, data_class: DataClass) -> Counts | None:
    """Delete a class of an interview's data and note when, for whoever reads it later. Return None
    where that was done before, and where there is no such interview."""
    interview = await store.interview(db, interview_id, lock=True)
    before = await db.get(RetentionDeletion, (interview_id, data_class))
    if interview is None or before is not None:
        return None
    counts = await _FORGET[data_class](db, interview)
    db.add(RetentionDeletion(interview_session_id=interview_id, data_class=data_class))
    return counts


async def forget_audit_entries(db: AsyncSession, before: datetime, most: int) -> int:
    """Delete the audit log's entries that are older, `most` of them at once, in a transaction of
    its own; return how many."""
    permit = AuditRetention(until=before)
    db.add(permit)
    await db.flush()
    old = select(AuditEntry.id).where(AuditEntry.at < before).order_by(AuditEntry.id)
    count = await _deleted_rows(db, delete(AuditEntry).where(AuditEntry.id.in_(old.limit(most))))
    await db.delete(permit)
    await db.flush()
    return count


async def _forget_audio(db: AsyncSession, interview: Interview) -> Counts:
    return {}  # audio is in files only


async def _forget_transcript(db: AsyncSession, interview: Interview) -> Counts:
    counts = {
        "turn_events": await _deleted_rows(
            db, delete(TurnEvent).where(TurnEvent.session_id == interview.id)
        ),
        "client_logs": await _deleted_rows(
            db, delete(ClientLog).where(ClientLog.session_id == interview.id)
        ),
        "connections": await _deleted_rows(
            db,
            delete(ClientConnection).where(ClientConnection.interview_session_id == interview.id),
        ),
        "interview_questions": 0,
    }
    for question in await store.questions(db, interview.id):
        question.ai_response = question.employee_response = None
        if question.response_analysis:
            question.response_analysis = _wordless(question.response_analysis)
        counts["interview_questions"] += 1
    interview.transcript = None
    if interview.ai_analysis:
        interview.ai_analysis = without_words(interview.ai_analysis)
    return counts


async def _forget_assessment(db: AsyncSession, interview: Interview) -> Counts:
    counts = {
        "score_overrides": await _deleted_rows(
            db, delete(ScoreOverride).where(ScoreOverride.interview_session_id == interview.id)
        ),
        "interview_questions": 0,
    }
    for question in await store.questions(db, interview.id):
        question.response_score = question.response_analysis = None
        counts["interview_questions"] += 1
    interview.ai_analysis = interview.overall_score = interview.skill_scores = None
    interview.recommendations = interview.strengths = interview.areas_for_improvement = None
    return counts


def without_words(analysis: dict[str, Any]) -> dict[str, Any]:
    """Return the analysis without the candidate's words: scores, remarks and measures stay."""
    answers = analysis.get("answers") if isinstance(analysis, dict) else None
    if not isinstance(answers, list):
        return analysis
    return {**analysis, "answers": _wordless(answers)}


def _wordless(judged: Any) -> Any:
    if isinstance(judged, list):
        return [_wordless(each) for each in judged]
    if not isinstance(judged, dict):
        return judged
    return {
        name: type(value)() if name in WORDS and isinstance(value, str | list) else _wordless(value)
        for name, value in judged.items()
    }


async def _deleted_rows(db: AsyncSession, statement: Delete) -> int:
    result = await db.execute(statement.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount


def _is_deleted(data_class: DataClass) -> ColumnElement[bool]:
    return (
        select(RetentionDeletion.data_class)
        .where(
            RetentionDeletion.interview_session_id == Interview.id,
            RetentionDeletion.data_class == data_class,
        )
        .exists()
    )


async def is_held(db: AsyncSession, interview_id: UUID) -> bool:
    """Return whether this program stored anything of this interview, so that its retention
    applies."""
    query = select(Interview.id).where(Interview.id == interview_id, _has_traces())
    return await db.scalar(query) is not None


def _has_traces() -> ColumnElement[bool]:
    """Return the SQL condition for any trace of an interview in our own tables. A product's tables
    may have interviews that another program held, and their retention is not ours to decide."""
    return or_(
        *(
            select(column).where(column == Interview.id).exists()
            for column in (
                TurnEvent.session_id,
                ClientLog.session_id,
                ClientConnection.interview_session_id,
                RetentionDeletion.interview_session_id,
            )
        )
    )


def _has_transcript() -> ColumnElement[bool]:
    of_interview = AskedQuestion.interview_session_id == Interview.id
    return or_(
        Interview.transcript.is_not(None),
        select(TurnEvent.seq).where(TurnEvent.session_id == Interview.id).exists(),
        select(ClientLog.session_id).where(ClientLog.session_id == Interview.id).exists(),
        select(AskedQuestion.id)
        .where(of_interview, AskedQuestion.employee_response.is_not(None))
        .exists(),
    )


def _has_assessment() -> ColumnElement[bool]:
    of_interview = ScoreOverride.interview_session_id == Interview.id
    return or_(
        Interview.ai_analysis.is_not(None),
        Interview.overall_score.is_not(None),
        select(ScoreOverride.id).where(of_interview).exists(),
    )


_THERE: dict[DataClass, Callable[[], ColumnElement[bool]]] = {
    "transcript": _has_transcript,
    "assessment": _has_assessment,
}
_FORGET: dict[DataClass, Callable[[AsyncSession, Interview], Awaitable[Counts]]] = {
    "audio": _forget_audio,
    "transcript": _forget_transcript,
    "assessment": _forget_assessment,
}
