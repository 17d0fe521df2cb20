"""The engine servers as a Ray Serve application on this machine, with the starter weights."""

import asyncio
import importlib.util
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from models.errors import EngineError
from models.remote.engines import RemoteTranscriber, RemoteVoice
from models.remote.pool import Patience, Pool
from scripts.measure.server import ROOT, STARTERS, free_port
from tests.waiting import until

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None,
    reason="Ray is not installed: pip install vivavoce[ray]",
)
KEY = "k" * 24
CALLERS, EACH = 8, 40
PATIENCE = 120
"""Seconds that Ray may take to start."""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VIVAVOCE_")}
    settings = {f"VIVAVOCE_{name}": value for name, value in STARTERS.items()}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "deploy" / "ray")])
    return {**kept, **settings, "VIVAVOCE_ENGINES_KEY": KEY, "PYTHONPATH": paths, **more}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str]]:
    """A Ray Serve with two replicas: the process that started it, and the address."""
    with ray_serve(tmp_path_factory.mktemp("ray")) as started:
        yield started


@contextmanager
def ray_serve(folder: Path, *options: str) -> Iterator[tuple[int, str]]:
    port = free_port()
    output = folder / "output"
    command = [sys.executable, "-m", "scripts.measure.ray_engines", "--port", str(port), *options]
    with output.open("wb") as said:
        child = subprocess.Popen(
            command, env=environment(), cwd=output.parent, stdout=subprocess.PIPE, stderr=said
        )
    try:
        assert child.stdout
        line = child.stdout.readline()  # empty if it ended
        assert line == b"ready\n", output.read_text(errors="replace")[-3000:]
        yield child.pid, f"ws://127.0.0.1:{port}"
    finally:
        itself = psutil.Process(child.pid)
        started = [itself, *itself.children(recursive=True)]
        child.terminate()
        _, alive = psutil.wait_procs(started, timeout=30)
        for each in alive:
            each.kill()
        child.communicate()


def replicas(pid: int) -> list[psutil.Process]:
    below = psutil.Process(pid).children(recursive=True)
    return [each for each in below if each.name().startswith("ray::ServeRepl")]


async def test_a_replica_that_is_killed_under_load_costs_no_call(cluster: tuple[int, str]) -> None:
    pid, url = cluster
    pool = Pool([url], KEY)
    await pool.connect(within=PATIENCE)
    voice = RemoteVoice(pool)

    async def call(caller: int) -> int:
        return sum(
            [(await voice.speak(f"This is {caller}, number {n}.")).size > 0 for n in range(EACH)]
        )

    killed, others = replicas(pid)
    async with asyncio.TaskGroup() as tasks:
        calls = [tasks.create_task(call(caller)) for caller in range(CALLERS)]
        await voice.speak("One call at least is answered before.")
        os.kill(killed.pid, signal.SIGKILL)
    assert [each.result() for each in calls] == [EACH] * CALLERS
    assert others.is_running()
    stream = RemoteTranscriber(pool).open("en")
    spoken = await voice.speak("Thank you for your time.")
    heard = await stream.final(spoken[: spoken.size // 3 * 2])  # only that it is answered
    assert heard.language == "en"
    stream.close()
    await pool.aclose()


async def test_replicas_are_added_under_load_and_ended_after_it(tmp_path: Path) -> None:
    with ray_serve(tmp_path, "--grows") as (pid, url):
        pool = Pool([url], KEY, patience=Patience(call=PATIENCE))
        # a replica that starts takes the cores of the one that answers
        await pool.connect(within=PATIENCE)
        voice = RemoteVoice(pool)
        enough = asyncio.Event()

        async def call(caller: int) -> int:
            for n in itertools.count():
                await voice.speak(f"This is {caller}, number {n}.")
                if enough.is_set():
                    return n
            raise AssertionError

        assert len(replicas(pid)) == 1
        async with asyncio.TaskGroup() as tasks:
            calls = [tasks.create_task(call(caller)) for caller in range(CALLERS)]
            await until(lambda: len(replicas(pid)) == 2, patience=PATIENCE, every=0.2)
            enough.set()
        assert all(each.result() for each in calls), "everybody was answered"
        await until(lambda: len(replicas(pid)) == 1, patience=PATIENCE, every=0.2)
        assert (await voice.speak("Is anybody still there?")).size
        await pool.aclose()


async def test_the_proxy_lets_nobody_in_without_the_key(cluster: tuple[int, str]) -> None:
    pool = Pool([cluster[1]], "w" * 24)
    with pytest.raises(EngineError, match="does not accept VIVAVOCE_ENGINES_KEY"):
        await pool.connect(within=PATIENCE)
    await pool.aclose()


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "Set RAY_AUTH_MODE=token and RAY_USAGE_STATS_ENABLED=0"),
        (
            {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0", "VIVAVOCE_ENGINES_KEY": ""},
            "KEY",
        ),
    ],
)
def test_a_cluster_that_anybody_may_use_is_refused(variables: dict[str, str], said: str) -> None:
    code = "import os, vivavoce_engines; vivavoce_engines.require_safe(os.environ)"
    ended = run(code, **variables)
    assert ended.returncode == 1
    assert said in ended.stderr.splitlines()[-1]


def test_replicas_follow_the_depth_of_their_queues() -> None:
    code = """
from types import SimpleNamespace
from vivavoce_engines import Engines, by_depth
for depths in ({}, {"a": 0.0}, {"a": 2.0}, {"a": 5.0, "b": 4.0}):
    print(by_depth(SimpleNamespace(aggregated_metrics={"depth": depths}))[0])
print(by_depth(SimpleNamespace(aggregated_metrics=None))[0])
"""
    ended = run(code)
    assert ended.stdout.split() == ["1", "1", "1", "5", "1"], ended.stderr


def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in environment().items() if not name.startswith("RAY_")
    } | variables
    return subprocess.run(
        [sys.executable, "-c", code], env=kept, cwd=Path(ROOT), capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip
