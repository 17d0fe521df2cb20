"""What was chosen is written down: for the service, and into .env."""

import stat
from pathlib import Path

import pytest

from models import fetched, manifest
from models.fetched import Fetched

BY_ID = {model.id: model for model in manifest.read().model}


@pytest.fixture
def record(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "scripts")
    from setup import choice_record

    return choice_record


def test_what_is_not_chosen_anew_stays(record, tmp_path):
    first = ("whisper-base", "qwen2.5-1.5b", "en_US-john-medium", "smart-turn-v3.2")
    record.keep([BY_ID[name] for name in first], tmp_path, "cpu")
    record.keep([BY_ID["whisper-tiny.en"], BY_ID["whisper-base"]], tmp_path, "as asked")
    assert fetched.read(tmp_path) == Fetched("whisper-tiny.en", *first[1:], why="as asked")


def test_settings_that_say_otherwise_are_named(record):
    models = [BY_ID["whisper-tiny.en"], BY_ID["smart-turn-v3.2"]]
    assert record.overruled(models, {"VIVAVOCE_STT_MODEL": "mine"}) == ["VIVAVOCE_STT_MODEL=mine"]
    assert record.overruled(models, {"VIVAVOCE_STT_MODEL": "whisper-tiny.en"}) == []
    assert record.overruled(models, {"VIVAVOCE_STT_MODEL": ""}) == []


def test_settings_are_written_into_their_places_and_the_rest_stays(record, tmp_path):
    env = tmp_path / ".env"
    env.write_text("# ours\nVIVAVOCE_STT_MODEL=old\nexport VIVAVOCE_API_KEYS=secret\nOTHER=1")
    env.chmod(0o640)
    record.write_env(["VIVAVOCE_STT_MODEL=a\\b", "VIVAVOCE_LLM_MODEL=c"], env)
    assert env.read_text() == (
        "# ours\nVIVAVOCE_STT_MODEL=a\\b\nexport VIVAVOCE_API_KEYS=secret\nOTHER=1\n"
        "VIVAVOCE_LLM_MODEL=c\n"
    )
    assert stat.S_IMODE(env.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


def test_a_new_file_is_for_its_owner_alone(record, tmp_path):
    record.write_env(["A=1", "B=2"], tmp_path / ".env")
    assert (tmp_path / ".env").read_text() == "A=1\nB=2\n"
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
