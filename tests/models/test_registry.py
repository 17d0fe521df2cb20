"""Another engine is a folder and an entry of the manifest."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models
from models import load, manifest, registry
from models.choice import Choice, devices, locate
from models.contracts import Samples
from models.device import Machine
from models.errors import WeightsMissing, WeightsUnusable
from models.manifest import Manifest

MORE = Path(__file__).with_name("more_engines")
SENTENCE, BEAT = b"Polly wants a question.", np.array([0, 9000, 0, -9000], np.int16)
ENTRIES = """
[[model]]
kind = "stt"
engine = "parrot"
id = "grey-parrot"
source = "the rain forest"
revision = "1"
licence = "CC0-1.0"
languages = ["en"]
settings = { sure = 0.75 }
files = [{ path = "grey/sentence.txt", size = 23 }]

[[model]]
kind = "tts"
engine = "drum"
id = "snare"
source = "the band"
revision = "1"
licence = "CC0-1.0"
languages = ["en"]
files = [{ path = "snare.raw", size = 8 }]
"""
SILENCE: Samples = np.zeros(16_000, np.int16)


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    """The manifest with two more entries, whose engines lie in a folder beside ours."""
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(MORE)])
    (tmp_path / "grey").mkdir()
    (tmp_path / "grey" / "sentence.txt").write_bytes(SENTENCE)
    (tmp_path / "snare.raw").write_bytes(BEAT.tobytes())
    path = tmp_path / "manifest.toml"
    path.write_text(manifest.MANIFEST.read_text() + ENTRIES)
    return manifest.read(path)


@pytest.fixture
def choice(tmp_path: Path) -> Choice:
    machine = Machine(device="cpu", threads=2, sessions=2)
    return Choice(tmp_path, recognizer="grey-parrot", voice="snare", machine=machine)


async def test_a_second_recognizer_and_voice_are_loaded_used_and_closed(
    known: Manifest, choice: Choice
) -> None:
    async with load.engines(choice, known) as engines:
        stream = engines.transcriber.open("en")
        transcript = await stream.final(SILENCE)
        assert (transcript.text, transcript.confidence) == (SENTENCE.decode(), 0.75)
        assert (await engines.voice.speak("one two")).size == 2 * BEAT.size
        assert engines.transcriber.max_seconds == 10
    assert engines.transcriber.closed


def test_each_engine_says_what_it_runs_on(known: Manifest, choice: Choice) -> None:
    on = devices(choice, known)
    assert on == {"recognizer": "perch of 2", "language model": "cpu", "voice": "skin"}
    usual = devices(replace(choice, recognizer="starter-recognizer", voice="own.onnx"), known)
    assert usual == {"recognizer": "cpu in int8", "language model": "cpu", "voice": "cpu"}


def test_weights_of_a_second_engine_are_looked_for_like_all_others(
    known: Manifest, choice: Choice, tmp_path: Path
) -> None:
    assert locate(choice, known).recognizer.weights == tmp_path / "grey"
    (tmp_path / "snare.raw").unlink()
    with pytest.raises(WeightsMissing, match=r"snare\.raw"):
        locate(choice, known)


def test_a_setting_that_the_engine_does_not_know_is_named(known: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(path.read_text().replace("{ sure =", "{ shure ="))
    with pytest.raises(WeightsUnusable, match="unknown field `shure`"):
        manifest.read(path)


def test_settings_for_an_engine_without_any_are_refused(known: Manifest, tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(path.read_text().replace('id = "snare"', 'id = "snare"\nsettings = { x = 1 }'))
    with pytest.raises(WeightsUnusable, match="the engine 'drum' has no settings"):
        manifest.read(path)


def test_an_engine_without_a_folder_is_named() -> None:
    with pytest.raises(WeightsUnusable, match=r"no engine 'ghost': models/ghost/engine\.py"):
        registry.engine("ghost")
    with pytest.raises(WeightsUnusable, match="no engine 'spoken'"):
        registry.engine("spoken")


@pytest.mark.parametrize("name", sorted({model.engine for model in manifest.read().model}))
def test_every_engine_of_the_manifest_has_its_folder(name: str) -> None:
    assert registry.engine(name).runs_on(Machine("cpu")).startswith("cpu")
