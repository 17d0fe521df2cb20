"""What a candidate has agreed to is on record, word for word; so is that a client did not ask."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from service.errors import ConsentMissing, SettingInvalid, Unprocessable
from service.privacy import consent
from service.privacy.consent import RECORDING, Asked, Given, decide
from service.settings import Settings
from service.storage.database import DATABASE, Database
from service.storage.tables import Consent

from ..conftest import Client, Serve
from ..held import held

TEXT = "We keep what you say.\n\nÜber alles für 30 Tage."
VERSION = hashlib.sha256(TEXT.encode()).hexdigest()


async def call(client: Client, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client.request(method, path, json=body) as response:
        return response.status, await response.json()


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "consent.txt"
    path.write_text(f"{TEXT}\n", encoding="utf-8")
    return str(path)


async def started(client: Client, **given: Any) -> tuple[int, str]:
    interview_id = given.pop("interview_id", str(uuid4()))
    body = {"interview_id": interview_id, **given}
    status, _ = await call(client, "POST", "/start-database-interview", body)
    return status, interview_id


async def kept(client: Client, interview_id: str) -> list[Consent]:
    async with client.app[DATABASE].read() as db:
        return await consent.consents(db, UUID(interview_id))


async def test_what_the_page_asked_is_kept_with_the_time(
    serve: Serve, file: str, database_url: str
) -> None:
    client = await serve(consent_file=file, database_url=database_url)
    _, asked = await call(client, "GET", "/consent")
    assert asked == {"text": TEXT, "version": VERSION, "required": False}
    given = {"given": True, "version": asked["version"]}
    status, interview_id = await started(client, consent=given)
    (row,) = await kept(client, interview_id)
    assert (status, row.text, row.version, row.source) == (200, TEXT, VERSION, "service")
    assert row.given_at is not None


async def test_the_first_time_counts(serve: Serve, file: str, database_url: str) -> None:
    client = await serve(consent_file=file, database_url=database_url)
    given = {"given": True, "version": VERSION}
    _, interview_id = await started(client, consent=given)
    (first,) = await kept(client, interview_id)
    assert await started(client, consent=given, interview_id=interview_id) == (200, interview_id)
    (again,) = await kept(client, interview_id)
    assert again.given_at == first.given_at


async def test_a_client_that_does_not_ask_is_told_apart(serve: Serve, file: str) -> None:
    client = await serve(consent_file=file)
    status, interview_id = await started(client)
    (row,) = await kept(client, interview_id)
    assert (status, row.given_at, row.text, row.source) == (200, None, None, "none")
    body = {"job_description": "Nurse"}
    status, made = await call(client, "POST", "/start-interview", body)
    (row,) = await kept(client, made["interview_id"])
    assert (status, row.source) == (200, "none")


async def test_a_client_may_have_a_text_of_its_own(serve: Serve) -> None:
    client = await serve()
    body = {"job_description": "Nurse", "consent": {"given": True, "text": "Mine."}}
    status, made = await call(client, "POST", "/start-interview", body)
    (row,) = await kept(client, made["interview_id"])
    assert (status, row.text, row.source) == (200, "Mine.", "client")


ASKED, DEMANDED = Asked(TEXT, False), Asked(TEXT, True)


@pytest.mark.parametrize(
    ("asked", "given", "error"),
    [
        (ASKED, Given(False, version=VERSION), ConsentMissing),
        (ASKED, Given(True, version="0" * 64), ConsentMissing),
        (ASKED, Given(True, version=VERSION, text="Other."), ConsentMissing),
        (ASKED, Given(True), Unprocessable),
        (Asked("", False), Given(True, version=hashlib.sha256(b"").hexdigest()), Unprocessable),
        (DEMANDED, None, ConsentMissing),
        (DEMANDED, Given(True, text="Mine."), ConsentMissing),
    ],
)
def test_what_is_no_consent_is_refused(
    asked: Asked, given: Given | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        decide(asked, given)


async def test_where_it_is_demanded_no_client_begins_without_it(serve: Serve, file: str) -> None:
    client = await serve(consent_file=file, consent_required=True)
    interview_id = str(await held(client.app[DATABASE]))
    body = {"interview_id": interview_id}
    status, refusal = await call(client, "POST", "/start-database-interview", body)
    assert (status, refusal["code"]) == (403, "consent_missing")
    async with client.ws_connect(f"/ws/interview/{interview_id}") as socket:
        told = await socket.receive_json()
        assert (told["type"], told["code"]) == ("error", "consent_missing")
        await socket.receive()
        assert socket.close_code == 1000
    given = {"given": True, "version": VERSION}
    assert (await started(client, consent=given, interview_id=interview_id))[0] == 200
    assert (await started(client, interview_id=interview_id))[0] == 200  # as after a reload
    async with client.ws_connect(f"/ws/interview/{interview_id}") as socket:
        assert (await socket.receive_json())["type"] != "error"


async def test_the_report_and_the_export_show_it(serve: Serve, file: str) -> None:
    client = await serve(consent_file=file)
    interview_id = str(await held(client.app[DATABASE]))
    await started(client, interview_id=interview_id)
    async with client.get(f"/interviews/{interview_id}/report") as response:
        assert "did not ask for it" in await response.text()
    given = {"given": True, "version": VERSION}
    await started(client, interview_id=interview_id, consent=given)
    async with client.get(f"/interviews/{interview_id}/report") as response:
        page = await response.text()
    assert "We keep what you say." in page
    assert "did not ask for it" not in page
    _, export = await call(client, "GET", f"/interviews/{interview_id}/export.json")
    assert [each["source"] for each in export["consents"]] == ["none", "service"]
    assert export["consents"][1]["text"] == TEXT
    _, shown = await call(client, "GET", f"/interviews/{interview_id}")
    assert shown["consents"] == export["consents"]
    assert export["consents"][1]["given_at"].endswith("Z")


async def test_two_requests_at_once_keep_one(database: Database) -> None:
    interview_id = await held(database)

    async def again() -> None:
        async with database.write() as second:
            await consent.keep(second, interview_id, decide(ASKED, None))

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks, database.write() as first:
        await consent.keep(first, interview_id, decide(ASKED, None))
        tasks.create_task(again())
        while not await waits(database):
            pass
    async with database.read() as db:
        assert len(await consent.consents(db, interview_id)) == 1


async def waits(database: Database) -> bool:
    """Whether somebody waits for a transaction that goes on; writers of SQLite take turns before
    they look."""
    if database.is_file:
        return True
    async with database.read() as db:
        return bool(await db.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")))


def test_a_recording_is_asked_for_with_or_without_a_text(file: str) -> None:
    assert consent.load_text(Settings()).text == ""
    assert consent.load_text(Settings(recording=True)).text == RECORDING
    both = consent.load_text(Settings(recording=True, consent_file=file))
    assert both.text == f"{TEXT}\n\n{RECORDING}"


def test_a_text_that_nobody_can_read_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "consent.txt"
    for content in (None, b"", b" \n", b"\xff", b"x" * 20_001):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SettingInvalid, match="CONSENT_FILE"):
            consent.load_text(Settings(consent_file=str(path)))
    with pytest.raises(SettingInvalid, match="CONSENT_FILE"):
        consent.load_text(Settings(consent_required=True))
