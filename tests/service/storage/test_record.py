import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError

from pipeline.errors import RecordTaken, RecordUnavailable
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    Disconnected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
)
from service.storage import store
from service.storage.database import Database, open_database, translate_errors
from service.storage.record import StoredRecord
from service.storage.tables import Interview

EVERYTHING: tuple[AnyEntry, ...] = (
    Connected(0),
    ReplyPlanned(5, "r1", "i1", "ask", "Next: …", 2),
    ClauseSaid(6, "r1", "Guten Tag, Frau Łukasz. 你好"),
    ReplyEnded(900, "r1", "cancelled", "Guten", "Tag"),
    CandidateSpoke(1900, "i2", "hm\x00m", 1000, 1800, confidence=0.5),
    InterviewEnded(2000, "done"),
    Disconnected(2100),
)


async def an_interview(database: Database) -> UUID:
    interview_id = uuid4()
    async with database.write() as db:
        db.add(Interview(id=interview_id))
    return interview_id


async def entries(database: Database, session_id: UUID) -> list[AnyEntry]:
    async with database.read() as db:
        return [entry for _, entry in await store.entries(db, session_id)]


async def seqs(database: Database, session_id: UUID) -> list[int]:
    async with database.read() as db:
        return [event.seq for event in await store.events(db, session_id)]


class Flaky(Database):
    """A database of which the next commit reaches the disk, or not, before the line breaks."""

    def __init__(self, sound: Database, breaks: str) -> None:
        super().__init__(sound._engine)
        self._sound = sound
        self._breaks = breaks

    def read(self) -> Any:
        return self._sound.read()

    @asynccontextmanager
    async def write_now(self, *given: Any, **named: Any) -> AsyncIterator[Any]:
        with translate_errors():
            breaks, self._breaks = self._breaks, ""
            async with self._sound.write_now(*given, **named) as db:
                yield db
                if breaks == "before":
                    raise OperationalError("", {}, Exception("gone"))
            if breaks == "after":
                raise OperationalError("", {}, Exception("gone"))


async def broken(database: Database, breaks: str, *entries: AnyEntry) -> tuple[UUID, StoredRecord]:
    """A session, and its record after the line broke `before` or `after` the commit of these."""
    session_id = await an_interview(database)
    record = StoredRecord(Flaky(database, breaks), session_id, 0)
    with pytest.raises(RecordUnavailable):
        await record.append(*entries)
    return session_id, record


async def test_every_kind_of_entry_comes_back_as_it_was(database: Database) -> None:
    session_id = await an_interview(database)
    await StoredRecord(database, session_id, 0).append(*EVERYTHING)
    assert await entries(database, session_id) == list(EVERYTHING)


async def test_entries_are_numbered_without_gaps_by_calls_at_once(database: Database) -> None:
    session_id = await an_interview(database)
    record = StoredRecord(database, session_id, 0)
    await asyncio.gather(*(record.append(Connected(n), Connected(n)) for n in range(10)))
    assert await seqs(database, session_id) == list(range(1, 21))
    assert [e.at_ms for e in await entries(database, session_id)] == [n // 2 for n in range(20)]


async def test_two_sessions_do_not_mix(database: Database) -> None:
    first, second = await an_interview(database), await an_interview(database)
    records = [StoredRecord(database, session, 0) for session in (first, second)]
    await asyncio.gather(*(record.append(Connected(n)) for record in records for n in range(5)))
    assert await seqs(database, first) == await seqs(database, second) == [1, 2, 3, 4, 5]


async def test_a_second_writer_is_refused_and_writes_nothing(database: Database) -> None:
    session_id = await an_interview(database)
    older, newer = (StoredRecord(database, session_id, 0) for _ in range(2))
    await newer.append(Connected(1))
    for _ in range(2):
        with pytest.raises(RecordTaken):
            await older.append(Connected(2), Disconnected(3))
    await newer.append(Disconnected(4))
    assert [entry.at_ms for entry in await entries(database, session_id)] == [1, 4]


async def test_all_entries_of_a_call_are_written_or_none(database: Database) -> None:
    session_id, record = await broken(database, "before", Connected(1), Disconnected(2))
    assert await entries(database, session_id) == []
    await record.append(Connected(1), Disconnected(2))
    assert await seqs(database, session_id) == [1, 2]


async def test_a_commit_of_which_the_answer_was_lost_is_not_repeated(database: Database) -> None:
    session_id, record = await broken(database, "after", Connected(1))
    await record.append(Connected(1))
    await record.append(Disconnected(2))
    assert await entries(database, session_id) == [Connected(1), Disconnected(2)]


async def test_other_entries_after_a_lost_answer_follow_what_was_written(
    database: Database,
) -> None:
    session_id, record = await broken(database, "after", Connected(1))
    await record.append(Disconnected(2))
    assert await entries(database, session_id) == [Connected(1), Disconnected(2)]


async def test_a_cancelled_append_leaves_the_record_whole(database: Database) -> None:
    session_id = await an_interview(database)
    record = StoredRecord(database, session_id, 0)
    for n in range(20):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(record.append(ClauseSaid(n, "r", "x")))
            for _ in range(n):
                await asyncio.sleep(0)
            task.cancel()
    await record.append(Disconnected(99))
    found = await entries(database, session_id)
    assert await seqs(database, session_id) == list(range(1, len(found) + 1))
    times = [entry.at_ms for entry in found]
    assert times == sorted(set(times))
    assert times[-1] == 99


async def test_a_record_goes_on_where_an_earlier_one_ended(database: Database) -> None:
    session_id = await an_interview(database)
    await StoredRecord(database, session_id, 0).append(Connected(1), Disconnected(2))
    await StoredRecord(database, session_id, 2).append(Connected(3))
    assert await seqs(database, session_id) == [1, 2, 3]


async def test_a_full_disk_is_said_and_costs_nothing_that_was_written(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        session_id = await an_interview(database)
        record = StoredRecord(database, session_id, 0)
        await record.append(Connected(1))
        async with database.write() as db:
            connection = await db.connection()
            pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
            await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        large = ClauseSaid(2, "r", "x" * 100_000)
        with pytest.raises(RecordUnavailable):
            await record.append(large)
        async with database.write() as db:
            await (await db.connection()).exec_driver_sql("PRAGMA max_page_count=1000000")
        await record.append(large)
        assert await entries(database, session_id) == [Connected(1), large]
