"""All that is known of one interview, as its report and its exports show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from pipeline.assessment import Assessment
from pipeline.plan import Plan

from . import audit, overrides, store
from .agenda import plan_of
from .conversations import existing
from .keys import DATABASE
from .review import Review, assessment_of, reviewed
from .tables import Interview
from .transcripts import Line, Written, lines
from .web import path_id


@dataclass(frozen=True, slots=True)
class Dossier:
    interview: Interview
    plan: Plan
    written: Sequence[Written]
    lines: Sequence[Line]
    assessment: Assessment | None
    """None until the interview is finished."""
    review: Review | None
    """None while no person has changed a score."""


async def opened(request: web.Request, how: audit.Action) -> Dossier:
    """The interview of the request's path, noted in the audit log.

    Raises `InterviewUnknown` and `DatabaseUnavailable`."""
    interview_id = path_id(request)
    async with request.app[DATABASE].read() as db:
        interview = existing(await store.interview(db, interview_id))
        written = await store.entries(db, interview_id)
        history = await overrides.of(db, interview_id)
    await audit.read(request, how, interview_id)
    assessment = assessment_of(interview.ai_analysis)
    return Dossier(
        interview,
        plan_of(interview),
        written,
        lines(written) if written else _stored(interview.transcript),
        assessment,
        reviewed(assessment, history),
    )


def _stored(transcript: Any) -> list[Line]:
    """The transcript of an interview whose record is not here any more; none of another shape."""
    try:
        return msgspec.convert(transcript or [], list[Line])
    except msgspec.ValidationError:
        return []


def file_name(interview_id: UUID, ending: str) -> str:
    return f"interview-{interview_id}.{ending}"
