"""After an erasure nothing of an interview can be read any more, wherever it was."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from models import fake
from pipeline.journal import AnyEntry
from service.errors import (
    DatabaseUnavailable,
    InterviewInProgress,
    InterviewUnknown,
    RecordingsUnavailable,
)
from service.privacy import erasure
from service.privacy.erasure import FILE, KEPT, OF_POSTGRES, Receipt
from service.recording import recordings
from service.storage import store
from service.storage.database import DATABASE, Database
from service.storage.tables import (
    AuditEntry,
    Base,
    ClientConnection,
    Interview,
    KeptPlan,
    TurnEvent,
)

from ..altered import altered
from ..conftest import Client, Serve
from ..held import ENTRIES, SAID, CountingLlm, held

NAME = "Wilhelmina Querfurth"
WORD = "cottongrass"
"""Nobody else in the database is called or says this."""
OTHER = "bogmyrtle"


async def call(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as response:
        return response.status, await response.json()


async def interviewed(client: Client, name: str, word: str) -> str:
    """An interview with something in every table and a recording; returns its id."""
    wanted = {
        "candidate": name,
        "candidate_summary": f"Wrote {word} down.",
        "questions": ["Why?", "How?"],
    }
    _, made = await call(client, "POST", "/interviews", wanted)
    interview_id: str = made["interview_id"]
    consent = {"given": True, "text": f"I, {name}, agree."}
    body = {"interview_id": interview_id, "consent": consent}
    assert (await call(client, "POST", "/start-database-interview", body))[0] == 200
    async with client.app[DATABASE].write() as db:
        await store.mark_started(db, UUID(interview_id))
        db.add(KeptPlan(interview_session_id=UUID(interview_id), plan=made["plan"]))
        db.add(ClientConnection(interview_session_id=UUID(interview_id), user_agent=word))
        await store.append(db, UUID(interview_id), 0, saying(f"{SAID} It was {word}. " * 200))
    log: list[Any] = [{"type": "note", "timestamp": "2026-01-01T00:00:00Z", "data": {"text": word}}]
    body = {"interviewId": interview_id, "transcript": log}
    assert (await call(client, "POST", "/finalize-interview", body))[0] == 200
    judgement = {"score": 1, "reason": f"No {word}.", "by": "b"}
    assert (await call(client, "PUT", f"/interviews/{interview_id}/scores/0", judgement))[0] == 200
    _, path = recordings.reserve(folder(client), UUID(interview_id))
    path.write_bytes(word.encode())
    return interview_id


def saying(words: str) -> tuple[AnyEntry, ...]:
    """The usual entries with these words in the place of the answer."""
    raw = msgspec.json.encode(ENTRIES).replace(SAID.encode(), words.encode())
    return msgspec.json.decode(raw, type=tuple[AnyEntry, ...])


def folder(client: Client) -> Path:
    return client.app_folder  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
async def client(serve: Serve, database_url: str, tmp_path: Path) -> Client:
    engines = fake.engines(llm=CountingLlm())
    made = await serve(engines, database_url=database_url, recordings_dir=tmp_path / "recordings")
    made.app_folder = tmp_path / "recordings"  # type: ignore[attr-defined]
    return made


def contents(folder: Path, pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob(pattern)]


async def everything(database: Database, folder: Path) -> str:
    """All that is stored: SQLite's files as they are on the disk, every row of every table of
    Postgres, every recording."""
    parts = contents(folder, "*/*")
    async with database.read() as db:
        if database.is_file:
            files = text("SELECT file FROM pragma_database_list WHERE name = 'main'")
            path = Path(await db.scalar(files) or "")
            parts += contents(path.parent, f"{path.name}*")
        else:
            tables = await db.execute(
                text(
                    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
                )
            )
            for (table,) in tables.all():
                for (row,) in await db.execute(text(f"SELECT t::text FROM {table} t")):
                    parts.append(row.encode())
    return b"\n".join(parts).decode("latin-1")


async def test_neither_words_nor_name_are_anywhere_after_it(client: Client) -> None:
    database = client.app[DATABASE]
    ids = [await interviewed(client, *who) for who in [(NAME, WORD), ("Ana Silva", OTHER)] * 3]
    before = await everything(database, folder(client))
    assert all(each in before for each in (NAME, WORD, "Ana Silva", OTHER))
    for interview_id in ids[::2]:
        assert (await call(client, "DELETE", f"/interviews/{interview_id}"))[0] == 200
    after = await everything(database, folder(client))
    assert NAME not in after
    assert WORD not in after
    assert after.count("Ana Silva") >= 3
    assert OTHER in after


async def test_every_table_loses_its_rows_and_the_receipt_counts_them(client: Client) -> None:
    interview_id = await interviewed(client, NAME, WORD)
    database = client.app[DATABASE]
    there = await erasure.preview(database, folder(client), UUID(interview_id))
    status, answer = await call(client, "DELETE", f"/interviews/{interview_id}")
    receipt = msgspec.convert(answer["receipt"], Receipt)
    assert (status, receipt.by, len(receipt.interviews)) == (200, "loopback", 1)
    assert receipt.interviews == [there]
    of_processes = {"replicas", "session_holds", "orphan_sightings", "cluster_settings"}
    kept = {"audit_log", "audit_retention"} | of_processes
    assert set(there.rows) == set(Base.metadata.tables) - kept
    empty = {table for table, count in there.rows.items() if count == 0}
    assert empty <= {"retention_deletions"}
    assert [(file.name, file.size_bytes) for file in there.files] == [
        (f"{interview_id}/1.ogg", len(WORD))
    ]
    async with database.read() as db:
        for name in there.rows:
            table = Base.metadata.tables[name]
            assert await db.scalar(select(func.count()).select_from(table)) == 0, name


async def test_the_receipt_is_signed_by_its_content_and_names_nobody(client: Client) -> None:
    interview_id = await interviewed(client, NAME, WORD)
    _, answer = await call(client, "DELETE", f"/interviews/{interview_id}")
    receipt = answer["receipt"]
    given = receipt.pop("sha256")
    content = json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert given == hashlib.sha256(content.encode()).hexdigest()
    assert NAME not in content
    assert WORD not in content
    async with client.app[DATABASE].read() as db:
        entry = (await db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()))).first()
    assert entry is not None
    assert (entry.action, entry.detail) == (
        "delete interview",
        f"receipt {receipt['receipt_id']}",
    )


async def test_what_stays_with_postgres_is_said(client: Client) -> None:
    interview_id = await interviewed(client, NAME, WORD)
    _, answer = await call(client, "DELETE", f"/interviews/{interview_id}")
    told = set(OF_POSTGRES) & set(answer["receipt"]["not_reached"])
    assert told == (set() if client.app[DATABASE].is_file else set(OF_POSTGRES))


async def test_what_may_be_going_on_elsewhere_is_left_whole(
    database: Database, tmp_path: Path
) -> None:
    quiet, live = await held(database), await held(database)
    async with database.write() as db:
        old = (await db.scalars(select(TurnEvent).where(TurnEvent.session_id == quiet))).all()
        for entry in old:
            entry.created_at -= timedelta(hours=1)
    minutes = timedelta(minutes=12)
    with pytest.raises(InterviewInProgress):
        await erasure.erase(database, tmp_path, [quiet, live], "os:me", quiet=minutes)
    async with database.read() as db:
        assert await store.interview(db, quiet)
    await erasure.erase(database, tmp_path, [quiet], "os:me", quiet=minutes)
    async with database.read() as db:
        assert await store.interview(db, quiet) is None


async def test_one_that_goes_on_while_its_recordings_are_deleted_is_not_erased(
    database: Database, tmp_path: Path
) -> None:
    interview_id = await held(database, ())

    @asynccontextmanager
    async def write() -> AsyncIterator[AsyncSession]:
        async with database.write() as db:  # it has answered meanwhile
            await store.append(db, interview_id, 0, ENTRIES[:1])
        async with database.write() as db:
            yield db

    late, quiet = altered(database, write=write), timedelta(minutes=9)
    with pytest.raises(InterviewInProgress):
        await erasure.erase(late, tmp_path, [interview_id], "os:me", quiet=quiet)
    async with database.read() as db:
        assert await store.interview(db, interview_id)


async def test_one_that_is_not_there_is_unknown(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InterviewUnknown):
        await erasure.erase(database, tmp_path, [uuid4()], "os:me")


async def test_a_recording_that_cannot_be_deleted_keeps_its_interview_and_no_other(
    database: Database, tmp_path: Path
) -> None:
    good, bad = await held(database), await held(database)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / str(bad)).symlink_to(tmp_path / "elsewhere")  # is not deleted like a folder
    with pytest.raises(RecordingsUnavailable):
        await erasure.erase(database, tmp_path, [bad, good], "os:me")
    receipt = await erasure.erase(database, tmp_path, [good, bad], "os:me")
    assert [each.interview_id for each in receipt.interviews] == [good]
    assert any(str(bad) in each for each in receipt.not_reached)
    async with database.read() as db:
        assert await store.interview(db, bad)


async def test_a_file_that_cannot_be_written_anew_is_said(
    database: Database, tmp_path: Path
) -> None:
    async def full() -> None:
        raise DatabaseUnavailable("full")

    full_disk = altered(database, rewrite=full)
    receipt = await erasure.erase(full_disk, tmp_path, [await held(database)], "os:me")
    assert FILE in receipt.not_reached


async def test_a_row_that_something_of_the_products_holds_on_to_is_emptied(
    database: Database, tmp_path: Path
) -> None:
    interview_id = await held(database)
    async with database.write() as db:
        await db.execute(
            text("CREATE TABLE application (session_id UUID REFERENCES interview_sessions (id))")
        )
        bound = interview_id.hex if database.is_file else interview_id
        await db.execute(text("INSERT INTO application VALUES (:id)"), {"id": bound})
    receipt = await erasure.erase(database, tmp_path, [interview_id], "os:me")
    assert receipt.interviews[0].not_reached == [KEPT.format("interview_sessions")]
    assert receipt.interviews[0].rows["interview_sessions"] == 0
    async with database.read() as db:
        row = await db.get(Interview, interview_id)
    assert row is not None
    assert (row.agenda, row.transcript) == (None, None)
