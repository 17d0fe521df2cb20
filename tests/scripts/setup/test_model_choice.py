"""Which models suit a machine, and what they take."""

from pathlib import Path

import pytest

from models import manifest
from models.llama.settings import Settings as LlamaSettings
from models.manifest import Profile, Voice

KNOWN = manifest.read()
PROFILES = {profile.id: profile for profile in KNOWN.profile}


@pytest.fixture
def choice(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "scripts")
    from setup import model_choice

    return model_choice


@pytest.mark.parametrize(
    ("machine", "profile"),
    [
        ((2, 3900), "cpu-small"),
        ((1, 900), "cpu-small"),
        ((16, 64_000), "cpu"),
        ((2, 64_000), "cpu-small"),
        ((16, 64_000, 8589), "gpu-8gb"),
        ((16, 64_000, 25_769), "gpu-24gb"),
        ((16, 64_000, 80_000), "gpu-24gb"),
        ((16, 64_000, 4_000), "cpu"),
    ],
)
def test_the_largest_profile_that_fits_is_taken(choice, machine, profile):
    assert choice.profile_for(choice.MachineSize(*machine), KNOWN.profile).id == profile


@pytest.mark.parametrize("profile", KNOWN.profile, ids=lambda profile: profile.id)
def test_a_profile_fits_into_the_memory_that_it_is_made_for(choice, profile: Profile):
    models = choice.models_of(profile, KNOWN, "en")
    needed = choice.memory_of(models, gpu=profile.gpu, sessions=profile.sessions)
    assert needed <= profile.memory * choice.MB


def test_english_gets_the_recognizer_that_knows_only_english(choice):
    cpu = PROFILES["cpu"]
    assert choice.models_of(cpu, KNOWN, "en")[0].id == "whisper-small.en"
    assert choice.models_of(cpu, KNOWN, "de")[0].id == "whisper-small"


def test_a_voice_that_needs_no_condition_is_preferred(choice):
    for language in ("en", "fr", "nl"):
        voice = choice.models_of(PROFILES["gpu-24gb"], KNOWN, language)[2]
        assert isinstance(voice, Voice)
        assert not voice.condition


def test_where_nothing_can_be_had_the_starters_remain_for_their_language(choice):
    def chosen(language):
        found = choice.models_of(PROFILES["cpu"], KNOWN, language, has=lambda model: False)
        return [model.id for model in found]

    assert chosen("en") == ["starter-recognizer", "starter-interviewer", "starter-voice"]
    with pytest.raises(choice.NoChoice, match=r"none of whisper-small, .* can be had"):
        chosen("de")


def test_a_condition_is_asked_for_where_it_would_help(choice):
    cpu = PROFILES["cpu"]
    index = ("whisper-base", "qwen2.5-coder-1.5b", "en_US-joe-medium", "de_DE-thorsten-medium")

    def chosen(language, ids=index, **how):
        found = choice.models_of(cpu, KNOWN, language, has=lambda m: m.id in ids, **how)
        return [model.id for model in found]

    assert chosen("en", licences=False) == [*index[:2], "starter-voice"]
    assert chosen("en") == [*index[:3]]
    assert chosen("de") == [*index[:2], "de_DE-thorsten-medium"]
    with pytest.raises(choice.NoChoice, match=r"--accept-licence is needed for one of\n  de_DE"):
        chosen("de", licences=False)
    with pytest.raises(choice.NoChoice, match=r"none of de_DE-thorsten-medium can be had"):
        chosen("de", ids=index[:2])


def test_a_judge_of_the_end_of_turns_comes_with_them_where_it_can_be_had(choice):
    cpu = PROFILES["cpu"]
    assert choice.models_of(cpu, KNOWN, "de")[3].id == "smart-turn-v3.2"
    without = choice.models_of(cpu, KNOWN, "en", has=lambda model: model.engine != "end_of_turn")
    assert len(without) == 3


def test_a_language_that_no_model_knows_is_answered_with_those_known(choice):
    with pytest.raises(choice.NoChoice, match="no voice for 'ja', only for de, en"):
        choice.models_of(PROFILES["gpu-24gb"], KNOWN, "ja")


def test_more_interviews_take_more_memory_of_the_language_model_alone(choice):
    recognizer, language_model, voice, judge = choice.models_of(PROFILES["cpu"], KNOWN, "en")

    def grows(model):
        return choice.memory(model, gpu=False, sessions=5) - choice.memory(
            model, gpu=False, sessions=4
        )

    assert (
        grows(language_model)
        == language_model.cache * language_model.settings_as(LlamaSettings).context
    )
    assert grows(recognizer) == grows(voice) == grows(judge) == 0


def test_this_machine_has_cores_and_memory(choice):
    machine = choice.machine()
    assert machine.cores >= 1
    assert machine.memory > 100
