"""`vivavoce calibrate` and what the start makes of it, as an operator sees both."""

import asyncio
import re
import socket
from asyncio.subprocess import Process
from pathlib import Path

import msgspec
from aiohttp import web

from models.choice import locate
from service.engine_config import chosen_models
from service.operations import capacity
from service.operations.calibration import ADDED_MS, Calibration, Step
from service.settings import Settings

from ..test_main import start


async def finished(process: Process) -> tuple[int | None, list[str], str]:
    async with asyncio.timeout(300):
        said, errors = await process.communicate()
    return process.returncode, said.decode().splitlines(), errors.decode()


async def start_up(folder: Path, **settings: str) -> tuple[list[str], str]:
    """What `vivavoce serve` says until it is ready, and into its log."""
    process = await start(folder, "serve", PORT="0", **settings)
    assert process.stdout
    said: list[str] = []
    async with asyncio.timeout(120):
        while line := (await process.stdout.readline()).decode().rstrip():
            said.append(line)
            if line.startswith("Vivavoce is ready"):
                process.terminate()
    status, _, errors = await finished(process)
    assert status == 0, errors
    return said, errors


def calibrated(folder: Path, interviews: int) -> None:
    """As if this machine had been measured with the starter models."""
    settings = Settings(database_url=f"sqlite:///{folder}/data/vivavoce.db")
    machine = capacity.machine(settings, locate(chosen_models(settings)))
    step = Step(interviews, 12, 100.0, 300.0, 0.0, 5.0)
    found = Calibration("2026-11-23T12:00:00+00:00", "0.1.0", machine, ADDED_MS, (step,), {})
    capacity.keep(settings, found)


async def test_a_measurement_of_one_interview_is_kept_and_used(tmp_path: Path) -> None:
    status, said, errors = await finished(
        await start(tmp_path, "calibrate", "--limit", "1", "--target", "30", PORT="0")
    )
    assert status == 0, errors
    measured = dict.fromkeys(line.split("  ")[0] for line in said if "  " in line)
    assert list(measured) == ["recognizer", "language model", "voice", "1 interview"]
    assert said[-1].startswith("this machine: 1 interview at p95 ")
    kept = msgspec.json.decode((tmp_path / "data/calibration.json").read_bytes(), type=Calibration)
    assert [step.interviews for step in kept.steps] == [1]
    assert kept.steps[0].answers >= 1
    assert kept.target_ms == 30_000 - 600
    assert kept.speeds["tokens_per_s_1_at_once"] > 0
    told, log = await start_up(tmp_path)
    assert any(said[-1] in line for line in (*told, *log.splitlines()))  # a slow machine is warned


async def test_the_start_says_in_one_line_how_many_interviews_it_admits(tmp_path: Path) -> None:
    calibrated(tmp_path, 6)
    said, _ = await start_up(tmp_path)
    assert "this machine: 6 interviews at p95 0.9 s" in said


async def test_the_number_that_was_measured_is_the_number_that_is_admitted(tmp_path: Path) -> None:
    calibrated(tmp_path, 3)
    settings = Settings(database_url=f"sqlite:///{tmp_path}/data/vivavoce.db")
    chosen = locate(chosen_models(settings))
    assert capacity.session_capacity(settings, chosen).places == 3


async def test_a_larger_number_of_the_operators_is_warned_of(tmp_path: Path) -> None:
    calibrated(tmp_path, 6)
    said, errors = await start_up(tmp_path, MAX_SESSIONS="9")
    wanted = "this machine: 9 interviews as set, but it was measured to hold 6 at p95 0.9 s"
    assert re.search(rf"WARNING .*{wanted}", errors)
    assert not any(line.startswith("this machine") for line in said)


async def test_after_a_change_of_threads_it_has_to_be_measured_again(tmp_path: Path) -> None:
    calibrated(tmp_path, 6)
    said, _ = await start_up(tmp_path, THREADS="2")
    (line,) = [line for line in said if line.startswith("this machine")]
    assert "another device or number of threads: `vivavoce calibrate`" in line
    assert "a careful guess" in line


async def test_a_service_that_holds_interviews_is_not_disturbed(tmp_path: Path) -> None:
    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "healthy", "sessions": 2, "free": 0})

    app = web.Application()
    app.add_routes([web.get("/health", health)])
    runner = web.AppRunner(app)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listener).start()
    port = str(listener.getsockname()[1])
    status, _, errors = await finished(await start(tmp_path, "calibrate", PORT=port))
    await runner.cleanup()
    assert status == 2
    assert "holds 2 interviews, which this would disturb" in errors


async def test_a_result_that_could_not_be_kept_is_not_measured(tmp_path: Path) -> None:
    status, _, errors = await finished(
        await start(tmp_path, "calibrate", PORT="0", DATABASE_URL="sqlite:////proc/no.db")
    )
    assert status == 2
    assert "/proc/calibration.json cannot be written" in errors


async def test_a_target_below_the_silence_that_is_waited_for_is_refused(tmp_path: Path) -> None:
    status, _, errors = await finished(
        await start(tmp_path, "calibrate", "--target", "0.6", PORT="0")
    )
    assert status == 2
    assert "VIVAVOCE_ENDPOINT_MS" in errors
