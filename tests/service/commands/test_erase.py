"""`vivavoce erase` in a process of its own, while the service runs on the same database."""

import asyncio
import json
import os
import stat
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select

from models import fake
from service.__main__ import parser
from service.privacy.erasure import Receipt, sign
from service.recording import recordings
from service.storage import store
from service.storage.database import DATABASE
from service.storage.tables import AuditEntry
from tests import terminal

from ..conftest import Client, Serve
from ..held import held
from ..live.test_websocket import Client as Talking

ROOT = Path(__file__).parents[3]
MARIA = ("--candidate", "maria LOPEZ")


class Command:
    """Runs in a folder that has the recordings too."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url

    async def erase(self, *arguments: str, typed: str | None = None) -> tuple[int | None, str]:
        """Its exit status and all that it said; `typed` is what a person at a terminal types."""
        settings = {"DATABASE_URL": self._url, "RECORDINGS_DIR": "recordings"}
        kept = {name: value for name, value in os.environ.items() if "VIVAVOCE_" not in name}
        given = {f"VIVAVOCE_{name}": value for name, value in settings.items()}
        ours, theirs = terminal.opened() if typed is not None else (-1, asyncio.subprocess.DEVNULL)
        try:
            if typed is not None:
                os.write(ours, f"{typed}\n".encode())
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "service", "erase", *arguments,
                stdin=theirs, stdout=PIPE, stderr=asyncio.subprocess.STDOUT,
                cwd=self.folder, env={**kept, "PYTHONPATH": str(ROOT), **given},
            )  # fmt: skip
            async with asyncio.timeout(60):
                said, _ = await process.communicate()
        finally:
            if typed is not None:
                os.close(ours)
                os.close(theirs)
        return process.returncode, said.decode()

    def receipts(self) -> list[Path]:
        return sorted(self.folder.glob("erasure-*.json"))


@pytest.fixture
async def client(serve: Serve) -> Client:
    return await serve()


@pytest.fixture
def command(client: Client, sqlite_url: str, tmp_path: Path) -> Command:
    return Command(tmp_path, sqlite_url)


async def long_ago(client: Client) -> UUID:
    """An interview of Maria Lopez that cannot be going on any more."""
    interview_id = await held(client.app[DATABASE])
    async with client.app[DATABASE].write() as db:
        for entry in await store.events(db, interview_id):
            entry.created_at -= timedelta(hours=1)
        row = await store.interview(db, interview_id)
        assert row
        row.status = "completed"
    return interview_id


async def there(client: Client, *ids: UUID) -> list[UUID]:
    async with client.app[DATABASE].read() as db:
        return [row.id for row in await store.interviews(db, ids)]


async def test_an_interview_is_erased_beside_the_running_service(
    serve: Serve, database_url: str, tmp_path: Path
) -> None:
    client = await serve(database_url=database_url)
    command = Command(tmp_path, database_url)
    mine, other = await long_ago(client), await long_ago(client)
    _, recording = recordings.reserve(command.folder / "recordings", mine)
    recording.write_bytes(b"sound")
    status, said = await command.erase("--interview", str(mine), "--yes")
    assert status == 0, said
    assert await there(client, mine, other) == [other]
    assert not recording.exists()
    (path,) = command.receipts()
    assert path.name in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    receipt = msgspec.json.decode(path.read_bytes(), type=Receipt)
    assert receipt == sign(receipt)
    assert receipt.by.startswith("os:")
    assert [each.interview_id for each in receipt.interviews] == [mine]
    assert receipt.interviews[0].rows["turn_events"] > 0
    assert [file.name for file in receipt.interviews[0].files] == [f"{mine}/1.ogg"]
    async with client.app[DATABASE].read() as db:
        (entry,) = await db.scalars(select(AuditEntry))
    assert (entry.who, entry.interview_id) == (receipt.by, mine)
    async with client.get(f"/interviews/{mine}") as response:
        assert response.status == 404


async def test_a_conversation_goes_on_while_another_interview_is_erased(
    serve: Serve, sqlite_url: str, tmp_path: Path
) -> None:
    engines = fake.engines(voice=fake.SteadyVoice(0.004))
    client = await serve(engines, database_url=sqlite_url)
    old, live = await long_ago(client), uuid4()
    await client.post("/start-database-interview", json={"interview_id": str(live)})
    talking = Talking(await client.ws_connect(f"/ws/interview/{live}"))
    await talking.next("response.done")
    erasing = Command(tmp_path, sqlite_url).erase("--interview", str(old), "--yes")
    (status, said), _ = await asyncio.gather(erasing, talking.send(type="text", content="Hello."))
    assert status == 0, said
    await talking.next("response.done")
    await talking.send(type="text", content="I built a scheduler for a hospital.")
    await talking.next("response.done")
    await talking.ws.close()
    async with client.app[DATABASE].read() as db:
        words = [entry.payload for entry in await store.events(db, live)]
    assert any("I built a scheduler" in each for each in words)


async def test_all_interviews_of_a_candidate_are_shown_and_erased_after_a_yes(
    client: Client, command: Command
) -> None:
    ids = {await long_ago(client) for _ in range(2)}
    status, said = await command.erase(*MARIA, typed="no")
    assert (status, await there(client, *ids) != []) == (1, True), said
    assert "these 2 interviews" in said
    assert all(str(each) in said for each in ids)
    status, said = await command.erase(*MARIA, "--receipt", "mine.json", typed="yes")
    assert (status, await there(client, *ids)) == (0, []), said
    receipt = json.loads((command.folder / "mine.json").read_text())
    assert {each["interview_id"] for each in receipt["interviews"]} == {str(each) for each in ids}
    assert "Lopez" not in json.dumps(receipt)


async def test_a_dry_run_lists_and_leaves_everything(client: Client, command: Command) -> None:
    interview_id = await long_ago(client)
    status, said = await command.erase(*MARIA, "--dry-run")
    assert status == 0, said
    assert f"Interview {interview_id}: Maria Lopez" in said
    assert "turn_events 9" in said
    assert await there(client, interview_id) == [interview_id]
    assert command.receipts() == []


async def test_without_a_terminal_nothing_is_erased_unless_it_is_told_to(
    client: Client, command: Command
) -> None:
    interview_id = await long_ago(client)
    status, said = await command.erase("--interview", str(interview_id))
    assert (status, "give --yes" in said) == (1, True), said
    assert await there(client, interview_id) == [interview_id]


async def test_one_that_may_be_going_on_is_refused_with_all_the_others(
    client: Client, command: Command
) -> None:
    old, live = await long_ago(client), await held(client.app[DATABASE])
    status, said = await command.erase(*MARIA, "--yes")
    assert (status, f"Interview {live} is in progress" in said) == (1, True), said
    assert set(await there(client, old, live)) == {old, live}
    assert command.receipts() == []


@pytest.mark.parametrize("arguments", [("--interview", str(uuid4())), ("--candidate", "Nobody")])
async def test_who_is_not_there_is_said(command: Command, arguments: tuple[str, str]) -> None:
    status, said = await command.erase(*arguments, "--yes")
    assert status == 1, said
    assert len(said.strip().splitlines()) == 1
    assert command.receipts() == []


async def test_a_receipt_that_cannot_be_written_stops_it_before_anything_is_gone(
    client: Client, command: Command
) -> None:
    interview_id = await long_ago(client)
    (command.folder / "there.json").write_text("x")
    for name in ("there.json", "no/folder.json"):
        given = ("--interview", str(interview_id), "--yes", "--receipt", name)
        status, said = await command.erase(*given)
        assert (status, "give another --receipt" in said) == (2, True), said
    assert await there(client, interview_id) == [interview_id]
    assert (command.folder / "there.json").read_text() == "x"


@pytest.mark.parametrize(
    "arguments", [(), ("--interview", "x"), ("--interview", str(uuid4()), "--candidate", "x")]
)
def test_it_wants_one_interview_or_one_candidate(arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["erase", *arguments])


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    status, said = await Command(tmp_path, f"sqlite:///{tmp_path}/no.db").erase(*MARIA, "--yes")
    assert (status, "vivavoce db upgrade" in said) == (2, True), said
