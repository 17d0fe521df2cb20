"""Add consents, retention's deletions, and an audit log that loses entries by retention only."""

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint, Uuid

from service.storage.migrations.columns import TEXT, TIME, adopting, of_interview

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        Column("interview_session_id", Uuid(), nullable=False),
        Column("version", TEXT, nullable=False),
        Column("given_at", TIME),
        Column("text", TEXT),
        Column("source", TEXT, nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("interview_session_id", "version", name="pk_consents"),
        *of_interview("consents", "interview_session_id"),
        if_not_exists=adopting(),
    )
    op.create_table(
        "retention_deletions",
        Column("interview_session_id", Uuid(), nullable=False),
        Column("data_class", TEXT, nullable=False),
        Column("deleted_at", TIME, nullable=False),
        PrimaryKeyConstraint("interview_session_id", "data_class", name="pk_retention_deletions"),
        *of_interview("retention_deletions", "interview_session_id"),
        if_not_exists=adopting(),
    )
    op.create_table(
        "audit_retention",
        Column("until", TIME, nullable=False),
        PrimaryKeyConstraint("until", name="pk_audit_retention"),
        if_not_exists=adopting(),
    )
    if op.get_context().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgres()


def _guard_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log"
        " WHEN NOT EXISTS (SELECT 1 FROM audit_retention WHERE OLD.at < until)"
        " BEGIN SELECT RAISE(ABORT, 'audit_log loses entries by retention only'); END"
    )


def _guard_postgres() -> None:
    op.execute(
        "CREATE FUNCTION audit_log_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP = 'DELETE' THEN"
        " IF EXISTS (SELECT 1 FROM audit_retention WHERE OLD.at < until) THEN RETURN OLD; END IF;"
        " END IF;"
        " RAISE EXCEPTION 'audit_log loses entries by retention only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log"
        " FOR EACH ROW EXECUTE FUNCTION audit_log_kept()"
    )
    op.execute(
        "CREATE TRIGGER audit_log_kept_whole BEFORE TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_kept()"
    )
