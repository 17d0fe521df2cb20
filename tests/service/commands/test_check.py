"""`vivavoce check` as an operator runs it: all stages, and what it says of each fault."""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from models import fetched
from service.operations.stages import Outcome, StageFailed, Stages
from service.recording.shared_folder import require_shared
from service.settings import Settings
from service.storage.database import Database
from tests import terminal

from ..cluster.conftest import shared, shared_url
from ..cluster.rows import replica
from ..test_main import ROOT, start

__all__ = ["shared", "shared_url"]

Stage = dict[str, Any]


async def check(
    folder: Path, *, code: Path = ROOT, **settings: str
) -> tuple[int, dict[str, Stage]]:
    """Its exit status and the stages by name. `code` is where the program lies."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIVAVOCE_")}
    given = {f"VIVAVOCE_{name}": value for name, value in {"PORT": "0", **settings}.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", "check", "--json",
        stdout=PIPE, stderr=PIPE, cwd=folder, env={**kept, "PYTHONPATH": str(code), **given},
    )  # fmt: skip
    async with asyncio.timeout(120):
        said, errors = await process.communicate()
    assert b"Traceback" not in errors, errors.decode()
    result = json.loads(said)
    assert process.returncode is not None
    assert result["ok"] == (process.returncode == 0)
    return process.returncode, {stage["name"]: stage for stage in result["stages"]}


def statuses(stages: dict[str, Stage], status: str) -> list[str]:
    return [name for name, stage in stages.items() if stage["status"] == status]


def one_sentence(stage: Stage) -> str:
    """What a failed stage says; it is a single line."""
    assert stage["status"] == "failed"
    said = str(stage["said"])
    assert said
    assert "\n" not in said
    return said


async def test_everything_is_in_order_with_the_starter_models(tmp_path: Path) -> None:
    process = await start(tmp_path, "check", PORT="0")
    async with asyncio.timeout(120):
        said, errors = await process.communicate()
    lines = said.decode().splitlines()
    assert process.returncode == 0, said + errors
    assert [line.split()[0] for line in lines][:2] == ["settings", "folders"]
    assert lines[-1].startswith("assessing")
    assert all(" ok " in line for line in lines)
    assert all(line.split(" ok ")[1].split()[0].replace(".", "").isdigit() for line in lines)
    assert "My name is Maria" in next(line for line in lines if line.startswith("understanding"))
    assert "\x1b" not in said.decode()
    assert not os.listdir(tmp_path)


async def test_what_living_replicas_would_refuse_is_found(
    shared: Database, shared_url: str, tmp_path: Path
) -> None:
    theirs = Settings(cluster=True, recording=True, recordings_dir=tmp_path / "theirs")
    await require_shared(shared, theirs, await replica(shared, name="west-1", seen_ago=-600))
    quick = {"DATABASE_URL": shared_url, "STT_MODEL": "unknown"}
    _, stages = await check(tmp_path, **quick)
    assert "west-1" in one_sentence(stages["database"])
    quick |= {"CLUSTER": "true", "API_KEYS": "k" * 32, "GRANTS_KEY": "g" * 32}
    _, stages = await check(tmp_path, **quick)
    assert "mount the same volume" in one_sentence(stages["database"])
    _, stages = await check(tmp_path, **quick, RECORDINGS_DIR=str(tmp_path / "theirs"))
    assert stages["database"]["said"].endswith("replicas: west-1")


async def test_there_is_colour_on_a_terminal_only(tmp_path: Path) -> None:
    ours, theirs = terminal.opened()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", "check", stdout=theirs, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VIVAVOCE_THREADS": "many"},
    )  # fmt: skip
    async with asyncio.timeout(60):
        await process.wait()
    said = os.read(ours, 10_000).decode()
    os.close(theirs)
    os.close(ours)
    assert "\x1b[31mfailed" in said


async def test_a_damaged_model_file_is_named_and_what_needs_it_is_skipped(tmp_path: Path) -> None:
    for part in ("models", "pipeline", "service"):
        shutil.copytree(ROOT / part, tmp_path / "copy" / part)
    weights = tmp_path / "copy/models/starter/interviewer/starter-interviewer-q8_0.gguf"
    with weights.open("r+b") as file:
        file.seek(3_000_000)
        file.write(bytes(64))
    status, stages = await check(tmp_path, code=tmp_path / "copy")
    assert status == 1
    assert statuses(stages, "failed") == ["language model"]
    said = one_sentence(stages["language model"])
    assert f"{weights} of the model starter-interviewer is damaged: " in said
    assert statuses(stages, "skipped") == [
        "capacity", "loading", "speaking", "listening", "understanding", "interviewing",
        "assessing",
    ]  # fmt: skip
    assert stages["database"]["status"] == "ok"


async def test_a_model_that_was_fetched_is_not_called_a_setting(tmp_path: Path) -> None:
    fetched.write(fetched.Fetched(recognizer="whisper-small.en", why="cpu"), tmp_path)
    _, stages = await check(tmp_path, MODELS_DIR=str(tmp_path), LLM_MODEL="none-such")
    assert stages["settings"]["said"] == (
        "set: VIVAVOCE_PORT, VIVAVOCE_MODELS_DIR, VIVAVOCE_LLM_MODEL; models as set: none-such,"
        " starter-voice; the rest fetched for this machine (cpu)"
    )


async def test_a_model_that_is_not_there_is_told_with_the_command_that_fetches_it(
    tmp_path: Path,
) -> None:
    status, stages = await check(tmp_path, STT_MODEL="whisper-small.en")
    assert status == 1
    assert "download_models.py whisper-small.en" in one_sentence(stages["recognizer"])
    assert stages["voice"]["status"] == "ok"


async def test_a_database_that_is_down_is_told_and_everything_else_checked(tmp_path: Path) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/name"
    status, stages = await check(tmp_path, DATABASE_URL=url)
    assert status == 1
    assert statuses(stages, "failed") == ["database"]
    said = one_sentence(stages["database"])
    assert "cannot be opened" in said
    assert "start it" in said
    assert "secret" not in json.dumps(stages)
    assert not statuses(stages, "skipped")


async def test_a_server_of_the_language_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    server = {"LLM_BASE_URL": "http://127.0.0.1:1/v1", "LLM_API_KEY": "secret", "LLM_MODEL": "m"}
    status, stages = await check(tmp_path, **server)
    assert status == 1
    assert statuses(stages, "failed") == ["language model"]
    assert "http://127.0.0.1:1/v1/models cannot be reached" in stages["language model"]["said"]
    assert "secret" not in json.dumps(stages)


async def test_a_database_that_the_start_may_not_make_has_to_be_there(tmp_path: Path) -> None:
    status, stages = await check(tmp_path, DATABASE_UPGRADE="never", LLM_MODEL="none")
    assert status == 1
    assert "vivavoce db upgrade" in one_sentence(stages["database"])
    assert not os.listdir(tmp_path)


async def test_a_database_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE interview_sessions (id TEXT)")
    made.close()
    file.write_bytes(b"this is no database at all, whatever its name says".ljust(4096))
    status, stages = await check(tmp_path, DATABASE_URL=f"sqlite:///{file}")
    assert status == 1
    assert "file is not a database" in one_sentence(stages["database"])


async def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    status, stages = await check(tmp_path, DATABASE_URL="sqlite:////proc/no.db")
    assert status == 1
    assert "cannot be written to" in one_sentence(stages["folders"])


async def test_a_folder_for_recordings_is_looked_at_where_there_are_any(tmp_path: Path) -> None:
    status, stages = await check(tmp_path, RECORDING="true", RECORDINGS_DIR="/proc/recordings")
    assert status == 1
    assert "VIVAVOCE_RECORDINGS_DIR" in one_sentence(stages["folders"])


async def test_a_file_that_a_setting_names_has_to_be_there(tmp_path: Path) -> None:
    status, stages = await check(tmp_path, CONSENT_FILE="none.txt")
    assert status == 1
    assert "VIVAVOCE_CONSENT_FILE" in one_sentence(stages["settings"])


async def test_a_port_that_something_else_uses_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, stages = await check(tmp_path, PORT=port)
    assert status == 1
    assert statuses(stages, "failed") == ["port"]
    assert f"127.0.0.1:{port} already" in one_sentence(stages["port"])


async def test_a_service_that_runs_already_is_no_fault_and_need_not_be_stopped(
    tmp_path: Path,
) -> None:
    serving = await start(tmp_path, "serve", PORT="0")
    assert serving.stdout
    async with asyncio.timeout(120):
        while b"is ready" not in (line := await serving.stdout.readline()):
            assert line
    port = line.decode().rstrip().rstrip("/").rpartition(":")[2]
    status, stages = await check(tmp_path, PORT=port)
    serving.terminate()
    async with asyncio.timeout(60):
        await serving.communicate()
    assert status == 0, stages
    assert "is in use by a Vivavoce that answers /health" in stages["port"]["said"]
    assert "0 interviews" in stages["port"]["said"]
    assert "can be written to" in stages["database"]["said"]


async def test_a_bad_setting_is_told_and_nothing_else_looked_at(tmp_path: Path) -> None:
    status, stages = await check(tmp_path, THREADS="many")
    assert status == 1
    assert list(stages) == ["settings"]
    assert "VIVAVOCE_THREADS is 'many'" in one_sentence(stages["settings"])
    process = await start(tmp_path, "check", THREADS="many")
    async with asyncio.timeout(60):
        said, _ = await process.communicate()
    assert process.returncode == 1
    assert said.decode().startswith("settings        failed")


async def test_a_secret_that_is_set_is_named_and_not_shown(tmp_path: Path) -> None:
    process = await start(tmp_path, "check", JWT_SECRET="s" * 40, PORT="0", LLM_MODEL="none")
    async with asyncio.timeout(120):
        said, errors = await process.communicate()
    assert b"VIVAVOCE_JWT_SECRET" in said
    assert b"ssss" not in said + errors


async def test_stages_that_need_a_failed_one_are_skipped_and_others_are_not() -> None:
    async def fine() -> str:
        return "fine"

    async def bad() -> str:
        raise StageFailed("mend it")

    told: list[Outcome] = []
    begun: list[str] = []
    stages = Stages(begun.append, told.append)
    await stages.run("a", bad)
    await stages.run("b", fine)
    await stages.run("c", fine, ("a", "b"))
    await stages.run("d", fine, ("c",))
    await stages.run("e", fine, ("b",))
    assert [outcome.status for outcome in told] == ["failed", "ok", "skipped", "skipped", "ok"]
    assert told[0].said == "mend it"
    assert told[2].said == "needs: a"
    assert begun == ["a", "b", "e"]
    assert stages.outcomes == told
    assert not stages.passed


async def test_a_bug_is_not_taken_for_a_fault_of_the_machine() -> None:
    async def bug() -> str:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await Stages(lambda _: None, lambda _: None).run("a", bug)
