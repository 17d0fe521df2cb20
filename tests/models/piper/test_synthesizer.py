"""The starter voice, as the product speaks with it."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import pytest_asyncio

import models
from models.contracts import SPEAKING_RATE, Samples
from models.device import Occupied
from models.errors import DeviceUnavailable, WeightsMissing, WeightsUnusable
from models.piper import synthesizer as piper
from models.piper.synthesizer import Piper

WEIGHTS = Path(models.__file__).parent / "starter/voice/en_US-starter.onnx"
QUESTION = "Could you tell me about your recent work?"


@pytest_asyncio.fixture
async def voice() -> AsyncIterator[Piper]:
    piper = Piper.load(WEIGHTS)
    yield piper
    await piper.aclose()


def level_db(audio: Samples) -> float:
    """Root mean square of the voiced 10 ms frames, below full scale."""
    frames = audio[: audio.size // 240 * 240].reshape(-1, 240) / 32768
    loud = np.sqrt(np.mean(np.square(frames), axis=1))
    return float(20 * np.log10(np.sqrt(np.mean(np.square(loud[loud > loud.max() / 30])))))


def silence_ms(audio: Samples) -> float:
    return float((audio.size - 1 - np.flatnonzero(audio)[-1]) * 1000 / SPEAKING_RATE)


async def test_a_question_lasts_as_long_as_a_person_would_need(voice: Piper) -> None:
    audio = await voice.speak(QUESTION)
    assert audio.dtype == np.int16
    assert 1.5 < audio.size / SPEAKING_RATE < 3.5


async def test_nothing_clips_and_no_clause_is_much_louder_than_another(voice: Piper) -> None:
    texts = ["Yes.", "Thank you,", QUESTION, "I see, and what did the team of forty people do?"]
    clauses = [await voice.speak(text) for text in texts]
    assert max(int(np.abs(clause).max()) for clause in clauses) < 0.99 * 32767
    levels = [level_db(clause) for clause in clauses]
    assert max(levels) - min(levels) < 5
    assert all(-22 < level < -14 for level in levels)


async def test_both_ends_are_silent_so_that_there_is_no_click(voice: Piper) -> None:
    for text in ["Yes", "Stop", "Ah", "Thank you,", QUESTION]:
        audio = await voice.speak(text)
        assert abs(int(audio[0])) < 8
        assert abs(int(audio[-1])) < 8
        assert np.abs(audio[:24]).max() < 200


async def test_the_speech_begins_at_once_and_a_sentence_ends_with_a_longer_pause(
    voice: Piper,
) -> None:
    comma = await voice.speak("Thank you,")
    sentence = await voice.speak("Thank you.")
    assert np.flatnonzero(np.abs(comma) > 300)[0] < SPEAKING_RATE * 0.06
    assert 0 < silence_ms(comma) <= 60
    assert 100 < silence_ms(sentence) <= 150


async def test_what_was_said_before_is_the_same_samples_again(voice: Piper) -> None:
    first = await voice.speak(QUESTION)
    assert await voice.speak(f"**{QUESTION}** \U0001f44d") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


async def test_a_fresh_voice_says_the_first_clause_as_the_last_one_did(voice: Piper) -> None:
    onnxruntime.set_seed(7)  # as if another process had come by another seed
    other = Piper.load(WEIGHTS)
    assert np.array_equal(await voice.speak(QUESTION), await other.speak(QUESTION))
    await other.aclose()


async def test_markdown_links_and_phonemes_are_not_spoken(voice: Piper) -> None:
    plain = await voice.speak("Tell me more.")
    assert await voice.speak("Tell **me** [more](https://example.org/x) [[fff]]\u200b.") is plain


@pytest.mark.parametrize("nothing", ["", "?", "...", "```code```", "\U0001f44d"])
async def test_nothing_to_pronounce_is_no_samples(voice: Piper, nothing: str) -> None:
    assert (await voice.speak(nothing)).size == 0


async def test_sentences_said_at_once_are_joined(voice: Piper) -> None:
    both = await voice.speak("Thank you. Tell me more.")
    parts = [await voice.speak("Thank you."), await voice.speak("Tell me more.")]
    assert abs(both.size - sum(part.size for part in parts)) < SPEAKING_RATE * 0.1


async def test_clauses_asked_for_at_once_do_not_mix(voice: Piper) -> None:
    texts = [f"Now tell me about project number {n}, please." for n in range(6)]
    at_once = await asyncio.gather(*map(voice.speak, texts))
    assert [a is b for a, b in zip(at_once, [await voice.speak(t) for t in texts], strict=True)]
    assert len({audio.tobytes() for audio in at_once}) == 6


async def test_a_clause_whose_caller_left_is_not_made(voice: Piper) -> None:
    async with asyncio.TaskGroup() as tasks:
        kept = [tasks.create_task(voice.speak(f"{QUESTION} {n}")) for n in range(4)]
        left = tasks.create_task(voice.speak("Nobody wants to hear this."))
        await asyncio.sleep(0)
        assert voice.state.waiting >= 1
        left.cancel()
    assert all(task.result().size for task in kept)
    assert voice._said.get("Nobody wants to hear this.") is None


def test_recent_clauses_are_bounded_and_those_not_asked_for_go_first() -> None:
    recent = piper._RecentClauses(100)
    for name in "ab":
        recent.put(name, np.zeros(40, dtype=np.int16))
    assert recent.get("a") is not None
    recent.put("c", np.zeros(40, dtype=np.int16))
    assert recent.get("b") is None
    assert recent.get("a") is not None
    recent.put("long", np.zeros(101, dtype=np.int16))
    assert recent.get("long") is None
    assert recent.get("c") is not None


def test_a_voice_that_is_not_there_is_to_be_downloaded(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="download"):
        Piper.load(tmp_path / "none.onnx")
    shutil.copy(WEIGHTS, tmp_path / "alone.onnx")
    with pytest.raises(WeightsMissing, match=r"alone\.onnx\.json"):
        Piper.load(tmp_path / "alone.onnx")


def test_a_damaged_voice_is_refused(tmp_path: Path) -> None:
    weights = tmp_path / "voice.onnx"
    weights.write_bytes(WEIGHTS.read_bytes()[:5000])
    shutil.copy(f"{WEIGHTS}.json", f"{weights}.json")
    with pytest.raises(WeightsUnusable, match="download it again"):
        Piper.load(weights)


@pytest.mark.parametrize("settings", ["{", "[]", "{}", '{"audio": 1}'])
def test_damaged_settings_are_refused(tmp_path: Path, settings: str) -> None:
    weights = Path(shutil.copy(WEIGHTS, tmp_path / "voice.onnx"))
    Path(f"{weights}.json").write_text(settings)
    with pytest.raises(WeightsUnusable, match=r"voice\.onnx\.json"):
        Piper.load(weights)


def test_settings_that_do_not_fit_the_voice_are_refused(tmp_path: Path) -> None:
    weights = Path(shutil.copy(WEIGHTS, tmp_path / "voice.onnx"))
    settings = json.loads(Path(f"{WEIGHTS}.json").read_text())
    for symbol in settings["phoneme_id_map"]:
        settings["phoneme_id_map"][symbol] = [100_000]
    Path(f"{weights}.json").write_text(json.dumps(settings))
    with pytest.raises(WeightsUnusable, match="no Piper voice"):
        Piper.load(weights)


def test_a_language_that_needs_another_phonemizer_is_refused(tmp_path: Path) -> None:
    weights = Path(shutil.copy(WEIGHTS, tmp_path / "voice.onnx"))
    settings = json.loads(Path(f"{WEIGHTS}.json").read_text()) | {"phoneme_type": "thai"}
    Path(f"{weights}.json").write_text(json.dumps(settings))
    with pytest.raises(WeightsUnusable, match="phonemizer"):
        Piper.load(weights)


@pytest.mark.skipif(piper.cuda_ready(), reason="this onnxruntime can use a GPU")
def test_a_gpu_that_onnxruntime_cannot_use_is_refused() -> None:
    with pytest.raises(DeviceUnavailable, match="onnxruntime-gpu"):
        Piper.load(WEIGHTS, device="cuda")


_FIRST_WORDS = """
import sys
from pathlib import Path
from models.piper.speakable import speakable
from models.piper.synthesizer import Piper

Piper.load(Path(sys.argv[1]))
known = set(sys.modules)
calls = []
sys.setprofile(lambda frame, event, _: calls.append(frame.f_code) if event == "call" else None)
speakable("In 2019 it cost $500, e.g. on May 3rd, said Dr. Lee.", "en-us")
sys.setprofile(None)
compiled = [code.co_filename for code in calls if code.co_name in ("_compile", "for_language")]
print(sorted(set(sys.modules) - known), [name for name in compiled if "rbnf" in name])
"""


def test_a_loaded_voice_has_read_all_that_its_first_words_need() -> None:
    """What is read in the middle of a conversation stops all of them for that long."""
    command = [sys.executable, "-c", _FIRST_WORDS, str(WEIGHTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] []"


class Seen(Occupied):
    """Remembers how many threads were counted at most."""

    most = 0

    def _add(self, threads: int) -> None:
        super()._add(threads)
        self.most = max(self.most, 64 - self.left(64))


async def test_a_voice_occupies_its_cores_while_it_computes_and_not_longer() -> None:
    seen = Seen()
    voice = Piper.load(WEIGHTS, threads=2, workers=1, occupied=seen)
    assert seen.most == 0  # nobody else computes while it is loaded
    await voice.speak(QUESTION)
    assert seen.most == 2
    assert seen.left(4) == 4
    seen.most = 0
    await voice.speak(QUESTION)  # is there already
    assert seen.most == 0
    await voice.aclose()
