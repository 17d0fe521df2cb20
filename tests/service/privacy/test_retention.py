"""What has been kept long enough goes, and nothing else; who reads it then is told."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from models import fake
from pipeline.assessment.judgement import AnswerAssessment
from pipeline.assessment.opinion import Verdict
from service.admission.admission import Admission
from service.errors import DatabaseUnavailable, RecordingsUnavailable
from service.privacy import retention, sweep
from service.privacy.retention import DataClass
from service.privacy.sweep import Days, Sweeper
from service.recording import recordings
from service.settings import Settings
from service.storage import store
from service.storage.database import DATABASE, Database
from service.storage.tables import (
    AuditEntry,
    AuditRetention,
    Base,
    ClientLog,
    Interview,
    ScoreOverride,
    TurnEvent,
    utc_now,
)

from ..altered import altered
from ..conftest import Client, Serve
from ..held import ENTRIES, SAID, CountingLlm, held
from ..mistaken import goes_on

MONTH = Days({"audio": 30, "transcript": 30, "assessment": 30}, audit_log=30)


async def call(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as response:
        return response.status, await response.json()


async def assessed(client: Client) -> UUID:
    """An interview that is completed, with an override and a log of its client's."""
    interview_id = await held(client.app[DATABASE])
    log = [{"type": "note", "timestamp": "2026-01-01T00:00:00Z", "data": {"text": SAID}}]
    body = {"interviewId": str(interview_id), "transcript": log}
    assert (await call(client, "POST", "/finalize-interview", body))[0] == 200
    judgement = {"score": 1, "reason": "r", "by": "b"}
    assert (await call(client, "PUT", f"/interviews/{interview_id}/scores/0", judgement))[0] == 200
    return interview_id


@pytest.fixture
async def client(serve: Serve, database_url: str) -> Client:
    return await serve(fake.engines(llm=CountingLlm()), database_url=database_url)


def sweeper(
    database: Database, days: Days, folder: Path = Path("nowhere"), **batches: int
) -> Sweeper:
    return Sweeper(database, Admission(4, 120.0), days, folder, **batches)


async def swept(client: Client, after_days: int, *classes: DataClass) -> None:
    """Let so many days pass, and delete what is older than a month."""
    days = Days(dict.fromkeys(classes, 30))
    await sweeper(client.app[DATABASE], days).sweep(utc_now() + timedelta(days=after_days))


async def words_in(database: Database, word: str) -> set[str]:
    """The tables that have this word somewhere."""
    found = set()
    async with database.read() as db:
        for name, table in Base.metadata.tables.items():
            for row in await db.execute(select(table)):
                if word in msgspec.json.encode(list(row), enc_hook=str).decode():
                    found.add(name)
    return found


async def test_a_transcript_goes_from_every_table_and_the_scores_stay(client: Client) -> None:
    interview_id = await assessed(client)
    await swept(client, 31, "transcript")
    assert await words_in(client.app[DATABASE], "like to help people") == set()
    async with client.app[DATABASE].read() as db:
        row = await db.get(Interview, interview_id)
        questions = await store.questions(db, interview_id)
        for table in (TurnEvent, ClientLog):
            assert await db.scalar(select(func.count()).select_from(table)) == 0
    assert row is not None
    assert (row.transcript, row.overall_score) == (None, 80)
    assert [each.response_score for each in questions] == [80, None]
    assert row.ai_analysis is not None
    assert row.ai_analysis["answers"][0]["strengths"] == ["clear"]


async def test_an_assessment_goes_whole_and_the_transcript_stays(client: Client) -> None:
    interview_id = await assessed(client)
    await swept(client, 31, "assessment")
    async with client.app[DATABASE].read() as db:
        row = await db.get(Interview, interview_id)
        questions = await store.questions(db, interview_id)
        assert await db.scalar(select(func.count()).select_from(ScoreOverride)) == 0
        assert len(await store.events(db, interview_id)) == len(ENTRIES)
    assert row is not None
    gone = (row.ai_analysis, row.overall_score, row.skill_scores, row.strengths)
    assert gone == (None, None, None, None)
    assert [(each.response_score, each.response_analysis) for each in questions] == [
        (None,) * 2
    ] * 2
    assert questions[0].employee_response == SAID
    assert "like to help" in str(row.transcript)


async def test_what_is_younger_stays(client: Client) -> None:
    await assessed(client)
    before = await words_in(client.app[DATABASE], "like to help people")
    await swept(client, 29, "transcript", "assessment")
    assert await words_in(client.app[DATABASE], "like to help people") == before
    assert {"turn_events", "client_logs", "interview_sessions", "interview_questions"} <= before


async def test_where_it_was_a_sentence_says_when_it_was_deleted(client: Client) -> None:
    interview_id = await assessed(client)
    await swept(client, 31, "transcript", "assessment")
    now = utc_now()
    day = f"{now.day} {now:%B %Y}"
    transcript, assessment = (
        f"The {what} was deleted on {day} by retention." for what in ("transcript", "assessment")
    )
    for path in (
        f"/session/{interview_id}/transcript",
        f"/interview/{interview_id}/live-transcript",
    ):
        status, answer = await call(client, "GET", path)
        (line,) = answer["live_transcript"]
        assert (status, line["speaker"], line["content"]) == (200, "system", transcript)
        assert set(answer["deleted"]) == {"transcript", "assessment"}
    body = {"interviewId": str(interview_id)}
    _, report = await call(client, "POST", "/get-interview-report", body)
    assert (report["ai_summary"], report["ai_score"]) == (assessment, None)
    assert report["transcript"][0]["content"] == transcript
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
    assert transcript in page
    assert assessment in page
    _, shown = await call(client, "GET", f"/interviews/{interview_id}")
    assert set(shown["deleted"]) == {"transcript", "assessment"}
    _, export = await call(client, "GET", f"/interviews/{interview_id}/export.json")
    assert (set(export["deleted"]), export["analysis"]) == ({"transcript", "assessment"}, None)
    async with client.get(f"/interviews/{interview_id}/export.csv") as response:
        (row,) = csv.DictReader(io.StringIO(await response.text(), newline=""))
    assert row["reason"] == assessment


async def test_what_is_gone_does_not_come_back(client: Client) -> None:
    interview_id = await assessed(client)
    await swept(client, 31, "transcript", "assessment")
    body = {"interviewId": str(interview_id), "transcript": [{"type": "note", "data": SAID}]}
    status, refusal = await call(client, "POST", "/finalize-interview", body)
    assert (status, refusal["code"]) == (410, "deleted_by_retention")
    judgement = {"score": 1, "reason": "r", "by": "b"}
    status, refusal = await call(client, "PUT", f"/interviews/{interview_id}/scores/0", judgement)
    assert (status, refusal["code"]) == (410, "deleted_by_retention")
    assert await words_in(client.app[DATABASE], "like to help people") == set()


async def test_each_deletion_is_in_the_audit_log_once_with_counts(client: Client) -> None:
    interview_id = await assessed(client)
    await swept(client, 31, "transcript", "assessment")
    await swept(client, 61, "transcript", "assessment")
    _, log = await call(client, "GET", f"/interviews/{interview_id}/audit")
    told = [entry["detail"] for entry in log["entries"] if entry["who"] == "retention"]
    assert sorted(told) == [
        "assessment: score_overrides 1, interview_questions 2",
        f"transcript: turn_events {len(ENTRIES)}, client_logs 1, connections 0,"
        " interview_questions 2",
    ]


async def test_one_that_was_never_completed_counts_from_its_last_entry(database: Database) -> None:
    interview_id = await held(database)
    now = utc_now()
    async with database.write() as db:
        await db.execute(update(TurnEvent).values(created_at=now - timedelta(days=20)))
        await db.execute(update(Interview).values(created_at=now - timedelta(days=90)))
    sweeping = sweeper(database, MONTH)
    await sweeping.sweep(now)
    assert await entries_of(database, interview_id) == len(ENTRIES)
    await sweeping.sweep(now + timedelta(days=11))
    assert await entries_of(database, interview_id) == 0


async def test_one_that_goes_on_is_left_alone(database: Database) -> None:
    interview_id = await held(database)
    admission = Admission(4, 120.0)
    sweeping = Sweeper(database, admission, MONTH, Path("nowhere"))
    async with admission.seat(interview_id):
        await sweeping.sweep(utc_now() + timedelta(days=31))
        assert await entries_of(database, interview_id) == len(ENTRIES)


async def test_interviews_that_another_program_held_are_left_alone(database: Database) -> None:
    async with database.write() as db:
        db.add(Interview(status="completed", transcript=[{"said": SAID}], completed_at=utc_now()))
    await sweeper(database, MONTH).sweep(utc_now() + timedelta(days=31))
    assert await words_in(database, SAID) == {"interview_sessions"}


async def test_more_than_a_batch_goes(database: Database) -> None:
    ids = [await held(database) for _ in range(5)]
    await sweeper(database, MONTH, batch=2).sweep(utc_now() + timedelta(days=31))
    assert [await entries_of(database, each) for each in ids] == [0] * 5


async def entries_of(database: Database, interview_id: UUID) -> int:
    async with database.read() as db:
        return len(await store.events(db, interview_id))


async def test_recordings_go_also_those_of_which_no_interview_is_known(
    client: Client, tmp_path: Path
) -> None:
    database = client.app[DATABASE]
    old, orphan = await assessed(client), uuid4()
    for interview_id in (old, orphan):
        _, path = recordings.reserve(tmp_path, interview_id)
        path.write_bytes(b"x")
    days = Days({"audio": 30})
    sweeping = sweeper(database, days, tmp_path)
    await sweeping.sweep(utc_now() + timedelta(days=29))
    assert len(await recordings.last_written(tmp_path)) == 2
    await sweeping.sweep(utc_now() + timedelta(days=31))
    assert await recordings.last_written(tmp_path) == {}
    async with database.read() as db:
        assert set((await retention.deletions(db, old)).at) == {"audio"}
        query = select(AuditEntry.interview_id).where(AuditEntry.who == sweep.WHO)
        assert set(await db.scalars(query)) == {old, orphan}


@pytest.mark.parametrize("mistake", [RecordingsUnavailable("one"), ValueError("a bug")])
async def test_one_recording_that_cannot_be_deleted_keeps_no_other_from_it(
    database: Database, tmp_path: Path, mistake: Exception
) -> None:
    ids = [uuid4() for _ in range(3)]
    for interview_id in ids:
        (tmp_path / str(interview_id)).mkdir()
        recordings.path_of(tmp_path, interview_id, 1).write_bytes(b"OggS")
    in_order = list(await recordings.last_written(tmp_path))
    mistakes = iter([mistake])

    @asynccontextmanager
    async def read() -> AsyncIterator[AsyncSession]:
        for each in mistakes:
            raise each
        async with database.read() as db:
            yield db

    sweeping = sweeper(altered(database, read=read), Days({"audio": 30}), tmp_path)
    await sweeping.sweep(utc_now() + timedelta(days=31))
    assert list(await recordings.last_written(tmp_path)) == in_order[:1]


async def test_old_entries_of_the_audit_log_go_and_that_is_noted(database: Database) -> None:
    now = utc_now()
    async with database.write() as db:
        db.add_all(AuditEntry(who="a", action="x", at=now - timedelta(days=31)) for _ in range(5))
        db.add(AuditEntry(who="b", action="x", at=now - timedelta(days=29)))
    await sweeper(database, MONTH, audit_batch=2).sweep(now)
    async with database.read() as db:
        left = [(row.who, row.detail) for row in await db.scalars(select(AuditEntry))]
        assert await db.scalar(select(func.count()).select_from(AuditRetention)) == 0
    counted = [("retention", f"audit_log: {count}") for count in (2, 2, 1)]
    assert sorted(left) == [("b", ""), *sorted(counted)]


@asynccontextmanager
async def refused(database: Database) -> AsyncIterator[Any]:
    with pytest.raises((IntegrityError, DatabaseUnavailable)):
        async with database.write() as db:
            yield db


async def test_nothing_else_can_delete_from_the_audit_log(database: Database) -> None:
    now = utc_now()
    async with database.write() as db:
        db.add(AuditEntry(who="a", action="x", at=now))
    async with refused(database) as db:
        await db.execute(delete(AuditEntry))
    async with refused(database) as db:  # not even retention, of what is not old
        db.add(AuditRetention(until=now - timedelta(days=1)))
        await db.flush()
        await db.execute(delete(AuditEntry))
    if not database.is_file:
        async with refused(database) as db:
            await db.execute(text("TRUNCATE audit_log"))
    async with database.read() as db:
        assert list(await db.scalars(select(AuditEntry.who))) == ["a"]


async def test_the_file_is_written_anew_only_while_nobody_talks(
    tmp_path: Path, database: Database
) -> None:
    rewritten: list[datetime] = []

    async def note() -> None:
        rewritten.append(utc_now())

    await held(database)
    admission = Admission(4, 120.0)
    noting = altered(database, rewrite=note)
    sweeping = Sweeper(noting, admission, Days({"transcript": 30}), tmp_path)
    month = utc_now() + timedelta(days=31)
    async with admission.seat(uuid4()):
        await sweeping.sweep(month)
        assert rewritten == []
    await sweeping.sweep(month)
    await sweeping.sweep(month)
    assert len(rewritten) == 1


async def test_the_service_deletes_by_itself_when_it_starts(
    serve: Serve, database: Database, database_url: str
) -> None:
    interview_id = await held(database)
    async with database.write() as db:
        old = utc_now() - timedelta(days=3)
        await db.execute(update(TurnEvent).values(created_at=old))
        await db.execute(update(Interview).values(status="completed", completed_at=utc_now()))
        await db.execute(update(Interview).values(started_at=old, completed_at=old))
    await serve(database_url=database_url, retention_transcript_days=2)
    async with asyncio.timeout(30):
        while await entries_of(database, interview_id):
            pass


def test_without_a_setting_everything_is_kept() -> None:
    assert not sweep.retention_days(Settings()).any
    assert sweep.retention_days(Settings(retention_audit_days=1)) == Days({}, 1)
    given = sweep.retention_days(Settings(retention_audio_days=1, retention_assessment_days=2))
    assert given == Days({"audio": 1, "assessment": 2})


def test_the_words_that_a_criterion_rests_on_go_too() -> None:
    verdict = Verdict("names a reason", "yes", 100, SAID)
    judged = AnswerAssessment(
        *(0, "Why?", "general", "names a reason", "assessed", "", SAID),
        score=100, evidence=(SAID,), criteria=(verdict,), steering=(SAID,),
    )  # fmt: skip
    stored = msgspec.json.decode(msgspec.json.encode({"answers": [judged]}))
    left = retention.without_words(stored)
    assert SAID not in str(left)
    (kept,) = left["answers"][0]["criteria"]
    assert kept == {"criterion": "names a reason", "met": "yes", "credit": 100, "evidence": ""}


def test_an_analysis_of_another_shape_has_no_words_of_ours() -> None:
    theirs: Any = ["good"]
    assert retention.without_words(theirs) == ["good"]


async def test_a_bug_while_it_deletes_ends_nothing_else() -> None:
    await goes_on(lambda database: sweeper(database, Days({"transcript": 1})).run(every=0.0))
