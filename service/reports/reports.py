"""Serve transcripts and results in the form that the product's own pages expect."""

from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from pipeline.interview.names import name_of

from ..http.interview_ref import InterviewRef
from ..http.web import answer, path_id, read_json
from ..privacy import retention
from ..privacy.retention import Deletions
from ..scores import overrides
from ..scores.review import assessment_of, make_review
from ..security import audit
from ..storage import store
from ..storage.agenda import display_names, plan_of
from ..storage.database import DATABASE
from ..storage.store import existing
from ..storage.tables import Interview
from ..times import iso
from .transcripts import Written, deletion_lines, lines, summary


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/session/{id}/transcript", session_transcript),
        web.get("/interview/{id}/live-transcript", live_transcript),
        web.post("/get-interview-report", interview_report),
        web.get("/interview/{id}/report", report_by_path),
    ]


async def session_transcript(request: web.Request) -> web.Response:
    session_id = path_id(request)
    _, written, deletions = await _read(request, session_id, "read transcript")
    shown = deletion_lines(deletions) + lines(written)
    return answer(
        {
            "session_id": session_id,
            "live_transcript": shown,
            "summary": summary(shown, written),
            **deletions.fields(),
        }
    )


async def live_transcript(request: web.Request) -> web.Response:
    interview, written, deletions = await _read(request, path_id(request), "read live transcript")
    return answer(
        {
            "interview_id": interview.id,
            "live_transcript": deletion_lines(deletions) + lines(written),
            "status": interview.status,
            "started_at": iso(interview.started_at) if interview.started_at else None,
            **deletions.fields(),
        }
    )


async def interview_report(request: web.Request) -> web.Response:
    """Answer with the result; empty where the interview has not been finalized yet."""
    return answer(await _report(request, (await read_json(request, InterviewRef)).id))


async def report_by_path(request: web.Request) -> web.Response:
    """Answer the same to clients that send the id in the path."""
    report = await _report(request, path_id(request))
    return answer({"success": True, "report": report, "message": "Interview report read"})


async def _report(request: web.Request, interview_id: UUID) -> dict[str, Any]:
    interview, written, deletions = await _read(request, interview_id, "read report")
    async with request.app[DATABASE].read() as db:
        history = await overrides.history(db, interview_id)
    review = make_review(assessment_of(interview.ai_analysis), history)
    candidate, job_title = display_names(plan_of(interview))
    name = name_of(candidate)
    # Another program may have stored any JSON there.
    analysis = interview.ai_analysis if isinstance(interview.ai_analysis, dict) else {}
    return {
        "interview_id": interview.id,
        "status": interview.status,
        "ai_summary": analysis.get("summary", "") or deletions.sentence("assessment"),
        "ai_score": interview.overall_score,
        "reviewed": review,
        "transcript": _transcript(interview, written, deletions),
        "strengths": interview.strengths or [],
        "weaknesses": interview.areas_for_improvement or [],
        "scoring_breakdown": interview.skill_scores or {},
        "recommendations": interview.recommendations or [],
        "application": {
            "candidate": {"first_name": name.first, "last_name": name.last},
            "job": {"title": job_title},
        },
        **deletions.fields(),
    }


def _transcript(interview: Interview, written: list[Written], deletions: Deletions) -> Any:
    return interview.transcript or msgspec.to_builtins(deletion_lines(deletions) + lines(written))


async def _read(
    request: web.Request, interview_id: UUID, how: audit.Action
) -> tuple[Interview, list[Written], Deletions]:
    async with request.app[DATABASE].read() as db:
        interview = existing(await store.interview(db, interview_id))
        written = await store.entries(db, interview_id)
        deletions = await retention.deletions(db, interview_id)
    await audit.read(request, how, interview_id)
    return interview, written, deletions
