"""The data of one interview for its report and its exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from pipeline.assessment.assess import Assessment
from pipeline.assessment.transcript import Place
from pipeline.interview.plan import Plan

from ..http.web import path_id
from ..privacy import consent, retention
from ..privacy.retention import Deletions
from ..recording import recordings
from ..recording.recordings import Recording
from ..scores import overrides
from ..scores.review import Review, assessment_of, make_review
from ..security import audit
from ..settings import SETTINGS
from ..storage import store
from ..storage.agenda import plan_of
from ..storage.database import DATABASE
from ..storage.store import existing
from ..storage.tables import Consent, Interview
from ..times import iso
from .transcripts import Line, Written, deletion_lines, lines_with_places


@dataclass(frozen=True, slots=True)
class ReportData:
    interview: Interview
    plan: Plan
    written: Sequence[Written]
    lines: Sequence[Line]
    places: Sequence[Place | None]
    """The place in the recording of each line."""
    recordings: Sequence[Recording]
    assessment: Assessment | None
    """None until the interview is finished, and after retention has deleted it."""
    review: Review | None
    """None while no person has changed a score."""
    deletions: Deletions
    consents: Sequence[Consent]
    """Consents, the oldest first."""


async def read_report_data(request: web.Request, how: audit.Action) -> ReportData:
    """Read the data of the interview in the request's path, and note that in the audit log.

    Raises `InterviewUnknown`, `DatabaseUnavailable` and `RecordingsUnavailable`."""
    interview_id = path_id(request)
    async with request.app[DATABASE].read() as db:
        interview = existing(await store.interview(db, interview_id))
        written = await store.entries(db, interview_id)
        history = await overrides.history(db, interview_id)
        deletions = await retention.deletions(db, interview_id)
        consents = await consent.consents(db, interview_id)
    await audit.read(request, how, interview_id)
    heard = await recordings.list_recordings(request.app[SETTINGS].recordings_dir, interview_id)
    stored = [(line, None) for line in _stored_lines(interview.transcript)]
    gone = [(line, None) for line in deletion_lines(deletions)]
    found = [*gone, *(lines_with_places(written) if written else stored)]
    assessment = assessment_of(interview.ai_analysis)
    return ReportData(
        interview,
        plan_of(interview),
        written,
        [line for line, _ in found],
        [place for _, place in found],
        heard,
        assessment,
        make_review(assessment, history),
        deletions,
        consents,
    )


def _stored_lines(transcript: Any) -> list[Line]:
    """Return the stored transcript of an interview whose journal is gone; empty if it has another
    form. Times of the day without a zone are taken for UTC."""
    try:
        found = msgspec.convert(transcript or [], list[Line])
        return [msgspec.structs.replace(line, timestamp=_in_utc(line.timestamp)) for line in found]
    except (msgspec.ValidationError, ValueError, OverflowError):
        return []


def _in_utc(timestamp: str) -> str:
    """Convert the timestamp to UTC. Raises ValueError and OverflowError."""
    at = datetime.fromisoformat(timestamp)
    return iso(at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))


def file_name(interview_id: UUID, ending: str) -> str:
    return f"interview-{interview_id}.{ending}"
