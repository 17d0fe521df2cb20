"""Helpers for revisions. Their meaning must never change: a revision makes the same tables for
ever."""

from alembic import op
from sqlalchemy import ARRAY, DateTime, ForeignKeyConstraint
from sqlalchemy import JSON as PlainJson
from sqlalchemy import Text as PlainText
from sqlalchemy.dialects.postgresql import JSONB

TIME = DateTime(timezone=True)
TEXT = PlainText()
JSON = PlainJson(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TEXTS = PlainJson(none_as_null=True).with_variant(ARRAY(PlainText), "postgresql")


def product() -> bool:
    """Return whether the interviews are in tables of the product's own, which no revision may
    touch."""
    return bool(op.get_context().opts["product"])


def adopting() -> bool:
    """Return whether the tables of the first revision already exist, made by a version of the
    program that had no revisions."""
    return bool(op.get_context().opts["adopting"])


def of_interview(table: str, column: str) -> tuple[ForeignKeyConstraint, ...]:
    """Return the foreign key that deletes a row together with its interview. There is none to the
    product's table: it would lock that table while it is made, and hinder its owner later."""
    if product():
        return ()
    name = f"fk_{table}_{column}"
    return (
        ForeignKeyConstraint([column], ["interview_sessions.id"], name=name, ondelete="CASCADE"),
    )
