"""Look up the candidate and the job in the site's own tables, by a query that the operator wrote.

Its text is in a file. It has one parameter, `:interview_id`, and returns at most one row, whose
columns are called like the fields of `Details`; which of them it has is up to the operator. It only
reads: any change that it made would be rolled back.
"""

import logging
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web
from sqlalchemy import TextClause, Uuid, bindparam, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import SettingInvalid
from ..settings import Settings
from .database import Database
from .database_engine import reason

logger = logging.getLogger(__name__)

SETTING = "VIVAVOCE_CANDIDATE_QUERY_FILE"
NOBODY = UUID(int=0)
"""Interview id with which the query is tried at the start."""


class Details(msgspec.Struct, frozen=True):
    """Details of a candidate and a job; a field is empty where it is not known."""

    candidate_name: str = ""
    candidate_position: str = ""
    candidate_skills: str = ""
    candidate_summary: str = ""
    job_title: str = ""
    job_summary: str = ""
    required_skills: str = ""


class CandidateQuery:
    """The operator's query for an interview's details, if there is one."""

    def __init__(self, statement: TextClause | None) -> None:
        self._statement = statement

    async def check(self, database: Database) -> None:
        """Run the query once to see that it works. Raises `SettingInvalid`."""
        if self._statement is None:
            return
        async with database.read() as db:
            try:
                result = await db.execute(self._statement, {"interview_id": NOBODY})
                columns = set(result.keys())
            except SQLAlchemyError as exc:
                raise SettingInvalid(
                    f"The query in {SETTING} cannot be run ({reason(exc)}); correct it."
                ) from exc
        if unknown := columns - set(Details.__struct_fields__):
            raise SettingInvalid(
                f"The query in {SETTING} has a column {min(unknown)!r}; its columns must be called"
                f" {', '.join(Details.__struct_fields__)}."
            )

    async def details(self, database: Database, interview_id: UUID) -> Details:
        """Return the interview's details; they are empty where there is no row, and where the query
        fails: an interview without a name is better than none. Raises `DatabaseUnavailable`."""
        if self._statement is None:
            return Details()
        async with database.read() as db:
            return await self._read(db, self._statement, interview_id)

    async def _read(self, db: AsyncSession, statement: TextClause, interview_id: UUID) -> Details:
        try:
            result = await db.execute(statement, {"interview_id": interview_id})
        except DBAPIError as exc:
            if exc.connection_invalidated:
                raise
            kind = type(exc.orig).__name__  # the error's text may contain values
            logger.warning("the candidate query failed for interview %s: %s", interview_id, kind)
            return Details()
        rows = result.mappings().fetchmany(2)
        if len(rows) > 1:
            logger.warning("the candidate query has several rows for interview %s", interview_id)
        if not rows:
            return Details()
        return Details(**{name: _words(rows[0].get(name)) for name in Details.__struct_fields__})


CANDIDATES = web.AppKey("CANDIDATES", CandidateQuery)


def load_query(settings: Settings) -> CandidateQuery:
    """Load the query from its file. Raises `SettingInvalid` for a file that cannot be read or does
    not hold a query of one interview."""
    if not settings.candidate_query_file:
        return CandidateQuery(None)
    try:
        written = Path(settings.candidate_query_file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingInvalid(
            f"{SETTING} cannot be read ({exc}); give a text file with the query."
        ) from exc
    statement = text(written.strip().rstrip(";"))
    parameters = set(statement.compile().params)
    if parameters != {"interview_id"}:
        odd = parameters - {"interview_id"}
        why = f"a parameter :{min(odd)}" if odd else "no parameter :interview_id"
        raise SettingInvalid(
            f"The query in {SETTING} has {why}; :interview_id is the only one that is known"
            " (a colon that belongs to a text is written \\:)."
        )
    return CandidateQuery(statement.bindparams(bindparam("interview_id", type_=Uuid())))


def _words(value: Any) -> str:
    """Turn a value of the site's tables into words: a text, a list of texts, JSON with names in
    it."""
    match value:
        case None | bool():
            return ""
        case str() if value.lstrip()[:1] in ("[", "{"):
            try:
                return _words(msgspec.json.decode(value))
            except msgspec.DecodeError:
                return value
        case str():
            return value
        case list() | tuple():
            return ", ".join(filter(None, map(_words, value)))
        case dict():
            named = (value.get(key) for key in ("name", "title", "skill"))
            return next((word for word in named if isinstance(word, str)), "")
        case _:
            return str(value)
