from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from service.errors import SettingInvalid
from service.settings import Settings
from service.storage.candidate_query import CandidateQuery, Details, load_query
from service.storage.database import Database

FROM = "FROM candidates WHERE interview = :interview_id"


@pytest.fixture
def query(tmp_path: Path) -> Callable[[str], CandidateQuery]:
    def make(written: str) -> CandidateQuery:
        file = tmp_path / "candidate.sql"
        file.write_text(written)
        return load_query(Settings(candidate_query_file=str(file)))

    return make


Query = Callable[[str], CandidateQuery]
Add = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def add(database: Database) -> Add:
    """A row of the site's own."""
    async with database.write() as db:
        kind = "uuid" if db.get_bind().dialect.name == "postgresql" else "text"
        made = f"CREATE TABLE candidates (interview {kind}, name text, skills text, age integer)"
        await db.execute(text(made))

    async def row(name: str | None, skills: str | None = None, **more: Any) -> UUID:
        interview_id: UUID = more.get("interview_id") or uuid4()
        async with database.write() as db:
            given = {
                "interview": interview_id if kind == "uuid" else interview_id.hex,
                "name": name,
                "skills": skills,
            }
            insert = "INSERT INTO candidates VALUES (:interview, :name, :skills, 7)"
            await db.execute(text(insert), given)
        return interview_id

    return row


async def test_what_the_query_returns_is_known(database: Database, add: Add, query: Query) -> None:
    interview_id = await add("Maria Lopez", '[{"name": "SQL"}, "Python", 3, null]')
    await add("Somebody Else")
    looked = query(
        f"SELECT name AS candidate_name, skills AS candidate_skills, age AS job_title {FROM};\n"
    )
    await looked.check(database)
    assert await looked.details(database, interview_id) == Details(
        candidate_name="Maria Lopez", candidate_skills="SQL, Python, 3", job_title="7"
    )


async def test_who_is_not_there_and_what_is_null_is_not_known(
    database: Database, add: Add, query: Query
) -> None:
    looked = query(f"SELECT name AS candidate_name {FROM}")
    assert await looked.details(database, await add(None)) == Details()
    assert await looked.details(database, uuid4()) == Details()
    assert await CandidateQuery(None).details(database, uuid4()) == Details()


async def test_of_several_rows_the_first_counts_and_the_log_says_so(
    database: Database, add: Add, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    interview_id = await add("Maria")
    await add("Maria", interview_id=interview_id)
    looked = query(f"SELECT name AS candidate_name {FROM}")
    assert (await looked.details(database, interview_id)).candidate_name == "Maria"
    assert "several rows" in caplog.text
    assert "Maria" not in caplog.text


async def test_a_query_that_fails_later_costs_the_name_and_not_the_interview(
    database: Database, add: Add, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    interview_id = await add("Maria")
    looked = query(f"SELECT name AS candidate_name {FROM}")
    async with database.write() as db:
        await db.execute(text("ALTER TABLE candidates RENAME TO people"))
    assert await looked.details(database, interview_id) == Details()
    assert f"failed for interview {interview_id}" in caplog.text


async def test_what_a_query_changes_is_not_kept(database: Database, add: Add, query: Query) -> None:
    interview_id = await add("Maria")
    await query(f"DELETE {FROM} RETURNING name AS candidate_name").details(database, interview_id)
    looked = query(f"SELECT name AS candidate_name {FROM}")
    assert (await looked.details(database, interview_id)).candidate_name == "Maria"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (f"SELECT name {FROM}", "has a column 'name'; its columns must be called candidate_name,"),
        (f"SELECT nothing AS job_title {FROM}", "cannot be run (.*nothing"),
        (f"SELEKT 1 {FROM}", "cannot be run (.*"),
        (f"DELETE {FROM}", "cannot be run (.*rows"),
        ("SELECT name AS job_title FROM candidates", "has no parameter :interview_id"),
        (f"SELECT ':title' AS job_title {FROM}", "has a parameter :title"),
    ],
)
async def test_a_query_that_is_no_good_is_one_sentence_at_the_start(
    database: Database, add: Add, query: Query, written: str, told: str
) -> None:
    with pytest.raises(SettingInvalid, match=told.replace("(", r"\(")) as refused:
        await query(written).check(database)
    assert "VIVAVOCE_CANDIDATE_QUERY_FILE" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_is_no_text_is_said(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "candidate.sql"
    if content:
        file.write_bytes(content)
    with pytest.raises(SettingInvalid, match="VIVAVOCE_CANDIDATE_QUERY_FILE cannot be read"):
        load_query(Settings(candidate_query_file=str(file)))
