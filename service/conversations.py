"""From a session id to everything that its conversation needs.

One interview has one session, and the session's id is the interview's: starting twice, from two
tabs or after a crash, leads to the same conversation. Whoever knows the id may hold the interview;
it is the 128-bit secret that the invitation carries.
"""

from dataclasses import dataclass
from uuid import UUID

from pipeline import interviewer
from pipeline.interviewer import Standing
from pipeline.plan import Plan

from . import store
from .agenda import plan_of
from .database import Database
from .errors import InterviewOver, InterviewUnknown
from .record import StoredRecord
from .tables import Interview


@dataclass(frozen=True, slots=True)
class Conversation:
    """An interview that can be held now."""

    plan: Plan
    record: StoredRecord
    standing: Standing
    """Where it stands, by what the database knows."""


async def open_conversation(database: Database, session_id: UUID) -> Conversation:
    """Take the interview up where its record ends; it is in progress from now on. Call it with
    the session's seat held, so that nobody else writes to the record.

    Raises `InterviewUnknown`, `InterviewOver` or `DatabaseUnavailable`."""
    async with database.write() as db:
        interview = existing(await store.interview(db, session_id))
        if not await store.mark_started(db, session_id):
            raise over(interview)
        plan = plan_of(interview)
        events = await store.events(db, session_id)
    standing = interviewer.resume(plan, [store.decoded(event) for event in events])
    last = events[-1].seq if events else 0
    return Conversation(plan, StoredRecord(database, session_id, last), standing)


def existing(interview: Interview | None) -> Interview:
    if interview is None:
        raise InterviewUnknown("This interview was not found; please check the link.")
    return interview


def over(interview: Interview) -> InterviewOver:
    return InterviewOver(f"This interview is already {interview.status}.")
