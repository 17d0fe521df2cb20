"""Find the interviews of one candidate."""

import unicodedata
from uuid import UUID

from sqlalchemy import select

from pipeline.interview.plan import Plan, one_line

from .agenda import plan_of
from .candidate_query import CandidateQuery
from .database import Database
from .tables import Interview

PAGE = 200
"""Interviews that are read at a time."""
UNNAMED = Plan(()).candidate
"""The placeholder that a plan has for a name that nobody gave."""


async def interviews_of(
    database: Database, query: CandidateQuery, candidate: str, *, page_size: int = PAGE
) -> list[Interview]:
    """Return the interviews of a candidate: those whose plan has this name, whatever the case and
    the spaces, those for which the operator's query returns it, and those of the employee with this
    id. Several people may have one name. The names are inside JSON, so all interviews are read, a
    page at a time.

    Raises `DatabaseUnavailable`."""
    wanted = _fold(candidate)
    found: list[Interview] = []
    last: UUID | None = None
    while True:
        rows = select(Interview).order_by(Interview.id).limit(page_size)
        if last is not None:
            rows = rows.where(Interview.id > last)
        async with database.read() as db:
            page = list(await db.scalars(rows))
        for row in page:
            details = await query.details(database, row.id)
            if wanted in _names(row, details.candidate_name):
                found.append(row)
        if len(page) < page_size:
            return found
        last = page[-1].id


def _names(interview: Interview, found: str) -> set[str]:
    """Return all names of an interview's candidate, here and in the tables of the site."""
    planned = plan_of(interview).candidate
    names = {_fold(name) for name in (planned, found) if name not in (UNNAMED, "")}
    return names | ({str(interview.employee_id)} if interview.employee_id else set())


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", one_line(name)).casefold()
