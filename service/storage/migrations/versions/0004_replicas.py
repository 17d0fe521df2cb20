"""Add the tables of processes that share a database, and the process that had a socket."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    Uuid,
)

from service.storage.migrations.columns import TEXT, TIME

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
expands = True


def upgrade() -> None:
    _replicas()
    op.create_table(
        "session_holds",
        Column("session_id", Uuid(), nullable=False),
        Column("replica", Uuid(), nullable=False),
        Column("epoch", BigInteger(), nullable=False),
        Column("state", TEXT, nullable=False),
        Column("until", TIME),
        PrimaryKeyConstraint("session_id", name="pk_session_holds"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index("ix_session_holds_replica", "session_holds", ["replica"])
    op.create_table(
        "orphan_sightings",
        Column("interview_id", Uuid(), nullable=False),
        Column("first_seen", TIME, nullable=False),
        PrimaryKeyConstraint("interview_id", name="pk_orphan_sightings"),
    )
    op.create_table(
        "cluster_settings",
        Column("key", TEXT, nullable=False),
        Column("value", TEXT, nullable=False),
        PrimaryKeyConstraint("key", name="pk_cluster_settings"),
    )
    # SQLite would write the column after the constraints of its own text; a copy is in order.
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("connections", recreate="always" if sqlite else "never") as batch:
        batch.add_column(Column("replica", Uuid()))


def _replicas() -> None:
    op.create_table(
        "replicas",
        Column("id", Uuid(), nullable=False),
        Column("lock_key", Integer(), nullable=False),
        Column("name", TEXT, nullable=False),
        Column("version", TEXT, nullable=False),
        Column("models_fingerprint", TEXT, nullable=False),
        Column("slots", Integer(), nullable=False),
        Column("draining", Boolean(), nullable=False),
        Column("started_at", TIME, nullable=False),
        Column("seen_at", TIME, nullable=False),
        PrimaryKeyConstraint("id", name="pk_replicas"),
        UniqueConstraint("lock_key", name="uq_replicas_lock_key"),
    )
