"""Add the sockets of each interview, and the plan by which it is held."""

from alembic import op
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Uuid

from service.storage.migrations.columns import JSON, TEXT, TIME, of_interview

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connections",
        Column("id", Uuid(), nullable=False),
        Column("interview_session_id", Uuid(), nullable=False),
        Column("connected_at", TIME, nullable=False),
        Column("disconnected_at", TIME),
        Column("close_code", Integer()),
        Column("ended", TEXT),
        Column("user_agent", TEXT),
        PrimaryKeyConstraint("id", name="pk_connections"),
        *of_interview("connections", "interview_session_id"),
    )
    op.create_index("ix_connections_interview_session_id", "connections", ["interview_session_id"])
    op.create_table(
        "kept_plans",
        Column("interview_session_id", Uuid(), nullable=False),
        Column("plan", JSON, nullable=False),
        Column("created_at", TIME, nullable=False),
        PrimaryKeyConstraint("interview_session_id", name="pk_kept_plans"),
        *of_interview("kept_plans", "interview_session_id"),
    )
