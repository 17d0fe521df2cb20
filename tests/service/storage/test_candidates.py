"""Whose interview is whose: by the name in the plan, in the site's tables, or an employee's id."""

from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import text

from pipeline.interview.plan import Plan, Question
from service.settings import Settings
from service.storage import candidate_query
from service.storage.agenda import to_agenda
from service.storage.candidate_query import CandidateQuery
from service.storage.candidates import interviews_of
from service.storage.database import Database
from service.storage.tables import Interview, KeptPlan

NOBODY = CandidateQuery(None)
PLAN = Plan((Question("Why?"),), candidate="José  Müller")


async def made(database: Database, **given: object) -> UUID:
    interview = Interview(id=uuid4(), **given)
    async with database.write() as db:
        db.add(interview)
    return interview.id


async def found(database: Database, candidate: str, query: CandidateQuery = NOBODY) -> set[UUID]:
    return {row.id for row in await interviews_of(database, query, candidate)}


@pytest.mark.parametrize("name", ["José Müller", " jose\u0301 MU\u0308LLER ", "josé\nmüller"])
async def test_a_name_is_found_whatever_its_case_and_spaces(database: Database, name: str) -> None:
    interview_id = await made(database, agenda=to_agenda(PLAN))
    assert await found(database, name) == {interview_id}


@pytest.mark.parametrize("name", ["José", "Müller", "Jose Muller", "José Müller Jr", ""])
async def test_nothing_but_the_whole_name_is_a_name(database: Database, name: str) -> None:
    await made(database, agenda=to_agenda(PLAN))
    assert await found(database, name) == set()


@pytest.mark.parametrize("name", ["the candidate", "Candidate", ""])
async def test_whoever_has_no_name_is_not_found_by_what_stands_for_it(
    database: Database, name: str
) -> None:
    await made(database)
    await made(database, agenda=to_agenda(Plan((Question("Why?"),))))
    assert await found(database, name) == set()


async def test_the_kept_plan_counts_and_the_employees_id(database: Database) -> None:
    employee = uuid4()
    by_plan = await made(database)
    async with database.write() as db:
        db.add(KeptPlan(interview_session_id=by_plan, plan=msgspec.to_builtins(PLAN)))
    by_id = await made(database, employee_id=employee)
    assert await found(database, "José Müller") == {by_plan}
    assert await found(database, str(employee).upper()) == {by_id}


async def test_the_name_may_be_in_the_sites_own_tables(database: Database, tmp_path: Path) -> None:
    interview_id = await made(database)
    await made(database)
    async with database.write() as db:
        await db.execute(text("CREATE TABLE person (interview UUID, name TEXT)"))
        bound = interview_id.hex if database.is_file else interview_id
        statement = text("INSERT INTO person VALUES (:id, 'Ana Silva')")
        await db.execute(statement, {"id": bound})
    file = tmp_path / "query.sql"
    file.write_text("SELECT name AS candidate_name FROM person WHERE interview = :interview_id")
    query = candidate_query.load_query(Settings(candidate_query_file=str(file)))
    assert await found(database, "ana silva", query) == {interview_id}


async def test_all_pages_are_looked_through(database: Database) -> None:
    ids = {await made(database, agenda=to_agenda(PLAN)) for _ in range(4)}
    rows = await interviews_of(database, NOBODY, PLAN.candidate, page_size=2)
    assert {row.id for row in rows} == ids
