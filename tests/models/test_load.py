"""From a choice of models to engines that talk, with the starter weights."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soxr

from models import load
from models.choice import Choice
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Message, Samples
from models.device import Machine
from models.errors import DeviceUnavailable, WeightsUnusable
from models.manifest import Server, read
from models.piper.synthesizer import cuda_ready

STARTERS = Choice(machine=Machine(device="cpu", threads=2, sessions=2))


def as_heard(spoken: Samples) -> Samples:
    """What the voice said, at the rate that a recognizer wants, with silence around it."""
    resampled = soxr.resample(spoken.astype(np.float32), SPEAKING_RATE, HEARING_RATE)
    return np.pad(resampled.clip(-32768, 32767).astype(np.int16), HEARING_RATE // 4)


async def test_what_the_voice_says_is_heard_and_answered() -> None:
    async with load.engines(STARTERS) as engines:
        audio = as_heard(await engines.voice.speak("Thank you for your time."))
        vad = engines.vad.open()
        frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME)
        assert max(map(vad.probability, frames)) > 0.5
        stream = engines.transcriber.open("en")
        assert "thank you" in (await stream.final(audio)).text.lower()
        stream.close()
        llm = engines.llm.open()
        messages = [Message("system", "You are Alex."), Message("user", "Hello.")]
        assert "".join([piece async for piece in llm.reply(messages, max_tokens=20)])
        llm.close()


async def test_no_thread_is_left_when_the_engines_are_closed() -> None:
    before = {thread.name for thread in threading.enumerate()}
    async with load.engines(STARTERS):
        assert {"llama", "voice-0"} <= {thread.name for thread in threading.enumerate()}
    after = {thread.name for thread in threading.enumerate()} - before
    assert not [name for name in after if not name.startswith("asyncio")]


async def test_a_language_model_that_was_begun_early_is_the_one_that_talks_and_is_freed() -> None:
    before = set(threading.enumerate())
    async with load.early(STARTERS) as early:
        async with load.engines(STARTERS, early=early) as engines:
            assert early is not None
            assert engines.llm is early.result()
        assert "llama" in {thread.name for thread in set(threading.enumerate()) - before}
    assert "llama" not in {thread.name for thread in set(threading.enumerate()) - before}


async def test_a_language_model_that_nobody_waited_for_is_freed_when_it_is_loaded() -> None:
    before = set(threading.enumerate())
    async with load.early(STARTERS):
        pass
    async with asyncio.timeout(60):
        while set(threading.enumerate()) - before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_an_early_start_fails_with_is_told_by_the_engines(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF")
    broken = replace(STARTERS, models_dir=tmp_path, language_model="broken.gguf")
    async with load.early(broken) as early:
        with pytest.raises(WeightsUnusable, match=r"broken\.gguf cannot be loaded \(.*gguf.*\)"):
            async with load.engines(broken, early=early):
                raise AssertionError


async def test_nothing_is_begun_early_where_a_server_has_the_model() -> None:
    server = replace(STARTERS, language_model=Server("http://127.0.0.1:9/v1", "some-model"))
    async with load.early(server) as early:
        assert early is None


async def test_only_a_model_that_is_no_demonstration_reads_whether_a_sentence_ends() -> None:
    known = read()
    good = tuple(msgspec.structs.replace(model, demonstration=False) for model in known.model)
    async with load.engines(STARTERS) as engines:
        assert engines.sentence_end is None
    async with load.engines(STARTERS, msgspec.structs.replace(known, model=good)) as engines:
        assert engines.sentence_end is engines.llm
    server = replace(STARTERS, language_model=Server("http://127.0.0.1:9/v1", "some-model"))
    async with load.engines(server) as engines:
        assert engines.sentence_end is None


async def test_a_server_that_is_away_does_not_keep_the_engines_from_starting() -> None:
    server = Server("http://127.0.0.1:9/v1", "some-model")
    async with load.engines(replace(STARTERS, language_model=server)) as engines:
        assert (await engines.voice.speak("Hello.")).size


async def test_when_one_model_fails_the_others_are_freed(tmp_path: Path) -> None:
    (tmp_path / "bad.gguf").write_bytes(b"GGUF, but not for long")
    choice = replace(STARTERS, language_model="bad.gguf", models_dir=tmp_path)
    with pytest.raises(WeightsUnusable, match=r"bad\.gguf"):
        async with load.engines(choice):
            pytest.fail("a damaged model was loaded")
    await asyncio.get_running_loop().shutdown_default_executor()  # whatever still loads is there
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("voice", "recognizer", "llama"))]


@pytest.mark.skipif(cuda_ready(), reason="this machine may have a GPU")
async def test_cuda_is_refused_where_it_is_not() -> None:
    with pytest.raises(DeviceUnavailable):
        async with load.engines(replace(STARTERS, machine=Machine(device="cuda"))):
            pytest.fail("engines ran on a GPU that is not there")


async def test_a_judge_that_is_no_model_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "own.onnx").write_bytes(b"0")
    with pytest.raises(WeightsUnusable, match="no Smart Turn v3 model"):
        async with load.engines(replace(STARTERS, end_of_turn="own.onnx", models_dir=tmp_path)):
            pytest.fail("a damaged model was loaded")
