"""Load everything that a conversation needs, by its session id.

One interview has one session, and the session's id is the interview's: starting twice, from two
tabs or after a crash, leads to the same conversation. Whoever knows the id may hold the interview;
it is the 128-bit secret that the invitation carries.
"""

import logging
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from pipeline.conversation.turn_steps import Tuning
from pipeline.interview import interviewer
from pipeline.interview.interviewer import InterviewState
from pipeline.interview.plan import Plan

from ..storage import connection_log, store
from ..storage.agenda import UNKNOWN, agenda_problem, plan_of, to_agenda
from ..storage.candidate_query import CandidateQuery
from ..storage.database import Database
from ..storage.record import StoredRecord
from ..storage.tables import Interview, KeptPlan

logger = logging.getLogger(__name__)


TUNING = web.AppKey("TUNING", Tuning)


@dataclass(frozen=True, slots=True)
class Conversation:
    """An interview that can be held now."""

    plan: Plan
    record: StoredRecord
    state: InterviewState
    """State of the interview, replayed from its journal."""
    connection_id: UUID
    """Id of its row in the log of connections."""


async def open_conversation(
    database: Database, candidates: CandidateQuery, session_id: UUID, user_agent: str = ""
) -> Conversation:
    """Resume the interview where its journal ends; mark it as in progress and keep its plan. Call
    it with the session's seat held, so that nobody else writes to the journal.

    Raises `InterviewUnknown`, `InterviewOver` or `DatabaseUnavailable`."""
    async with database.read() as db:
        interview = store.existing(await store.interview(db, session_id))
    plan = await load_plan(database, candidates, interview)
    async with database.write() as db:
        if not await store.mark_started(db, session_id):
            raise store.over(interview)
        if interview.kept_plan is None:
            if problem := agenda_problem(interview):
                logger.warning("the agenda is not used as it is: %s", problem)
            db.add(KeptPlan(interview_session_id=session_id, plan=to_agenda(plan)))
        connection_id = await connection_log.begin(db, session_id, user_agent)
        events = await store.events(db, session_id)
    state = interviewer.resume(plan, [store.decode(event) for event in events])
    last = events[-1].seq if events else 0
    return Conversation(plan, StoredRecord(database, session_id, last), state, connection_id)


async def load_plan(database: Database, candidates: CandidateQuery, interview: Interview) -> Plan:
    """Return the plan, completed from the site's own tables. Raises `DatabaseUnavailable`."""
    begun = interview.kept_plan is not None
    details = UNKNOWN if begun else await candidates.details(database, interview.id)
    return plan_of(interview, details)
