"""The answers of the REST calls, as types for `openapi`; a test checks real answers against
them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from pipeline.interview.plan import Plan

from ..privacy.erasure import Receipt
from ..reports.transcripts import Line, Summary, Told
from ..scores.review import Review

Deleted = dict[str, datetime] | UnsetType
"""The time at which retention deleted each class of data; absent where it deleted nothing."""
Analysis = dict[str, Any]
"""The stored result of an interview. Empty where another program has completed it without one."""


class Error(Struct):
    """The answer to a request that was refused."""

    detail: str
    """A sentence for a person."""
    message: str
    """The same sentence, for clients that read this field."""
    code: str
    """Stable error code, for programs."""


class Started(Struct):
    session_id: UUID
    interview_id: UUID
    message: str
    candidate_name: str
    job_title: str
    websocket_url: str
    recording: bool
    grace_seconds: int
    """Seconds for which the place is kept after a lost connection."""


class Prepared(Struct):
    success: bool
    message: str


class ClusterHealth(Struct):
    replicas: int
    sessions: int
    free: int


class Health(Struct):
    status: Literal["healthy"]
    timestamp: datetime
    sessions: int
    free: int
    cluster: ClusterHealth | UnsetType | None = UNSET
    """The numbers of all replicas together; null while the database is away, absent where the
    service is one process."""


class Alive(Struct):
    status: Literal["alive"]


class Check(Struct):
    ok: bool
    says: str


class Readiness(Struct):
    status: Literal["ready", "not ready"]
    checks: dict[str, Check]


class LiveSession(Struct):
    session_id: UUID
    interview_id: UUID
    status: str
    started_at: datetime | None
    replica: str | UnsetType = UNSET
    """The name of the replica that holds it; absent where the service is one process."""


class LiveSessions(Struct):
    sessions: list[LiveSession]
    total: int
    free: int


class ConsentAsked(Struct):
    text: str
    version: str
    required: bool


class Finalized(Struct):
    success: bool
    message: str
    interview_id: UUID
    analysis: Analysis


class Reassessed(Struct):
    success: bool
    interview_id: UUID
    analysis: Analysis


class Ended(Struct):
    message: str
    interview_summary: Summary


class ListedInterview(Struct):
    interview_id: UUID
    session_id: UUID
    status: str
    interview_type: str | None
    candidate_name: str
    job_title: str
    overall_score: int | None
    scheduled_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime | None
    websocket_url: str
    page_url: str
    report_url: str


class Interviews(Struct):
    interviews: list[ListedInterview]
    next: str | None


class MadeInterview(ListedInterview):
    plan: Plan


class Socket(Struct):
    connected_at: datetime
    disconnected_at: datetime | None
    close_code: int | None
    ended: str | None
    user_agent: str | None


class Consent(Struct):
    given_at: datetime | None
    source: str
    version: str
    text: str | None


class ShownInterview(MadeInterview):
    agenda_problem: str | None
    analysis: Analysis | None
    reviewed: Review | None
    connections: list[Socket]
    notices: list[Told]
    consents: list[Consent]
    deleted: Deleted = UNSET


class ErasedInterview(Struct):
    interview_id: UUID
    deleted: bool
    receipt: Receipt


class SessionTranscript(Struct):
    session_id: UUID
    live_transcript: list[Line]
    summary: Summary
    deleted: Deleted = UNSET


class LiveTranscript(Struct):
    interview_id: UUID
    live_transcript: list[Line]
    status: str
    started_at: datetime | None
    deleted: Deleted = UNSET


class CandidateName(Struct):
    first_name: str
    last_name: str


class Job(Struct):
    title: str


class Application(Struct):
    candidate: CandidateName
    job: Job


class InterviewReport(Struct):
    interview_id: UUID
    status: str
    ai_summary: str
    ai_score: int | None
    reviewed: Review | None
    transcript: Any
    strengths: list[str]
    weaknesses: list[str]
    scoring_breakdown: dict[str, Any]
    recommendations: list[str]
    application: Application
    deleted: Deleted = UNSET


class ReportByPath(Struct):
    success: bool
    report: InterviewReport
    message: str


class Recording(Struct):
    number: int
    url: str
    seconds: float
    size_bytes: int
    written_at: datetime


class Recordings(Struct):
    recordings: list[Recording]


class Exported(Struct):
    interview_id: UUID
    exported_at: datetime
    status: str
    scheduled_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    plan: Plan
    transcript: list[Line]
    notices: list[Told]
    recordings: list[Recording]
    analysis: Analysis | None
    reviewed: Review | None
    consents: list[Consent]
    deleted: Deleted = UNSET


class ScoreGiven(Struct):
    interview_id: UUID
    question: int
    machine_score: int | None
    overall_score: int | None
    reviewed: Review


class AuditedAction(Struct):
    at: datetime
    who: str
    action: str
    detail: str


class Audited(Struct):
    interview_id: UUID
    entries: list[AuditedAction]
