"""What runs where no setting names a model."""

from pathlib import Path

import msgspec
import pytest

from models import fetched, manifest
from models.fetched import Fetched
from service.default_models import why_chosen, with_fetched
from service.engine_config import chosen_models
from service.errors import SettingInvalid
from service.settings import load

RECORD = Fetched(
    recognizer="whisper-tiny.en", language_model="qwen2.5-1.5b", voice="starter-voice", why="cpu"
)


@pytest.fixture
def chosen(tmp_path: Path):
    """The models, and why, with these settings beside the folder of the models."""

    def run(**settings: str) -> tuple[str, str, str, str]:
        given = {f"VIVAVOCE_{name}": value for name, value in settings.items()}
        found = load(with_fetched({"VIVAVOCE_MODELS_DIR": str(tmp_path), **given}))
        return found.stt_model, found.llm_model, found.tts_voice, why_chosen(found)

    return run


def test_without_anything_the_starters_run(chosen) -> None:
    starters = ("starter-recognizer", "starter-interviewer", "starter-voice")
    assert chosen() == (*starters, "nothing was fetched")


def test_models_without_a_record_of_the_choice_are_named(chosen, tmp_path: Path) -> None:
    (model,) = (each for each in manifest.read().model if each.id == "en_US-ljspeech-medium")
    *most, last = model.files
    for file in most:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        with (tmp_path / file.path).open("wb") as sparse:
            sparse.truncate(file.size)
    assert chosen()[3] == "nothing was fetched"
    with (tmp_path / last.path).open("wb") as sparse:
        sparse.truncate(last.size)
    *starters, why = chosen()
    assert starters == ["starter-recognizer", "starter-interviewer", "starter-voice"]
    assert why == (
        f"{tmp_path / fetched.NAME} is missing, so none of the models beside it"
        " (en_US-ljspeech-medium) is chosen: `make models` chooses, or name them in the settings"
    )


@pytest.mark.parametrize(
    ("name", "said"), [("chosen.json", "is not a folder"), ("nowhere", "there is no folder")]
)
def test_what_is_not_a_folder_starts_nothing_else(chosen, tmp_path: Path, name, said) -> None:
    (tmp_path / "chosen.json").touch()
    with pytest.raises(SettingInvalid, match=f"MODELS_DIR is .*{said}"):
        chosen(MODELS_DIR=str(tmp_path / name))


def test_what_was_fetched_runs(chosen, tmp_path: Path) -> None:
    fetched.write(RECORD, tmp_path)
    assert fetched.read(tmp_path) == RECORD
    models = ("whisper-tiny.en", "qwen2.5-1.5b", "starter-voice")
    assert chosen() == (*models, "fetched for this machine (cpu)")
    assert chosen(STT_MODEL="", LLM_MODEL=" ")[:3] == models


def test_a_setting_wins(chosen, tmp_path: Path) -> None:
    assert chosen(STT_MODEL="mine")[::3] == ("mine", "as set")
    fetched.write(RECORD, tmp_path)
    stt, llm, _, why = chosen(STT_MODEL="starter-recognizer")
    assert (stt, llm) == ("starter-recognizer", "qwen2.5-1.5b")
    assert why == "as set: starter-recognizer; the rest fetched for this machine (cpu)"
    starters = {"STT_MODEL": "starter-recognizer", "LLM_MODEL": "starter-interviewer"}
    assert chosen(**starters, TTS_VOICE="starter-voice")[3] == "as set"


def test_the_name_of_a_servers_model_is_not_what_was_fetched(chosen, tmp_path: Path) -> None:
    fetched.write(RECORD, tmp_path)
    stt, llm, _, why = chosen(LLM_BASE_URL="http://localhost:8000/v1")
    assert (stt, llm) == ("whisper-tiny.en", "starter-interviewer")
    assert why == "fetched for this machine (cpu)"


def test_the_judge_of_the_end_of_turns_is_fetched_too_and_may_be_left_out(tmp_path: Path) -> None:
    def judge(**given: str) -> tuple[str, str]:
        found = load(with_fetched({"VIVAVOCE_MODELS_DIR": str(tmp_path), **given}))
        return chosen_models(found).end_of_turn, why_chosen(found)

    assert judge() == ("", "nothing was fetched")
    fetched.write(msgspec.structs.replace(RECORD, end_of_turn="smart-turn-v3.2"), tmp_path)
    assert judge() == ("smart-turn-v3.2", "fetched for this machine (cpu)")
    assert judge(VIVAVOCE_END_OF_TURN_MODEL="none")[0] == ""


def test_a_damaged_record_is_not_passed_over(chosen, tmp_path: Path) -> None:
    fetched.write(RECORD, tmp_path)
    (tmp_path / fetched.NAME).write_text("{")
    with pytest.raises(SettingInvalid, match=r"chosen\.json.*`make models` writes it anew"):
        chosen()


def test_a_record_of_a_later_version_is_read(chosen, tmp_path: Path) -> None:
    (tmp_path / "downloaded").mkdir()
    (tmp_path / fetched.NAME).write_text('{"recognizer": "whisper-tiny.en", "new": 1}')
    assert chosen()[0] == "whisper-tiny.en"
