import asyncio
import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import URL, event, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from service.errors import DatabaseUnavailable, DatabaseUnreachable
from service.storage import database_engine, store
from service.storage.database import Database, Work, normalize, open_database, translate_errors
from service.storage.tables import AskedQuestion, Interview


async def pragma(database: Database, name: str) -> object:
    async with database.read() as db:
        return (await (await db.connection()).exec_driver_sql(f"PRAGMA {name}")).scalar_one()


async def test_a_commit_on_sqlite_is_on_the_disk(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        assert await pragma(database, "journal_mode") == "wal"
        assert await pragma(database, "synchronous") == 2
        assert await pragma(database, "foreign_keys") == 1
        assert await pragma(database, "busy_timeout") == 5000


async def test_a_query_that_was_broken_off_has_ended_when_the_database_is_closed(
    sqlite_url: str,
) -> None:
    def workers() -> set[threading.Thread]:
        return {each for each in threading.enumerate() if "_connection_worker" in each.name}

    slow = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000)"
    before = workers()
    async with open_database(sqlite_url) as database:

        async def count() -> None:
            async with database.read() as db:
                await db.execute(text(f"{slow} SELECT sum(x) FROM n"))

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await count()
    assert not workers() - before


async def test_two_processes_that_read_and_then_write_do_not_fail(sqlite_url: str) -> None:
    interview_id = uuid4()
    async with open_database(sqlite_url) as one, open_database(sqlite_url) as two:
        async with one.write() as db:
            db.add(Interview(id=interview_id, overall_score=0))

        async def count(database: Database) -> None:
            for _ in range(20):
                async with database.write() as db:
                    row = await store.interview(db, interview_id, lock=True)
                    assert row
                    row.overall_score = (row.overall_score or 0) + 1

        await asyncio.gather(count(one), count(two), count(one))
        async with one.read() as db:
            row = await store.interview(db, interview_id)
            assert row
            assert row.overall_score == 60


async def test_processes_that_open_a_new_file_together_all_succeed(tmp_path: Path) -> None:
    for n in range(60):
        address = normalize(f"sqlite:///{tmp_path}/{n}.db")
        together = threading.Barrier(4)

        async def first_use(address: URL) -> None:
            async with database_engine.connect(address) as engine, engine.begin():
                pass

        def process(address: URL = address, together: threading.Barrier = together) -> None:
            together.wait()
            asyncio.run(first_use(address))

        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(asyncio.to_thread(process))


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.write() as writing:
        writing.add(Interview(id=uuid4()))
        await writing.flush()
        async with asyncio.timeout(30), database.read() as reading:
            assert await store.interview(reading, uuid4()) is None


async def test_a_block_that_fails_writes_nothing(database: Database) -> None:
    interview_id = uuid4()

    async def fail() -> None:
        async with database.write() as db:
            db.add(Interview(id=interview_id))
            await db.flush()
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    async with database.read() as db:
        assert await store.interview(db, interview_id) is None


async def test_json_and_lists_come_back_as_they_were(database: Database) -> None:
    interview_id = uuid4()
    agenda = {"ü": [1, 2.5, None, True, {"a": ""}]}
    async with database.write() as db:
        db.add(Interview(id=interview_id, agenda=agenda, strengths=["a, b", "{c}", 'd"']))
        await db.flush()
        db.add(AskedQuestion(interview_session_id=interview_id, question_text="a\x00b"))
    async with database.read() as db:
        row = await store.interview(db, interview_id)
        assert row
        assert (row.agenda, row.strengths, row.skill_scores) == (
            agenda,
            ["a, b", "{c}", 'd"'],
            None,
        )
        assert row.created_at.utcoffset() is not None
        assert [q.question_text for q in await store.questions(db, interview_id)] == ["ab"]


async def test_text_with_nul_in_json_is_stored_without_it(database: Database) -> None:
    interview_id = uuid4()
    async with database.write() as db:
        db.add(Interview(id=interview_id, agenda=["a\x00b\\u0000", {"\x00k": UUID(int=1)}]))
    async with database.read() as db:
        row = await store.interview(db, interview_id)
        assert row
        assert row.agenda == ["ab\\u0000", {"k": str(UUID(int=1))}]


async def test_opening_a_database_again_keeps_what_is_in_it(database_url: str) -> None:
    interview_id = uuid4()
    for times in range(2):
        async with open_database(database_url) as database, database.write() as db:
            assert (await store.interview(db, interview_id) is not None) is bool(times)
            if not times:
                db.add(Interview(id=interview_id))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:secret@127.0.0.1:1/name",
        "postgresql+asyncpg://user:secret@no-such-host.invalid/name",
        "sqlite:////proc/no.db",
        "sqlite:////proc/no/no.db",
        "mysql://user:secret@host/name",
        "://",
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_sentence_without_the_password(
    url: str,
) -> None:
    with pytest.raises(DatabaseUnreachable) as refused:
        async with open_database(url):
            pass
    text = str(refused.value)
    assert "VIVAVOCE_DATABASE_URL" in text
    assert "\n" not in text
    assert "secret" not in text


async def test_a_wrong_database_name_is_said(postgres: str) -> None:
    with pytest.raises(DatabaseUnreachable, match="does not exist"):
        async with open_database(postgres.format(name="nothing")):
            pass


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite"),
        ("postgres://h/n", "postgresql+asyncpg"),
        ("postgresql://h/n", "postgresql+asyncpg"),
        ("postgresql+psycopg://h/n", "postgresql+asyncpg"),
    ],
)
def test_usual_urls_get_the_driver_that_is_here(url: str, driver: str) -> None:
    assert normalize(url).drivername == driver


def test_a_password_with_an_at_sign_is_explained_and_not_shown() -> None:
    with pytest.raises(DatabaseUnreachable, match=r"as %40") as refused:
        normalize("postgresql+asyncpg://u:secret@word@localhost/n")
    assert "word@" not in str(refused.value)
    assert normalize("postgresql+asyncpg://u:secret%40word@localhost/n").host == "localhost"


async def test_writers_that_come_together_share_a_commit(database: Database) -> None:
    commits = 0

    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    event.listen(database._engine.sync_engine, "commit", count)
    ids = [uuid4() for _ in range(50)]

    def adding(interview_id: UUID) -> Work:
        async def work(db: AsyncSession) -> None:
            db.add(Interview(id=interview_id))

        return work

    async with asyncio.TaskGroup() as tasks:
        for interview_id in ids:
            tasks.create_task(database.together(adding(interview_id)))
    async with database.read() as db:
        there = set(await db.scalars(select(Interview.id)))
    assert set(ids) <= there
    assert commits <= 5


async def test_what_is_said_is_written_before_what_nobody_waits_for(sqlite_url: str) -> None:
    written: list[str] = []

    async def lock(database: Database) -> None:
        async with database.write():
            await asyncio.sleep(0)
        written.append("unhurried")

    async def say(database: Database) -> None:
        async def nothing(_: AsyncSession) -> None: ...

        await asyncio.sleep(0)  # when all the others wait already
        await database.together(nothing)
        written.append("said")

    async with open_database(sqlite_url) as database, asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(lock(database))
        group.create_task(say(database))
    assert written.index("said") <= 2
    assert len(written) == 21


async def test_of_writers_that_share_a_commit_only_the_wrong_one_fails(
    database: Database,
) -> None:
    twice = uuid4()

    async def good(db: AsyncSession) -> None:
        db.add(Interview(id=uuid4()))
        await db.flush()

    async def bad(db: AsyncSession) -> None:
        await db.execute(insert(Interview), [{"id": twice}, {"id": twice}])

    results = await asyncio.gather(
        *(database.together(work) for work in (good, good, bad, good)), return_exceptions=True
    )
    assert [type(result) for result in results[:2]] == [type(None)] * 2
    assert isinstance(results[2], IntegrityError)
    assert results[3] is None
    async with database.read() as db:
        assert len(list(await db.scalars(select(Interview)))) == 3


async def test_a_writer_that_is_cancelled_leaves_the_others_an_answer(database: Database) -> None:
    entered = asyncio.Event()

    async def slow(db: AsyncSession) -> None:
        entered.set()
        await asyncio.Event().wait()

    async def quick(db: AsyncSession) -> None:
        db.add(Interview(id=uuid4()))

    async with asyncio.TaskGroup() as tasks:
        leader = tasks.create_task(database.together(slow))
        await entered.wait()
        follower = tasks.create_task(database.together(quick))
        await asyncio.sleep(0)
        leader.cancel()
    assert follower.done()
    assert follower.exception() is None


async def test_a_task_that_is_cancelled_at_any_moment_leaves_nothing_open_and_no_complaint(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with database.write() as db:
            db.add(Interview(id=uuid4()))
        async with database.read() as db:
            await db.scalar(select(Interview.id).limit(1))

    await work()
    for moment in range(60):
        task = asyncio.create_task(work())
        await asyncio.sleep(moment * 0.0001)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await work()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_rewritten_file_has_nothing_of_what_was_ever_deleted(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with open_database(f"sqlite:///{path}") as database:
        async with database.write() as db:
            db.add_all(Interview(interview_notes="cottongrass " * 50) for _ in range(20))
        with sqlite3.connect(path) as older:  # a version that did not overwrite
            older.execute("PRAGMA secure_delete=OFF")
            older.execute("DELETE FROM interview_sessions")
        older.close()
        files = [path, path.with_name("test.db-wal")]
        assert any(b"cottongrass" in each.read_bytes() for each in files)
        await database.rewrite()
        assert not any(b"cottongrass" in each.read_bytes() for each in files)


async def test_a_reader_that_keeps_the_log_in_use_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    async with open_database(f"sqlite:///{path}", busy_ms=50) as database:
        with sqlite3.connect(path) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM interview_sessions").fetchall()
            with pytest.raises(DatabaseUnavailable):
                await database.rewrite()
        reader.close()
        await database.rewrite()


async def test_a_task_that_is_cancelled_in_a_query_ends_also_where_the_driver_loses_that() -> None:
    begun = asyncio.Event()

    async def sweeping() -> None:
        # as what runs for ever does
        with contextlib.suppress(DatabaseUnavailable), translate_errors():
            try:
                begun.set()
                await asyncio.Event().wait()
            finally:
                raise ConnectionError("another operation is in progress")
        await asyncio.Event().wait()

    task = asyncio.create_task(sweeping())
    await begun.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()


async def test_writers_in_line_for_a_file_that_another_process_locks_wait_no_longer_than_one(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []
    connection = AsyncSession.connection

    async def noting(self: AsyncSession, **given: Any) -> Any:
        waited.append(given["execution_options"].get(database_engine.PATIENCE, 0))
        return await connection(self, **given)

    async def nothing(db: AsyncSession) -> None:
        await db.execute(text("UPDATE interview_sessions SET status = status"))

    async def alone(database: Database) -> None:
        async with database.write() as db:
            await nothing(db)

    async with open_database(sqlite_url, busy_ms=200) as database:
        monkeypatch.setattr(AsyncSession, "connection", noting)
        with contextlib.closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            works = [alone(database) for _ in range(5)]
            works += [database.together(nothing) for _ in range(5)]
            outcomes = await asyncio.gather(*works, return_exceptions=True)
            assert [type(each) for each in outcomes] == [DatabaseUnavailable] * 10
            assert sum(waited) < 2 * 200
            waited.clear()
            with pytest.raises(DatabaseUnavailable):
                await alone(database)
            (again,) = waited
            assert 100 < again <= 200  # who comes now tries again
            other.execute("ROLLBACK")
        await asyncio.gather(*(alone(database) for _ in range(5)), database.together(nothing))


async def test_a_locked_file_is_waited_for_as_long_as_is_documented(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        with contextlib.closing(sqlite3.connect(sqlite_url.partition(":///")[2])) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseUnavailable):
                await database.prove(0.05)
            other.execute("ROLLBACK")
        await database.prove(0.05)
        async with database.write() as db:
            assert await db.scalar(text("PRAGMA busy_timeout")) == database_engine.BUSY_MS
