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
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Message, Samples
from models.device import Machine
from models.errors import DeviceUnavailable, ModelUnknown, WeightsMissing, WeightsUnusable
from models.load import Choice
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


def test_starter_models_are_known_to_be_demonstrations() -> None:
    assert load.locate(Choice()).demonstrations == (
        "starter-recognizer",
        "starter-interviewer",
        "starter-voice",
    )


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


def test_a_server_takes_the_place_of_the_language_model() -> None:
    server = Server("http://127.0.0.1:9/v1", "some-model", "secret")
    chosen = load.locate(replace(STARTERS, language_model=server))
    assert chosen.language_model is server
    assert chosen.demonstrations == ("starter-recognizer", "starter-voice")
    assert "secret" not in repr(server)


async def test_a_server_that_is_away_does_not_keep_the_engines_from_starting() -> None:
    server = Server("http://127.0.0.1:9/v1", "some-model")
    async with load.engines(replace(STARTERS, language_model=server)) as engines:
        assert (await engines.voice.speak("Hello.")).size


@pytest.mark.parametrize("part", ["recognizer", "language_model", "voice"])
def test_an_unknown_model_is_refused_before_anything_is_loaded(part: str) -> None:
    with pytest.raises(ModelUnknown, match="'nobody'"):
        load.locate(replace(STARTERS, **{part: "nobody"}))


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


def test_a_judge_of_the_end_of_turns_is_loaded_only_if_it_is_chosen(tmp_path: Path) -> None:
    assert load.locate(STARTERS).end_of_turn is None
    with pytest.raises(WeightsMissing, match=r"smart-turn-v3\.2-cpu\.onnx"):
        load.locate(replace(STARTERS, end_of_turn="smart-turn-v3.2", models_dir=tmp_path))
    (tmp_path / "own.onnx").write_bytes(b"0")
    chosen = load.locate(replace(STARTERS, end_of_turn="own.onnx", models_dir=tmp_path))
    assert list(chosen.fingerprints)[3:] == ["end of turn"]
    assert chosen.only_demonstrations
    assert load.devices(replace(STARTERS, end_of_turn="own.onnx"))["end of turn"] == "cpu"


async def test_a_judge_that_is_no_model_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "own.onnx").write_bytes(b"0")
    with pytest.raises(WeightsUnusable, match="no Smart Turn v3 model"):
        async with load.engines(replace(STARTERS, end_of_turn="own.onnx", models_dir=tmp_path)):
            pytest.fail("a damaged model was loaded")


def test_every_model_of_a_choice_has_a_fingerprint() -> None:
    served = replace(STARTERS, language_model=Server("http://127.0.0.1:9/v1", "some", "secret"))
    prints = load.locate(served).fingerprints
    assert prints["recognizer"].startswith("starter-recognizer ")
    assert prints["voice"] == load.locate(STARTERS).fingerprints["voice"]
    assert prints["language model"] == "http://127.0.0.1:9/v1 some"
