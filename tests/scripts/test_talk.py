"""talk.py as a person starts it, against a server with the starter models."""

import asyncio
import json
import signal
import sys
import wave
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.piper.synthesizer import Piper
from scripts.measure.server import ROOT, running

TALK = ROOT / "scripts/talk.py"
SOUND_CARD = Path(__file__).with_name("fake_sound_card.py")
VOICE = ROOT / "models/starter/voice/en_US-starter.onnx"
ANSWER = "My name is Maria and I have five years of experience with Python."
INTERRUPTION = "Excuse me, I would like to say something about my last project."
PATIENCE = 180.0
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(settings={"MAX_SESSIONS": "8"}) as server:
        yield server.url


@pytest.fixture
def sound_card(tmp_path: Path) -> Path:
    """A folder to be the PATH, with arecord and aplay in it."""
    for name, act in (("arecord", "record"), ("aplay", "play")):
        program = tmp_path / name
        program.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" "{SOUND_CARD}" {act} "{tmp_path}"\n'
        )
        program.chmod(0o755)
    return tmp_path


async def talk(*options: str, path: Path | str = "") -> asyncio.subprocess.Process:
    program = (sys.executable, TALK, *options)
    return await asyncio.create_subprocess_exec(
        *program, stdout=PIPE, stderr=PIPE, env={"PATH": str(path)}
    )


async def said(*options: str, path: Path | str = "") -> str:
    """The sentence with which it fails."""
    process = await talk(*options, path=path)
    async with asyncio.timeout(PATIENCE):
        _, err = await process.communicate()
    assert process.returncode
    return err.decode()


async def until(process: asyncio.subprocess.Process, *shown: str) -> list[str]:
    """The lines up to one that begins or ends with something of that."""
    assert process.stdout
    lines = []
    async with asyncio.timeout(PATIENCE):
        while line := (await process.stdout.readline()).decode().rstrip("\n"):
            lines.append(line)
            if line.startswith(shown) or line.endswith(shown):
                return lines
    raise AssertionError(f"no {shown} in {lines}")


async def test_sentences_are_spoken_and_the_whole_is_printed_for_machines(url: str, tmp_path: Path):
    heard = tmp_path / "interviewer.wav"
    process = await talk("--url", url, "--say", ANSWER, "--json", "--out", str(heard))
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    greeting, turn = json.loads(out)["turns"]
    assert greeting["said"] is None
    assert greeting["status"] == "completed"
    assert turn["said"] == ANSWER
    assert "python" in turn["understood"].lower()
    assert turn["voice_to_voice_ms"] > turn["timing"]["endpoint"] > 0
    assert json.loads(out)["analysis"]["measures"]["questions_asked"] >= 1
    assert heard.stat().st_size > 100_000


async def test_a_recording_that_ends_in_noise_is_answered_and_the_next_one_follows(
    url: str, tmp_path: Path
):
    voice = Piper.load(VOICE)
    spoken = await voice.speak(ANSWER)
    await voice.aclose()
    noise = np.random.default_rng(1).normal(0, 150, 8 * 24_000).astype("<i2")
    for name, samples in (("first", np.concatenate([spoken, noise])), ("second", spoken)):
        with wave.open(str(tmp_path / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 24_000, 0, "NONE", ""))
            file.writeframes(samples.astype("<i2").tobytes())

    recorded = (str(tmp_path / "first.wav"), str(tmp_path / "second.wav"))
    process = await talk("--url", url, "--wav", *recorded, "--json")
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    _, first, second = json.loads(out)["turns"]
    assert "python" in first["understood"].lower()
    assert "python" in second["understood"].lower()
    assert first["voice_to_voice_ms"] is None
    assert not [turn for turn in (first, second) if "Take your time" in turn["reply"]]


async def test_by_the_sound_card_a_person_answers_interrupts_and_ends(url: str, sound_card: Path):
    voice = Piper.load(VOICE)
    for name, text in (("answer", ANSWER), ("interruption", INTERRUPTION)):
        (sound_card / f"{name}.raw").write_bytes((await voice.speak(text)).tobytes())
    await voice.aclose()

    process = await talk("--url", url, "--mic", path=sound_card)
    greeting = await until(process, "             ms:")
    assert greeting[0].startswith("Interviewer: ")
    answered = await until(process, "(interrupted)")
    assert "python" in next(line for line in answered if line.startswith("You: ")).lower()
    await until(process, "             ms:")
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "questions asked" in out.decode()
    assert err.decode().count("headphones") == 1

    assert np.abs(np.fromfile(sound_card / "1.raw", dtype="<i2")).max() > 1000
    assert (sound_card / "1.ended").exists()
    assert (sound_card / "2.raw").exists()
    assert not (sound_card / "2.ended").exists()
    assert (sound_card / "3.raw").exists()


async def test_without_a_program_for_the_microphone_it_says_what_to_install():
    assert "sudo apt-get install alsa-utils" in await said("--url", NOWHERE, "--mic")


@pytest.mark.parametrize("program", ["arecord", "aplay"])
async def test_a_sound_card_that_fails_is_one_sentence(url: str, sound_card: Path, program: str):
    (sound_card / program).write_text(
        "#!/bin/sh\necho 'audio open error: no such card' >&2; exit 1\n"
    )
    sentence = await said("--url", url, "--mic", path=sound_card)
    device = {"arecord": "microphone", "aplay": "loudspeaker"}[program]
    assert f"the {device} failed: audio open error: no such card" in sentence
    assert "Traceback" not in sentence


async def test_no_server_is_one_sentence():
    assert "is `make run` running?" in await said("--url", NOWHERE)


async def test_where_no_interview_is_made_of_an_unknown_id_it_says_what_to_do() -> None:
    with running(settings={"AUTOCREATE_INTERVIEWS": "false"}) as server:
        sentence = await said("--url", server.url, "--say", ANSWER)
    assert "make one with POST /interviews" in sentence
