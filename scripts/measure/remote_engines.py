"""What engine servers cost: calls with 200 KB of audio to a server on this machine, and the same
calls to an engine in this process, in turn.

    .venv/bin/python scripts/measure/remote_engines.py
    .venv/bin/python scripts/measure/remote_engines.py --ray --kills 2

The first table is the wire alone: the server's recognizer answers at once. The second is a real
recognizer, whose own time is the same on both sides. Then: how soon a service without weights is
ready. With --ray the server is a Ray Serve with two replicas, of which --kills are killed under
load; every call has to be answered.
"""

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [] if str(ROOT) in sys.path else [str(ROOT)]

from models import ENVIRONMENT  # noqa: E402

for _name, _value in ENVIRONMENT.items():  # as the service does, before numpy reads them
    os.environ.setdefault(_name, _value)

import numpy as np  # noqa: E402
import psutil  # noqa: E402
import soxr  # noqa: E402

from models import load  # noqa: E402
from models.choice import Choice  # noqa: E402
from models.contracts import HEARING_RATE, SPEAKING_RATE, Samples  # noqa: E402
from models.device import Machine  # noqa: E402
from models.fake import ScriptedTranscriber  # noqa: E402
from models.remote.engines import RemoteTranscriber, RemoteVoice  # noqa: E402
from models.remote.pool import Pool  # noqa: E402
from scripts.measure.server import PRODUCT, free_port, running  # noqa: E402

KEY = "k" * 24
AUDIO = 100_000
"""Samples of a call: 200 KB, 6.25 s."""
SENTENCE = (
    "In my last project we moved a large database to new servers without stopping the service,"
    " and I wrote the program that compared both of them."
)
ENGINES = (*PRODUCT, "engines")
INSTANT = (sys.executable, "-m", "scripts.measure.remote_engines", "--serve")


def main() -> None:
    parser = argparse.ArgumentParser(description="What engine servers cost.")
    parser.add_argument("--serve", action="store_true", help="be the server that answers at once")
    parser.add_argument("--calls", type=int, default=200, help="of each kind (default 200)")
    parser.add_argument("--recognizer", default="starter-recognizer", metavar="ID")
    parser.add_argument("--models-dir", type=Path, default=ROOT / "models")
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--kills", type=int, default=1)
    asked = parser.parse_args()
    if asked.serve:
        return serve_instant()
    choice = Choice(
        asked.models_dir, recognizer=asked.recognizer, machine=Machine(device="cpu", threads=1)
    )
    if asked.ray:
        with ray_serve() as (pid, url):
            asyncio.run(on_ray(pid, url, choice, asked.calls, asked.kills))
        return None
    print("server, calls                  local p50   p99    remote p50   p99    more p50   p99")
    with running(INSTANT, {"ENGINES_KEY": KEY}) as server:
        asyncio.run(wire_alone(server.url, asked.calls))
    settings = {
        "ENGINES_KEY": KEY,
        "THREADS": "1",
        "STT_MODEL": asked.recognizer,
        "MODELS_DIR": str(asked.models_dir),
    }
    with running(ENGINES, settings) as server:
        asyncio.run(with_engine(server.url, choice, asked.calls))
        without_weights(server.url)
    return None


async def wire_alone(url: str, calls: int) -> None:
    instant = ScriptedTranscriber("Yes.")
    async with connected(url) as pool:
        audio = np.full(AUDIO, 1000, dtype=np.int16)
        for callers in (1, 8):
            near, far = [], []

            async def one(near: list[float] = near, far: list[float] = far) -> None:
                mine, theirs = instant.open("en"), RemoteTranscriber(pool).open("en")
                for _ in range(calls):
                    near.append(await timed(lambda: mine.final(audio)))
                    far.append(await timed(lambda: theirs.final(audio)))

            await asyncio.gather(*(one() for _ in range(callers)))
            report(f"instant, {callers} at once", near, far)


async def with_engine(url: str, choice: Choice, calls: int) -> None:
    async with load.speech(choice) as local, connected(url) as pool:
        audio = speech(await local.voice.speak(SENTENCE))
        mine = local.transcriber.open("en")
        theirs = RemoteTranscriber(pool).open("en")
        near, far = [], []
        for n in range(calls + 5):
            pair = [(near, mine), (far, theirs)][:: 1 if n % 2 else -1]
            for times, stream in pair:
                took = await timed(lambda stream=stream: stream.final(audio))
                times.extend([took] if n >= 5 else [])  # the first ones are slow on both sides
        report(choice.recognizer, near, far)
        voice, near, far = RemoteVoice(pool), [], []
        for n in range(min(calls, 100)):
            text = f"Thank you, that is number {n}."  # what was said before is kept
            near.append(await timed(lambda text=text: local.voice.speak(text)))
            far.append(await timed(lambda text=text: voice.speak(text)))
        report("a clause of the voice", near, far)


def without_weights(url: str) -> None:
    """Measure how soon a service is ready whose engines are all elsewhere."""
    settings = {
        "ENGINES_URL": url,
        "ENGINES_KEY": KEY,
        "LLM_BASE_URL": "http://127.0.0.1:9/v1",
        "STT_MODEL": "elsewhere",
        "TTS_VOICE": "elsewhere",
    }
    took = []
    for _ in range(5):
        with running(PRODUCT, settings) as service:
            took.append(service.ready_seconds)
    print(f"a service without weights is ready after {statistics.median(took):.2f} s (of 5)")


async def on_ray(pid: int, url: str, choice: Choice, calls: int, kills: int) -> None:
    print("server, calls                  local p50   p99    remote p50   p99    more p50   p99")
    await with_engine(url, choice, calls)
    async with connected(url) as pool:
        voice, took = RemoteVoice(pool), list[float]()
        done = asyncio.Event()

        async def call(caller: int) -> None:
            n = 0
            while not done.is_set():
                n += 1
                text = f"Caller {caller} says number {n}."
                took.append(await timed(lambda text=text: voice.speak(text)))

        async with asyncio.TaskGroup() as tasks:
            for caller in range(8):
                tasks.create_task(call(caller))
            for _ in range(kills):
                await asyncio.sleep(5)
                os.kill(replicas(pid)[0].pid, signal.SIGKILL)
            await asyncio.sleep(5)
            done.set()
    print(
        f"{len(took)} calls of 8 callers, {kills} replicas killed: all answered, p50"
        f" {1000 * statistics.median(took):.0f} ms, the slowest {1000 * max(took):.0f} ms"
    )


def replicas(pid: int) -> list[psutil.Process]:
    below = psutil.Process(pid).children(recursive=True)
    return [each for each in below if each.name().startswith("ray::ServeRepl")]


@contextmanager
def ray_serve():
    port = free_port()
    environment = {**os.environ, "VIVAVOCE_ENGINES_KEY": KEY, "VIVAVOCE_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, "-m", "scripts.measure.ray_engines", "--port", str(port)],
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert child.stdout
        if child.stdout.readline() != b"ready\n":
            sys.exit("Ray did not start: python -m scripts.measure.ray_engines says why")
        yield child.pid, f"ws://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(60)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Pool]:
    pool = Pool([url], KEY)
    try:
        await pool.connect(within=10)
        yield pool
    finally:
        await pool.aclose()


def speech(spoken: Samples) -> Samples:
    heard = soxr.resample(spoken.astype(np.float32), SPEAKING_RATE, HEARING_RATE)
    audio = heard.clip(-32768, 32767).astype(np.int16)
    return np.resize(audio, AUDIO)


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def report(name: str, near: Sequence[float], far: Sequence[float]) -> None:
    numbers = [1000 * np.percentile(times, share) for times in (near, far) for share in (50, 99)]
    more = [numbers[2] - numbers[0], numbers[3] - numbers[1]]
    print(f"{name + ', ' + str(len(far)):<30}" + "".join(f"{each:9.1f}" for each in numbers + more))


def serve_instant() -> None:
    import contextlib

    from models.fake import SteadyVoice
    from models.remote.serving import Served
    from service.commands.engines import serve
    from service.http.listening import bound
    from service.operations.stopping import Stop
    from service.settings import load as load_settings

    settings = load_settings(os.environ)
    stop = Stop()

    @asynccontextmanager
    async def engines() -> AsyncIterator[Served]:
        yield Served(ScriptedTranscriber("Yes."), SteadyVoice())

    async def run() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.signalled)
        with contextlib.closing(bound(settings)) as listener:
            await serve(settings, engines(), listener, stop)

    asyncio.run(run())


if __name__ == "__main__":
    main()
