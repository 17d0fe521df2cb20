"""The tables, as SQLAlchemy models. The first two have the columns of the product that this service
serves; a plan that was made here is kept as JSON in `agenda`. The revisions in
`migrations/versions` create the tables: any change here needs one."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..times import utc_now
from .base import Base as Base
from .base import Json

STATUSES = ("scheduled", "in_progress", "completed", "cancelled")


class Interview(Base):
    """One interview, planned, held or finished."""

    __tablename__ = "interview_sessions"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", "status"),
        CheckConstraint("started_at >= scheduled_at", "started"),
        CheckConstraint("completed_at >= started_at", "completed"),
        CheckConstraint("overall_score BETWEEN 0 AND 100", "score"),
        CheckConstraint(
            "interview_type IN"
            " ('role_assessment', 'promotion', 'performance_review', 'skill_evaluation')",
            "type",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    employee_id: Mapped[UUID | None]
    job_description_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(default="scheduled")
    scheduled_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    duration_minutes: Mapped[int | None] = mapped_column(Integer)
    job_requirements: Mapped[str | None]
    interview_notes: Mapped[str | None]
    interview_type: Mapped[str | None]
    agenda: Mapped[Any | None] = mapped_column(Json)
    transcript: Mapped[Any | None] = mapped_column(Json)
    ai_analysis: Mapped[dict[str, Any] | None]
    overall_score: Mapped[int | None]
    skill_scores: Mapped[dict[str, Any] | None]
    recommendations: Mapped[list[str] | None]
    strengths: Mapped[list[str] | None]
    areas_for_improvement: Mapped[list[str] | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    created_by: Mapped[UUID | None]

    kept_plan: Mapped["KeptPlan | None"] = relationship(lazy="joined", viewonly=True)

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"kept_plan": None, **given})


class AskedQuestion(Base):
    """A question that the candidate heard, and the answer."""

    __tablename__ = "interview_questions"
    __table_args__ = (CheckConstraint("response_score BETWEEN 0 AND 100", "score"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), index=True
    )
    question_text: Mapped[str]
    question_category: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    ai_response: Mapped[str | None]
    """The interviewer's words when asking."""
    employee_response: Mapped[str | None]
    response_score: Mapped[int | None]
    response_analysis: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


# docs/decisions/027-kept-plan.md: agendas change while somebody talks
class KeptPlan(Base):
    """The plan by which an interview is held, from its first connection on. Its sources may change
    while the candidate talks: they are in tables of the product's."""

    __tablename__ = "kept_plans"

    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    plan: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


# docs/decisions/029-connection-rows.md: an address explains no complaint
class ClientConnection(Base):
    """One socket over which an interview was held. The client's address is not kept."""

    __tablename__ = "connections"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), index=True
    )
    connected_at: Mapped[datetime] = mapped_column(default=utc_now)
    disconnected_at: Mapped[datetime | None]
    """None while the socket is open, and for ever where it was lost."""
    close_code: Mapped[int | None]
    ended: Mapped[str | None]
    """Reason for its end, in a few words; None while it is open."""
    user_agent: Mapped[str | None]
    replica: Mapped[UUID | None]
    """The process that had the socket, where several share the database."""


class TurnEvent(Base):
    """One journal entry of a conversation; rows are only ever added."""

    __tablename__ = "turn_events"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    """Sequence number: 1, 2, 3 … without gaps within a session."""
    kind: Mapped[str]
    payload: Mapped[str] = mapped_column(Text)
    """The entry as JSON text, read back by type and never searched, so no JSON column."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ClientLog(Base):
    """The log that the client posted when it finalized, without audio, kept beside our own
    journal."""

    __tablename__ = "client_logs"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    entries: Mapped[list[Any]]
    received_bytes: Mapped[int]
    audio_messages: Mapped[int]
    """Number of messages whose audio was dropped."""
    left_out: Mapped[int]
    """Number of entries beyond what is kept of a log."""
    complete: Mapped[bool]
    """False when the body broke off or was not JSON to its end."""
    received_at: Mapped[datetime] = mapped_column(default=utc_now)


class ScoreOverride(Base):
    """A person's own score for an answer. The model's score stays in its place; of several the
    newest counts, and the older ones remain visible."""

    __tablename__ = "score_overrides"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 100", "score"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), index=True
    )
    question: Mapped[int]
    """Index of the answer in the assessment's `answers`, from 0."""
    score: Mapped[int]
    reason: Mapped[str]
    by: Mapped[str]
    """The person, by the name they gave."""
    who: Mapped[str]
    """The name of the API key or token that the request came with."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Consent(Base):
    """A candidate's consent, or a note that the client did not ask for one. Of equal texts, the
    first."""

    __tablename__ = "consents"

    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the text, as hex; empty where the client did not ask."""
    given_at: Mapped[datetime | None]
    """Time of the consent, as the client reported it; NULL where it did not ask."""
    text: Mapped[str | None]
    """The whole text that the candidate was shown."""
    source: Mapped[str]
    """The text's author: `service` (the operator's setting), `client` or `none`."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class RetentionDeletion(Base):
    """A note that a class of an interview's data was deleted because its retention had ended."""

    __tablename__ = "retention_deletions"

    interview_session_id: Mapped[UUID] = mapped_column(
        ForeignKey("interview_sessions.id", ondelete="CASCADE"), primary_key=True
    )
    data_class: Mapped[str] = mapped_column(primary_key=True)
    """`audio`, `transcript` or `assessment`."""
    deleted_at: Mapped[datetime] = mapped_column(default=utc_now)


class AuditEntry(Base):
    """An entry of the audit log: who read or changed which data. Rows are added, and deleted by
    retention alone: triggers refuse anything else. No entry holds what was said, so entries may
    outlive the interview: there is no foreign key."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    who: Mapped[str]
    action: Mapped[str]
    interview_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[str] = mapped_column(default="")


class AuditRetention(Base):
    """The permission to delete entries of the audit log that are older than `until`. A row exists
    only within the transaction that deletes them, so nobody else ever sees one."""

    __tablename__ = "audit_retention"

    until: Mapped[datetime] = mapped_column(primary_key=True)


# docs/decisions/055-replicas-share-postgres.md: only where processes share a database
class Replica(Base):
    """A process that shares the database with others. It is alive for `ALIVE_SECONDS` after
    `seen_at`, by the database's clock."""

    __tablename__ = "replicas"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lock_key: Mapped[int] = mapped_column(Integer, unique=True)
    """Key of the advisory lock that its sentinel's connection holds."""
    name: Mapped[str]
    version: Mapped[str]
    models_fingerprint: Mapped[str]
    slots: Mapped[int]
    draining: Mapped[bool]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class SessionHold(Base):
    """The lease of a session: who has it, and until when. There is no foreign key, because a
    session is promised before its interview is created."""

    __tablename__ = "session_holds"
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)  # updated in place, and often

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    replica: Mapped[UUID] = mapped_column(index=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    """Increases each time that somebody takes the session over."""
    state: Mapped[str]
    """`promised`, `held`, `grace` or `ending`."""
    until: Mapped[datetime | None]
    """Time at which it lapses; None while its replica has it, for as long as that one lives."""


class OrphanSighting(Base):
    """The time at which recordings without an interview were seen first. It is kept here, because
    another process may go on with what one has begun to look after."""

    __tablename__ = "orphan_sightings"

    interview_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_seen: Mapped[datetime]


class ClusterSetting(Base):
    """A value that all processes of a cluster share."""

    __tablename__ = "cluster_settings"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
