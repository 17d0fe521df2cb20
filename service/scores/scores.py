"""Handlers for a person's score beside the model's, and for the audit log."""

from typing import Annotated

import msgspec
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.assessment.assess import Assessment
from pipeline.interview.plan import NAME_CHARACTERS, one_line

from ..errors import DeletedByRetention, NotAssessed, ScoreUnknown, Unprocessable
from ..http.web import answer, path_id, read_json
from ..privacy import retention
from ..security import audit
from ..security.access import WHO
from ..storage import store
from ..storage.database import DATABASE
from ..storage.store import existing
from ..storage.tables import Interview, ScoreOverride
from ..times import iso
from . import overrides
from .review import assessment_of, make_review
from .window import analysis_of


class Judgement(msgspec.Struct, forbid_unknown_fields=True):
    score: Annotated[int, msgspec.Meta(ge=0, le=100)]
    reason: Annotated[str, msgspec.Meta(max_length=1000)]
    by: Annotated[str, msgspec.Meta(max_length=NAME_CHARACTERS)]


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.put("/interviews/{id}/scores/{question}", override_score),
        web.get("/interviews/{id}/audit", audit_log),
    ]


async def override_score(request: web.Request) -> web.Response:
    """Store a person's score beside the model's; answer with both and with the resulting review."""
    interview_id = path_id(request)
    given = await read_json(request, Judgement)
    reason, by = one_line(given.reason), one_line(given.by)
    for field, text in (("reason", reason), ("by", by)):
        if not text:
            raise Unprocessable(f"{field}: must not be empty.")
    async with request.app[DATABASE].write() as db:
        interview = existing(await store.interview(db, interview_id, lock=True))
        assessment = await _assessment(db, interview)
        name = request.match_info["question"]
        judged = {str(each.question): each for each in assessment.answers}.get(name)
        if judged is None:
            raise ScoreUnknown(f"The assessment has questions 0 to {len(assessment.answers) - 1}.")
        db.add(
            ScoreOverride(
                interview_session_id=interview_id,
                question=judged.question,
                score=given.score,
                reason=reason,
                by=by,
                who=request[WHO],
            )
        )
        audit.note(db, request, "override score", interview_id, f"question {judged.question}")
        await db.flush()
        review = make_review(assessment, await overrides.history(db, interview_id))
        interview.ai_analysis = (interview.ai_analysis or {}) | analysis_of(assessment, review)
    return answer(
        {
            "interview_id": interview_id,
            "question": judged.question,
            "machine_score": judged.score,
            "overall_score": assessment.overall_score,
            "reviewed": review,
        }
    )


async def _assessment(db: AsyncSession, interview: Interview) -> Assessment:
    """Return the interview's assessment. Raises `DeletedByRetention` and `NotAssessed`."""
    assessment = assessment_of(interview.ai_analysis)
    if assessment is None:
        if gone := (await retention.deletions(db, interview.id)).sentence("assessment"):
            raise DeletedByRetention(gone)
        raise NotAssessed("There is no assessment yet; finish the interview first.")
    return assessment


async def audit_log(request: web.Request) -> web.Response:
    """Answer with the audit log, the newest entry first; this reading is in it too. An interview
    that was deleted still has its log."""
    interview_id = path_id(request)
    async with request.app[DATABASE].read() as db:
        if not await audit.entries(db, interview_id):
            existing(await store.interview(db, interview_id))
    await audit.read(request, "read audit log", interview_id)
    async with request.app[DATABASE].read() as db:
        found = await audit.entries(db, interview_id)
    return answer(
        {
            "interview_id": interview_id,
            "entries": [
                {
                    "at": iso(entry.at),
                    "who": entry.who,
                    "action": entry.action,
                    "detail": entry.detail,
                }
                for entry in found
            ],
        }
    )
