"""Create, list, show and delete interviews."""

import base64
import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from aiohttp import web
from sqlalchemy import and_, or_, select

from pipeline.errors import PlanInvalid
from pipeline.interview.default_plans import default_plan
from pipeline.interview.plan import NAME_CHARACTERS, Plan, Question, validated

from ..admission.admission import ADMISSION
from ..engines import ENGINES
from ..errors import Unprocessable
from ..http import links
from ..http.web import answer, path_id, read_json
from ..live.conversations import load_plan
from ..privacy import consent, erasure, retention
from ..reports.transcripts import notices
from ..scores import overrides
from ..scores.review import assessment_of, make_review
from ..security import audit
from ..security.access import WHO
from ..settings import SETTINGS
from ..storage import connection_log, store
from ..storage.agenda import ANY_LANGUAGE, agenda_problem, display_names, plan_of, to_agenda
from ..storage.candidate_query import CANDIDATES
from ..storage.database import DATABASE
from ..storage.store import existing
from ..storage.tables import STATUSES, ClientConnection, Interview
from ..times import iso, utc_now

PAGE = 50
"""Interviews on a page of the list, unless the client asks for another number."""
LARGEST_PAGE = 200

LongText = Annotated[str, msgspec.Meta(max_length=200_000)]
Name = Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS)]


class WantedQuestion(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    follow_ups: int = 1
    rubric: str = ""
    category: str = "general"


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """The request to create an interview; the limits of a plan are those of
    `pipeline.interview.plan`."""

    questions: list[WantedQuestion | str] = []
    candidate: Name = ""
    candidate_summary: LongText = ""
    interviewer: Name = ""
    job_title: Name = ""
    job_summary: LongText = ""
    minutes: int = 30
    language: str = ANY_LANGUAGE
    patience: float = 1.0
    voice: str = ""
    interview_type: str | None = None
    scheduled_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post("/interviews", make),
        web.get("/interviews", list_page),
        web.get("/interviews/{id}", show),
        web.delete("/interviews/{id}", remove),
    ]


async def make(request: web.Request) -> web.Response:
    wanted = await read_json(request, Wanted)
    await _require_spoken(request.app, wanted)
    plan = _plan(wanted)
    interview = Interview(
        interview_type=wanted.interview_type or "role_assessment",
        scheduled_at=_in_utc(wanted.scheduled_at or utc_now()),
        agenda=to_agenda(plan),
        job_requirements=wanted.job_summary or None,
    )
    async with request.app[DATABASE].write() as db:
        await store.make(db, interview)
        audit.note(db, request, "make interview", interview.id)
    return answer(_view(request, interview, plan) | {"plan": plan}, 201)


async def list_page(request: web.Request) -> web.Response:
    """Answer with a page of interviews, the newest first. `next` in the answer, sent back as
    `after`, asks for the page that follows."""
    limit, status, after = _page_query(request)
    query = select(Interview).order_by(Interview.created_at.desc(), Interview.id.desc())
    if status:
        query = query.where(Interview.status == status)
    if after:
        at, id_ = after
        same_moment = and_(Interview.created_at == at, Interview.id < id_)
        query = query.where(or_(Interview.created_at < at, same_moment))
    async with request.app[DATABASE].read() as db:
        found = list(await db.scalars(query.limit(limit + 1)))
    await audit.read(request, "list interviews")
    following = _cursor(found[limit - 1]) if len(found) > limit else None
    return answer(
        {
            "interviews": [_view(request, row, plan_of(row)) for row in found[:limit]],
            "next": following,
        }
    )


async def show(request: web.Request) -> web.Response:
    interview_id = path_id(request)
    async with request.app[DATABASE].read() as db:
        interview = existing(await store.interview(db, interview_id))
        history = await overrides.history(db, interview_id)
        sockets = await connection_log.connections(db, interview_id)
        deletions = await retention.deletions(db, interview_id)
        consents = await consent.consents(db, interview_id)
        written = await store.entries(db, interview_id)
    await audit.read(request, "read interview", interview_id)
    review = make_review(assessment_of(interview.ai_analysis), history)
    plan = await load_plan(request.app[DATABASE], request.app[CANDIDATES], interview)
    return answer(
        _view(request, interview, plan)
        | {"plan": plan, "agenda_problem": agenda_problem(interview)}
        | {"analysis": interview.ai_analysis, "reviewed": review}
        | {"connections": [_socket(row) for row in sockets]}
        | {"consents": [consent.fields(each) for each in consents]}
        | {"notices": notices(written)}
        | deletions.fields()
    )


async def remove(request: web.Request) -> web.Response:
    """Erase the interview and everything that belongs to it; end its conversation if one goes on.
    The answer has the receipt, and the audit log keeps that the interview existed."""
    interview_id = path_id(request)
    request.app[ADMISSION].dismiss(interview_id)
    async with request.app[ADMISSION].ending(interview_id):
        receipt = await erasure.erase(
            request.app[DATABASE],
            request.app[SETTINGS].recordings_dir,
            [interview_id],
            request[WHO],
        )
    return answer({"interview_id": interview_id, "deleted": True, "receipt": receipt})


async def _require_spoken(app: web.Application, wanted: Wanted) -> None:
    """Refuse now what the engines could not do once the candidate is there. Raises
    `PlanInvalid`."""
    known = (await app[ENGINES].wait()).transcriber.languages
    if wanted.language not in (*known, ANY_LANGUAGE):
        raise PlanInvalid(
            f"language: {wanted.language[:20]!r} is not understood by the recognizer;"
            f" give one of {', '.join(known)}"
        )
    voice = app[SETTINGS].tts_voice
    if wanted.voice not in ("", voice):
        raise PlanInvalid(f"voice: {wanted.voice[:60]!r} is not loaded; give {voice!r} or none")
    if wanted.language not in ("en", ANY_LANGUAGE) and not wanted.questions:
        raise PlanInvalid("questions: the usual ones are in English; give some in the language")


def _plan(wanted: Wanted) -> Plan:
    """Make the plan that the request describes. Raises `PlanInvalid`."""
    usual = default_plan(
        wanted.interview_type,
        candidate=wanted.candidate,
        job_title=wanted.job_title,
        job_summary=wanted.job_summary,
        candidate_summary=wanted.candidate_summary,
        minutes=wanted.minutes,
    )
    questions = tuple(
        Question(given)
        if isinstance(given, str)
        else Question(given.text, given.follow_ups, given.rubric, given.category)
        for given in wanted.questions
    )
    any_language = wanted.language == ANY_LANGUAGE
    changed = msgspec.structs.replace(
        usual,
        questions=questions or usual.questions,
        interviewer=wanted.interviewer or usual.interviewer,
        language="en" if any_language else wanted.language,
        any_language=any_language,
        patience=wanted.patience,
    )
    return validated(changed)


def _in_utc(at: datetime) -> datetime:
    """Convert the time to UTC. Raises `Unprocessable` for the ends of the calendar, which other
    time zones do not have."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise Unprocessable("scheduled_at: is out of range; give a realistic date.") from None


def _view(request: web.Request, interview: Interview, plan: Plan) -> dict[str, Any]:
    candidate, job_title = display_names(plan)
    moments = ("scheduled_at", "started_at", "completed_at", "created_at")
    return {
        "interview_id": interview.id,
        "session_id": interview.id,
        "status": interview.status,
        "interview_type": interview.interview_type,
        "candidate_name": candidate,
        "job_title": job_title,
        "overall_score": interview.overall_score,
        **{name: iso(at) if (at := getattr(interview, name)) else None for name in moments},
        "websocket_url": links.socket(request, interview.id),
        **links.pages(request, interview.id),
    }


def _socket(row: ClientConnection) -> dict[str, Any]:
    return {
        "connected_at": iso(row.connected_at),
        "disconnected_at": iso(row.disconnected_at) if row.disconnected_at else None,
        "close_code": row.close_code,
        "ended": row.ended,
        "user_agent": row.user_agent,
    }


def _page_query(request: web.Request) -> tuple[int, str, tuple[datetime, UUID] | None]:
    """Return limit, status and the position after which to continue. Raises `Unprocessable`."""
    limit = request.query.get("limit", str(PAGE))
    if not re.fullmatch("[0-9]{1,3}", limit) or not 1 <= int(limit) <= LARGEST_PAGE:
        raise Unprocessable(f"limit: must be a whole number from 1 to {LARGEST_PAGE}.")
    status = request.query.get("status", "")
    if status and status not in STATUSES:
        raise Unprocessable(f"status: must be one of {', '.join(STATUSES)}.")
    after = request.query.get("after")
    return int(limit), status, _place(after) if after else None


def _cursor(interview: Interview) -> str:
    place = f"{interview.created_at.isoformat()}|{interview.id}"
    return base64.urlsafe_b64encode(place.encode()).decode()


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, _, id_ = base64.urlsafe_b64decode(cursor).decode("ascii").partition("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC), UUID(id_)
    except (ValueError, OverflowError):
        raise Unprocessable("after: give the `next` of the page before.") from None
