"""The base of all tables, and the types of their columns."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, JSON, DateTime, Dialect, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase


class UtcTime(TypeDecorator[datetime]):
    """A column type for times that always have a time zone; SQLite has none of its own and is given
    UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=value.tzinfo or UTC) if value else None


class Words(TypeDecorator[str]):
    """A column type for text that drops NUL, which Postgres cannot store, and lone surrogates,
    which nobody can: they stand for bytes of a header that are not UTF-8."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\x00", "").encode(errors="replace").decode() if value else value


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Texts = JSON(none_as_null=True).with_variant(ARRAY(Text), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads it from the class
        datetime: UtcTime,
        str: Words,
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Texts,
    }
