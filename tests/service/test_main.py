"""The command as an operator runs it, in a process of its own."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parents[2]


async def start(folder: Path, *arguments: str, **settings: str) -> Process:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIVAVOCE_")}
    given = {f"VIVAVOCE_{name}": value for name, value in settings.items()}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", *arguments,
        stdout=PIPE, stderr=PIPE, cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), **given},
    )  # fmt: skip


async def refusal(folder: Path, **settings: str) -> str:
    """The one line that it says before it ends with 2."""
    process = await start(folder, **{"PORT": "0", **settings})
    async with asyncio.timeout(120):
        _, errors = await process.communicate()
    said = errors.decode().strip()
    assert process.returncode == 2, said
    assert len(said.splitlines()) == 1
    assert said.startswith("vivavoce: ")
    return said


async def test_a_misspelt_setting_stops_the_start(tmp_path: Path) -> None:
    assert "did you mean VIVAVOCE_PORT?" in await refusal(tmp_path, PROT="80")


async def test_a_wrong_value_in_the_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("VIVAVOCE_THREADS=many\n")
    assert "VIVAVOCE_THREADS is 'many'" in await refusal(tmp_path)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"VIVAVOCE_PORT=0\nVIVAVOCE_API_KEYS='half-quoted\n", 2),
        (b'\n\n# comment\n\nVIVAVOCE_API_KEYS="k" x\n', 5),
        (b"OTHER=1\r\n=value\r\n", 2),
        (b"VIVAVOCE_API_KEYS: secret\n", 1),
        (b"A=1\nVIVAVOCE_METRICS_KEYS\n", 2),
        (b"A=1\nB=\0\n", 2),
        (b"A=1\nVIVAVOCE_JWT_ISSUER=caf\xe9\n", 2),
        ("VIVAVOCE_PORT=0\n".encode("utf-16"), 1),
    ],
)
async def test_a_line_of_the_file_that_cannot_be_understood_stops_the_start(
    tmp_path: Path, content: bytes, line: int
) -> None:
    (tmp_path / ".env").write_bytes(content)
    said = await refusal(tmp_path)
    assert re.search(rf"\bline {line}\b", said.lower())
    assert str(tmp_path / ".env") in said
    assert "secret" not in said


async def test_a_setting_that_the_file_has_twice_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("VIVAVOCE_API_KEYS=a\nA=1\nA=2\nVIVAVOCE_API_KEYS=b\n")
    said = await refusal(tmp_path)
    assert "VIVAVOCE_API_KEYS is set twice" in said
    assert "in line 1 and in line 4" in said


async def test_what_a_file_may_hold_does_not_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(
        b"\xef\xbb\xbf# ours\r\nexport VIVAVOCE_STT_MODEL='from file' # why\r\n\r\nOTHER\nLAST=\n"
        b'VIVAVOCE_JWT_ISSUER="${HOME}"\nVIVAVOCE_STT_MODEL=from file\n'
    )
    assert "'from file'" in await refusal(tmp_path)


async def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("VIVAVOCE_STT_MODEL=from-file\nOTHER=1\n")
    assert "'from-environment'" in await refusal(tmp_path, STT_MODEL="from-environment")


async def test_a_model_that_is_not_known_is_named(tmp_path: Path) -> None:
    assert "'no-such-model'" in await refusal(tmp_path, LLM_MODEL="no-such-model")


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"127.0.0.1:{port} already" in await refusal(tmp_path, PORT=port)


async def test_an_address_that_is_not_this_machines_is_said(tmp_path: Path) -> None:
    assert "Cannot listen on 192.0.2.1" in await refusal(tmp_path, HOST="192.0.2.1")


async def test_a_database_file_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    assert "cannot be opened" in await refusal(tmp_path, DATABASE_URL="sqlite:////proc/no.db")


async def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/name"
    said = await refusal(tmp_path, DATABASE_URL=url)
    assert "cannot be opened" in said
    assert "secret" not in said


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="this machine has a GPU")
async def test_a_device_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "cuda" in (await refusal(tmp_path, DEVICE="cuda")).lower()


async def ready(process: Process) -> list[str]:
    """What it says until it is ready."""
    assert process.stdout
    said: list[str] = []
    async with asyncio.timeout(120):
        while not (said and said[-1].startswith("Vivavoce is ready: ")):
            line = (await process.stdout.readline()).decode()
            assert line, said
            said.append(line)
    return said


async def test_a_server_of_the_language_model_that_is_away_is_a_warning(tmp_path: Path) -> None:
    server = {"LLM_BASE_URL": "http://127.0.0.1:1/v1", "LLM_API_KEY": "s3cret-key"}
    process = await start(tmp_path, "serve", PORT="0", **server)
    await ready(process)
    process.terminate()
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    (warning,) = [line for line in errors.decode().splitlines() if "LLM_BASE_URL" in line]
    assert "WARNING" in warning
    assert "http://127.0.0.1:1/v1/models cannot be reached" in warning
    assert b"s3cret" not in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_with_the_starter_models_until_it_is_told_to_stop(
    tmp_path: Path, number: signal.Signals
) -> None:
    process = await start(tmp_path, "serve", PORT="0")
    said = await ready(process)
    assert any(line.startswith("Demonstration weights: ") for line in said)
    assert "The recognizer understands English only: no other language is noticed.\n" in said
    url = said[-1].split()[-1]
    async with aiohttp.ClientSession() as http, http.get(url + "health") as response:
        assert (await response.json())["status"] == "healthy"
    process.send_signal(number)
    async with asyncio.timeout(60):
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in errors
    assert (tmp_path / "data/vivavoce.db").exists()
