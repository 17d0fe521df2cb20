"""The information that candidates get before they start."""

from uuid import UUID

import msgspec
from aiohttp import web

from ..admission.admission import ADMISSION
from ..http.web import answer, path_id
from ..live.conversations import load_plan
from ..observability import logs
from ..privacy import erasure
from ..settings import SETTINGS
from ..storage import store
from ..storage.agenda import known_names
from ..storage.candidate_query import CANDIDATES
from ..storage.database import DATABASE
from ..storage.store import existing, over
from ..storage.tables import Interview


class Invitation(msgspec.Struct):
    """The information about an interview that the holder of its id gets before it begins."""

    interview_id: UUID
    status: str
    can_start: bool
    reason: str
    """A sentence that tells the candidate why it cannot start now; empty where it can."""
    candidate_name: str | None = None
    """Null where the name is not known. This and all that follows is null when the interview is
    over."""
    job_title: str | None = None
    questions: int | None = None
    minutes: int | None = None
    recording: bool | None = None
    grace_seconds: int | None = None
    """Seconds for which a place is kept after a lost connection."""


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/interview/{id}/invitation", show)]


async def show(request: web.Request) -> web.Response:
    """Answer whether the interview can start now, and describe it. This promises no slot, creates
    no interview and stores nothing; of an interview that is over it tells only that."""
    interview_id = path_id(request)
    logs.SESSION.set(str(interview_id))
    interview = await _find(request.app, interview_id)
    if interview.status in store.STARTABLE:
        return answer(await _invitation(request.app, interview))
    return answer(
        Invitation(interview_id, interview.status, can_start=False, reason=str(over(interview)))
    )


async def _find(app: web.Application, interview_id: UUID) -> Interview:
    """Return the interview, or the one that would be created for this id. Raises
    `InterviewUnknown`, `InterviewErased`."""
    async with app[DATABASE].read() as db:
        found = await store.interview(db, interview_id)
        if found is None:
            await erasure.require_unerased(db, interview_id)
    if found is None and app[SETTINGS].autocreate:
        return store.usual(interview_id)
    return existing(found)


async def _invitation(app: web.Application, interview: Interview) -> Invitation:
    refusal = await app[ADMISSION].refusal(interview.id)
    plan = await load_plan(app[DATABASE], app[CANDIDATES], interview)
    candidate, job_title = known_names(plan)
    return Invitation(
        interview.id,
        interview.status,
        can_start=refusal is None,
        reason=str(refusal or ""),
        candidate_name=candidate,
        job_title=job_title,
        questions=len(plan.questions),
        minutes=plan.minutes,
        recording=app[SETTINGS].recording,
        grace_seconds=app[SETTINGS].grace_seconds,
    )
