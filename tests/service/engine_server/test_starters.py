"""Engine servers and services as an operator runs them, with real audio and the starter weights."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr

from models import load
from models.choice import Choice, devices, locate
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE
from models.device import Machine
from models.errors import EngineError
from models.manifest import Pool, Server
from scripts.measure.server import Server as Running
from scripts.measure.server import free_port, running

from ..commands.test_check import check, statuses
from ..test_main import start

KEY = "k" * 24
ENGINES = (sys.executable, "-m", "service", "engines")
WITHOUT_WEIGHTS = Choice(
    Path("/nowhere"),
    recognizer="none",
    voice="none",
    language_model=Server("http://127.0.0.1:9/v1", "some-model"),
    machine=Machine(device="cpu", threads=2, sessions=2),
)


@pytest.fixture(scope="module")
def engine_server() -> Iterator[Running]:
    with running(ENGINES, {"ENGINES_KEY": KEY, "THREADS": "2", "DRAIN_SECONDS": "5"}) as server:
        yield server


def at(server: Running, key: str = KEY) -> Choice:
    return replace(WITHOUT_WEIGHTS, pool=Pool((server.url,), key))


async def test_what_the_servers_voice_says_its_recognizer_hears(engine_server: Running) -> None:
    async with load.engines(at(engine_server)) as engines:
        spoken = await engines.voice.speak("Thank you for your time.")
        resampled = soxr.resample(spoken.astype(np.float32), SPEAKING_RATE, HEARING_RATE)
        audio = np.pad(resampled.clip(-32768, 32767).astype(np.int16), HEARING_RATE // 4)
        assert audio.size > FRAME
        stream = engines.transcriber.open("en")
        assert "thank you" in (await stream.final(audio)).text.lower()
        partial = await stream.partial(audio)
        assert partial is not None
        assert "thank you" in partial.text.lower()
        stream.close()
        assert engines.end_of_turn is None


async def test_the_same_audio_gives_the_same_transcript_here_and_there(
    engine_server: Running,
) -> None:
    local = Choice(machine=Machine(device="cpu", threads=2, sessions=2))
    async with load.engines(at(engine_server)) as far, load.speech(local) as near:
        spoken = await near.voice.speak("I have worked with databases for six years.")
        resampled = soxr.resample(spoken.astype(np.float32), SPEAKING_RATE, HEARING_RATE)
        audio = resampled.clip(-32768, 32767).astype(np.int16)
        texts = [
            (await each.transcriber.open("en", ("Postgres",)).final(audio, "before")).text
            for each in (far, near)
        ]
    assert texts[0] == texts[1] != ""


async def test_a_wrong_key_stops_the_start(engine_server: Running, tmp_path: Path) -> None:
    settings = {"ENGINES_URL": engine_server.url, "ENGINES_KEY": "w" * 24, "PORT": "0"}
    process = await start(tmp_path, **settings)
    async with asyncio.timeout(150):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert "does not accept VIVAVOCE_ENGINES_KEY" in errors.decode().splitlines()[-1]


async def test_a_check_of_a_service_without_weights_speaks_and_hears_at_the_servers(
    engine_server: Running, tmp_path: Path
) -> None:
    status, stages = await check(
        tmp_path,
        ENGINES_URL=engine_server.url,
        ENGINES_KEY=KEY,
        STT_MODEL="not-here",
        TTS_VOICE="not-here",
    )
    assert statuses(stages, "failed") == []
    assert status == 0
    assert "starter-recognizer of the engine servers" in stages["recognizer"]["said"]
    assert "no model of the engine servers" in stages["end of turn"]["said"]


async def test_a_service_waits_for_its_engine_servers_and_is_then_ready(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {"ENGINES_URL": url, "ENGINES_KEY": KEY, "STT_MODEL": "x", "TTS_VOICE": "x"}
    process = await start(tmp_path, **settings, PORT="0")
    assert process.stdout
    async with asyncio.timeout(150):
        assert f"Recognizer and voice at {url}" in (await process.stdout.readline()).decode()
        while b"loads its models" not in await process.stdout.readline():
            pass
        server = await start(tmp_path, "engines", PORT=str(port), ENGINES_KEY=KEY)
        while b"Vivavoce is ready" not in await process.stdout.readline():
            pass
    for each in (process, server):
        each.send_signal(signal.SIGTERM)
        await each.communicate()
        assert each.returncode == 0


async def test_local_engines_do_the_work_where_no_server_answers() -> None:
    pool = Pool(("http://127.0.0.1:9",), fall_back=True)
    choice = Choice(pool=pool, machine=Machine(device="cpu", threads=2, sessions=2))
    async with load.engines(choice) as engines:
        assert engines.transcriber.languages == ("en",)
        assert (await engines.voice.speak("Hello.")).size


async def test_a_server_that_is_told_to_stop_answers_first(tmp_path: Path) -> None:
    with running(ENGINES, {"ENGINES_KEY": KEY, "DRAIN_SECONDS": "20"}) as server:
        async with load.engines(at(server)) as engines, asyncio.TaskGroup() as tasks:
            calls = [
                tasks.create_task(engines.voice.speak(f"This is sentence number {n}."))
                for n in range(10)
            ]
            await calls[0]
            os.kill(server.pid, signal.SIGTERM)
    assert all(call.result().size for call in calls)


def test_models_that_a_pool_has_are_not_looked_for_here() -> None:
    choice = replace(WITHOUT_WEIGHTS, pool=Pool(("ws://a", "ws://b"), "secret"))
    chosen = locate(choice)
    assert (chosen.recognizer, chosen.voice, chosen.end_of_turn) == (None, None, None)
    assert chosen.fingerprints["recognizer"] == "ws://a ws://b"
    assert chosen.demonstrations == ()
    assert devices(choice) == {}
    assert "secret" not in repr(choice)
    with pytest.raises(EngineError, match="'none'"):
        locate(replace(choice, pool=Pool(("ws://a",), fall_back=True)))
