"""What an operator has chosen, and where it is found, before anything is loaded."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.choice import Choice, devices, locate
from models.errors import ModelUnknown, WeightsMissing
from models.manifest import Server


def test_starter_models_are_known_to_be_demonstrations() -> None:
    assert locate(Choice()).demonstrations == (
        "starter-recognizer",
        "starter-interviewer",
        "starter-voice",
    )


def test_a_server_takes_the_place_of_the_language_model() -> None:
    server = Server("http://127.0.0.1:9/v1", "some-model", "secret")
    chosen = locate(replace(Choice(), language_model=server))
    assert chosen.language_model is server
    assert chosen.demonstrations == ("starter-recognizer", "starter-voice")
    assert "secret" not in repr(server)


@pytest.mark.parametrize("part", ["recognizer", "language_model", "voice"])
def test_an_unknown_model_is_refused_before_anything_is_loaded(part: str) -> None:
    with pytest.raises(ModelUnknown, match="'nobody'"):
        locate(replace(Choice(), **{part: "nobody"}))


def test_a_judge_of_the_end_of_turns_is_loaded_only_if_it_is_chosen(tmp_path: Path) -> None:
    assert locate(Choice()).end_of_turn is None
    with pytest.raises(WeightsMissing, match=r"smart-turn-v3\.2-cpu\.onnx"):
        locate(replace(Choice(), end_of_turn="smart-turn-v3.2", models_dir=tmp_path))
    (tmp_path / "own.onnx").write_bytes(b"0")
    chosen = locate(replace(Choice(), end_of_turn="own.onnx", models_dir=tmp_path))
    assert list(chosen.fingerprints)[3:] == ["end of turn"]
    assert chosen.only_demonstrations
    assert devices(replace(Choice(), end_of_turn="own.onnx"))["end of turn"] == "cpu"


def test_every_model_of_a_choice_has_a_fingerprint() -> None:
    served = replace(Choice(), language_model=Server("http://127.0.0.1:9/v1", "some", "secret"))
    prints = locate(served).fingerprints
    assert prints["recognizer"].startswith("starter-recognizer ")
    assert prints["voice"] == locate(Choice()).fingerprints["voice"]
    assert prints["language model"] == "http://127.0.0.1:9/v1 some"
