"""Load everything that a conversation needs, by its session id.

One interview has one session, and the session's id is the interview's: starting twice, from two
tabs or after a crash, leads to the same conversation. Whoever knows the id may hold the interview;
it is the 128-bit secret that the invitation carries.
"""

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from uuid import UUID

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.conversation.turn_steps import Tuning
from pipeline.interview import interviewer
from pipeline.interview.interviewer import InterviewState
from pipeline.interview.plan import Plan
from pipeline.journal import Connected

from ..cluster.sentinel import replica_of
from ..errors import ClientLeft, DatabaseUnavailable
from ..privacy import consent
from ..recording.recorder import RECORDER, RecordingWriter
from ..storage import connection_log, store
from ..storage.agenda import UNKNOWN, agenda_problem, plan_of, to_agenda
from ..storage.candidate_query import CANDIDATES, CandidateQuery
from ..storage.database import DATABASE, Database
from ..storage.record import StoredRecord
from ..storage.tables import Interview, KeptPlan, TurnEvent
from ..times import utc_now

logger = logging.getLogger(__name__)


TUNING = web.AppKey("TUNING", Tuning)
RACES = 20
"""The most entries of an older connection that a new one yields to, before it gives up."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """An interview that can be held now."""

    plan: Plan
    record: StoredRecord
    state: InterviewState
    """State of the interview, replayed from its journal."""
    connection_id: UUID
    """Id of its row in the log of connections."""


class ConversationOpening:
    """The opening of a conversation over one socket; leaving the context ends the recording.

    Where several processes share the database, the leases do it with the claim of the session: an
    `Opening` of service/admission/leases.py. Otherwise it is done when `conversation` is called,
    with the session's seat held, so that nobody else writes to the journal."""

    def __init__(
        self,
        app: web.Application,
        session_id: UUID,
        user_agent: str = "",
        *,
        left: Callable[[], bool] = lambda: False,
    ) -> None:
        """`left` returns whether the client has gone already."""
        self._left = left
        self._app = app
        self._session_id = session_id
        self._user_agent = user_agent
        self._stack = AsyncExitStack()
        self._plan: Plan | None = None
        self._found: Conversation | None = None
        self._used = False
        self.recording: RecordingWriter | None = None
        """The recording of this connection; None where nothing is recorded."""

    async def __aenter__(self) -> "ConversationOpening":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.recording and not self._used:
            self.recording.discard()
        await self._stack.aclose()

    async def conversation(self) -> Conversation:
        """Resume the interview where its journal ends; mark it as in progress and keep its plan.

        Raises `ConsentMissing`, `InterviewUnknown`, `InterviewOver` or `DatabaseUnavailable`."""
        found = self._found
        if found is None:
            await self.prepare()
            async with self._app[DATABASE].write() as db:
                events, connection_id = await self._resume(db)
            found = self._conversation(events, connection_id)
        self._used = True
        return found

    def require_client(self) -> None:
        if self._left():
            raise ClientLeft

    async def prepare(self) -> None:
        database = self._app[DATABASE]
        async with database.read() as db:
            await consent.require(db, self._app[consent.ASKED], self._session_id)
            interview = store.existing(await store.interview(db, self._session_id))
        if interview.kept_plan is None and (problem := agenda_problem(interview)):
            logger.warning("the agenda is not used as it is: %s", problem)
        self._plan = await load_plan(database, self._app[CANDIDATES], interview)
        if recorder := self._app.get(RECORDER):
            recording = recorder.recording(self._session_id)
            self.recording = await self._stack.enter_async_context(recording)

    # docs/decisions/055-replicas-share-postgres.md: whoever had the session can write no more
    async def write(self, db: AsyncSession) -> None:
        events, connection_id = await self._resume(db)
        number = self.recording.number or None if self.recording else None
        for _ in range(RACES):
            last = events[-1].seq if events else 0
            elapsed = max((store.decode(event).at_ms for event in events), default=0)
            connected = Connected(elapsed, number)
            if await store.append_if_next(db, self._session_id, last, connected):
                self._found = self._conversation(events, connection_id, connected)
                self.require_client()  # the last moment at which nothing has changed hands
                return
            events += await store.events(db, self._session_id, after=last)
        raise DatabaseUnavailable(
            "An older connection goes on writing; please try again in a moment."
        )

    async def _resume(self, db: AsyncSession) -> tuple[list[TurnEvent], UUID]:
        """Mark the interview as in progress; return its journal, and the id of the connection."""
        interview = await store.mark_started(db, self._session_id)
        if interview is None:
            raise store.over(store.existing(await store.interview(db, self._session_id)))
        assert self._plan
        if interview.kept_plan is None:
            plan = to_agenda(self._plan)
            db.add(KeptPlan(interview_session_id=self._session_id, plan=plan))
        else:
            self._plan = plan_of(interview)
        connection_id = await connection_log.begin(
            db, self._session_id, self._user_agent, replica_of(self._app)
        )
        return await store.events(db, self._session_id), connection_id

    def _conversation(
        self, events: list[TurnEvent], connection_id: UUID, connected: Connected | None = None
    ) -> Conversation:
        assert self._plan
        since = utc_now() - events[-1].created_at if events else timedelta()
        entries = [store.decode(event) for event in events]
        state = interviewer.resume(self._plan, entries, since.total_seconds())
        last = (events[-1].seq if events else 0) + (connected is not None)
        record = StoredRecord(self._app[DATABASE], self._session_id, last, connected)
        return Conversation(self._plan, record, state, connection_id)


async def load_plan(database: Database, candidates: CandidateQuery, interview: Interview) -> Plan:
    """Return the plan, completed from the site's own tables. Raises `DatabaseUnavailable`."""
    begun = interview.kept_plan is not None
    details = UNKNOWN if begun else await candidates.details(database, interview.id)
    return plan_of(interview, details)
