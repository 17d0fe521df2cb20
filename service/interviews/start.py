"""Start interviews: existing ones, and those that are created from a job and a résumé."""

from typing import Annotated, ClassVar
from uuid import UUID, uuid4

import msgspec
from aiohttp import web
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.interview.default_plans import plan_from_texts
from pipeline.interview.plan import NAME_CHARACTERS, Plan, one_line

from ..admission.admission import ADMISSION
from ..errors import Unprocessable
from ..http import links
from ..http.interview_ref import InterviewRef
from ..http.web import answer, read_json
from ..live.conversations import load_plan
from ..observability import logs
from ..privacy import consent, erasure
from ..privacy.consent import Given
from ..settings import SETTINGS
from ..storage import store
from ..storage.agenda import display_names, to_agenda
from ..storage.candidate_query import CANDIDATES
from ..storage.database import DATABASE
from ..storage.store import existing, over
from ..storage.tables import Interview
from ..times import utc_now

LongText = Annotated[str, msgspec.Meta(max_length=200_000)]
"""A job advertisement or a résumé in full."""
Name = Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS)]


class WantedSession(InterviewRef):
    usual: ClassVar[str] = "interview_id"

    consent: Given | None = None
    """The candidate's consent; absent when this client does not ask for it."""


class JobAndCandidate(msgspec.Struct):
    job_description: LongText | None = None
    resume_text: LongText | None = None
    candidate_name: Name | None = None
    consent: Given | None = None


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post("/start-database-interview", start_database_interview),
        web.post("/start-interview", start_interview),
        web.post("/prepare-interview-context", prepare_interview_context),
    ]


async def start_database_interview(request: web.Request) -> web.Response:
    """Promise a slot to an existing interview; the answer is the same however often it is asked."""
    return await _take_up(request, await read_json(request, WantedSession))


async def start_interview(request: web.Request) -> web.Response:
    """Start the interview of this id; without an id, create one from a job advertisement and a
    résumé. Clients do both at this address."""
    wanted = await read_json(request, WantedSession)
    if wanted.named:
        return await _take_up(request, wanted)
    given = await read_json(request, JobAndCandidate)
    if given.job_description is None:
        raise Unprocessable(
            "interview_id and job_description are missing; give an interview's UUID, or the job"
            " for which to make one."
        )
    if not one_line(given.job_description):
        raise Unprocessable(
            "job_description is empty; give the text of the job, or interview_id for an interview"
            " that exists."
        )
    return await _make(request, given, given.job_description)


async def _take_up(request: web.Request, wanted: WantedSession) -> web.Response:
    interview_id = wanted.id
    logs.SESSION.set(str(interview_id))
    interview = await _startable(request.app, interview_id)
    async with request.app[DATABASE].read() as db:
        before = await consent.consents(db, interview_id)
    agreed = consent.decide(
        request.app[consent.ASKED], wanted.consent, before=consent.has_agreed(before)
    )
    await request.app[ADMISSION].promise(interview_id)
    if agreed.version not in {each.version for each in before}:
        async with request.app[DATABASE].write() as db:
            await consent.keep(db, interview_id, agreed)
    plan = await load_plan(request.app[DATABASE], request.app[CANDIDATES], interview)
    return answer(_start_answer(request, interview_id, plan))


async def _make(request: web.Request, given: JobAndCandidate, job_description: str) -> web.Response:
    plan = plan_from_texts(job_description, given.resume_text or "", given.candidate_name or "")
    agreed = consent.decide(request.app[consent.ASKED], given.consent)
    interview_id = uuid4()
    interview = Interview(
        id=interview_id,
        interview_type="role_assessment",
        scheduled_at=utc_now(),
        agenda=to_agenda(plan),
        job_requirements=job_description,
    )
    async with (
        request.app[ADMISSION].promised(interview_id),
        request.app[DATABASE].write() as db,
    ):
        await store.make(db, interview)
        await consent.keep(db, interview_id, agreed)
    return answer(_start_answer(request, interview_id, plan))


async def prepare_interview_context(request: web.Request) -> web.Response:
    """Answer whether the interview can be held; nothing needs preparing ahead."""
    await _startable(request.app, (await read_json(request, InterviewRef)).id)
    return answer({"success": True, "message": "Interview context prepared"})


async def _startable(app: web.Application, interview_id: UUID) -> Interview:
    """Return the interview, creating it if unknown ids are to be created. Raises
    `InterviewUnknown`, `InterviewErased`, `InterviewOver`."""
    async with app[DATABASE].read() as db:
        found = await store.interview(db, interview_id)
        if found is None:
            await erasure.require_unerased(db, interview_id)
    if found is None and app[SETTINGS].autocreate:
        # Checked first, so that no interview is created for a client that is refused.
        async with app[ADMISSION].promised(interview_id), app[DATABASE].write() as db:
            found = await _make_usual(db, interview_id)
    interview = existing(found)
    if interview.status not in store.STARTABLE:
        raise over(interview)
    return interview


async def _make_usual(db: AsyncSession, interview_id: UUID) -> Interview | None:
    """Create a default interview with this id, or return the one that another request created just
    before."""
    made = store.usual(interview_id)
    try:
        async with db.begin_nested():
            db.add(made)
    except IntegrityError:
        return await store.interview(db, interview_id)
    return made


def _start_answer(request: web.Request, interview_id: UUID, plan: Plan) -> dict[str, object]:
    candidate, job_title = display_names(plan)
    return {
        "session_id": interview_id,
        "interview_id": interview_id,
        "message": "Session created successfully",
        "candidate_name": candidate,
        "job_title": job_title,
        "websocket_url": links.socket(request, interview_id),
        "recording": request.app[SETTINGS].recording,
        "grace_seconds": request.app[SETTINGS].grace_seconds,
    }
