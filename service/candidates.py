"""Finding the interviews of one candidate."""

import unicodedata
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.plan import Plan, one_line

from .agenda import plan_of
from .tables import Interview

PAGE = 200
UNNAMED = Plan(()).candidate
"""What a plan has in the place of a name that nobody gave."""


async def interviews_of(db: AsyncSession, candidate: str) -> list[Interview]:
    """Those whose plan names this candidate, whatever the case and the spaces, and those of the
    employee with this id. Several people may have one name. The names are inside JSON, so all
    interviews are read, a page at a time."""
    wanted = _folded(candidate)
    found: list[Interview] = []
    last: UUID | None = None
    while True:
        query = select(Interview).order_by(Interview.id).limit(PAGE)
        if last is not None:
            query = query.where(Interview.id > last)
        page = list(await db.scalars(query))
        found += [row for row in page if wanted in _names(row)]
        if len(page) < PAGE:
            return found
        last = page[-1].id


def _names(interview: Interview) -> set[str]:
    """All that the candidate of an interview is called."""
    name = plan_of(interview).candidate
    names = {_folded(name)} if name != UNNAMED else set()
    return names | ({str(interview.employee_id)} if interview.employee_id else set())


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", one_line(name)).casefold()
