"""Create the tables of the first version."""

from alembic import op
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Uuid,
)

from service.storage.migrations.columns import (
    JSON,
    TEXT,
    TEXTS,
    TIME,
    adopting,
    of_interview,
    product,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if not product():
        _interviews()
        _questions()
    _record()
    _overrides()
    _audit_log()


def _interviews() -> None:
    op.create_table(
        "interview_sessions",
        Column("id", Uuid(), nullable=False),
        Column("employee_id", Uuid()),
        Column("job_description_id", Uuid()),
        Column("status", TEXT, nullable=False),
        Column("scheduled_at", TIME),
        Column("started_at", TIME),
        Column("completed_at", TIME),
        Column("duration_minutes", Integer()),
        Column("job_requirements", TEXT),
        Column("interview_notes", TEXT),
        Column("interview_type", TEXT),
        Column("agenda", JSON),
        Column("transcript", JSON),
        Column("ai_analysis", JSON),
        Column("overall_score", Integer()),
        Column("skill_scores", JSON),
        Column("recommendations", TEXTS),
        Column("strengths", TEXTS),
        Column("areas_for_improvement", TEXTS),
        Column("created_at", TIME, nullable=False),
        Column("updated_at", TIME, nullable=False),
        Column("created_by", Uuid()),
        PrimaryKeyConstraint("id", name="pk_interview_sessions"),
        CheckConstraint(
            "status IN ('scheduled', 'in_progress', 'completed', 'cancelled')",
            op.f("ck_interview_sessions_status"),
        ),
        CheckConstraint("started_at >= scheduled_at", op.f("ck_interview_sessions_started")),
        CheckConstraint("completed_at >= started_at", op.f("ck_interview_sessions_completed")),
        CheckConstraint("overall_score BETWEEN 0 AND 100", op.f("ck_interview_sessions_score")),
        CheckConstraint(
            "interview_type IN"
            " ('role_assessment', 'promotion', 'performance_review', 'skill_evaluation')",
            op.f("ck_interview_sessions_type"),
        ),
        if_not_exists=adopting(),
    )


def _questions() -> None:
    op.create_table(
        "interview_questions",
        Column("id", Uuid(), nullable=False),
        Column("interview_session_id", Uuid(), nullable=False),
        Column("question_text", TEXT, nullable=False),
        Column("question_category", TEXT),
        Column("asked_at", TIME),
        Column("ai_response", TEXT),
        Column("employee_response", TEXT),
        Column("response_score", Integer()),
        Column("response_analysis", JSON),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_interview_questions"),
        *of_interview("interview_questions", "interview_session_id"),
        CheckConstraint("response_score BETWEEN 0 AND 100", op.f("ck_interview_questions_score")),
        if_not_exists=adopting(),
    )
    _index("interview_questions", "interview_session_id")


def _record() -> None:
    op.create_table(
        "turn_events",
        Column("session_id", Uuid(), nullable=False),
        Column("seq", Integer(), nullable=False),
        Column("kind", TEXT, nullable=False),
        Column("payload", TEXT, nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("session_id", "seq", name="pk_turn_events"),
        *of_interview("turn_events", "session_id"),
        if_not_exists=adopting(),
    )
    op.create_table(
        "client_logs",
        Column("session_id", Uuid(), nullable=False),
        Column("entries", JSON, nullable=False),
        Column("received_bytes", Integer(), nullable=False),
        Column("audio_messages", Integer(), nullable=False),
        Column("left_out", Integer(), nullable=False),
        Column("complete", Boolean(), nullable=False),
        Column("received_at", TIME, nullable=False),
        PrimaryKeyConstraint("session_id", name="pk_client_logs"),
        *of_interview("client_logs", "session_id"),
        if_not_exists=adopting(),
    )


def _overrides() -> None:
    op.create_table(
        "score_overrides",
        Column("id", Integer(), nullable=False),
        Column("interview_session_id", Uuid(), nullable=False),
        Column("question", Integer(), nullable=False),
        Column("score", Integer(), nullable=False),
        Column("reason", TEXT, nullable=False),
        Column("by", TEXT, nullable=False),
        Column("who", TEXT, nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_score_overrides"),
        *of_interview("score_overrides", "interview_session_id"),
        CheckConstraint("score BETWEEN 0 AND 100", op.f("ck_score_overrides_score")),
        if_not_exists=adopting(),
    )
    _index("score_overrides", "interview_session_id")


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        Column("id", Integer(), nullable=False),
        Column("at", TIME, nullable=False),
        Column("who", TEXT, nullable=False),
        Column("action", TEXT, nullable=False),
        Column("interview_id", Uuid()),
        Column("detail", TEXT, nullable=False),
        PrimaryKeyConstraint("id", name="pk_audit_log"),
        if_not_exists=adopting(),
    )
    _index("audit_log", "at")
    _index("audit_log", "interview_id")
    # The database itself refuses to change an entry.
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER IF NOT EXISTS audit_log_unchanged BEFORE UPDATE ON audit_log"
            " BEGIN SELECT RAISE(ABORT, 'audit_log is only added to'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_log_unchanged() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'audit_log is only added to'; END $$"
    )
    op.execute("DROP TRIGGER IF EXISTS audit_log_unchanged ON audit_log")
    op.execute(
        "CREATE TRIGGER audit_log_unchanged BEFORE UPDATE ON audit_log"
        " FOR EACH ROW EXECUTE FUNCTION audit_log_unchanged()"
    )


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=adopting())
