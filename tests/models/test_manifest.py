"""Which models are known, and what is said when one cannot be used."""

import hashlib
import re
from pathlib import Path, PurePosixPath

import pytest

from models import manifest
from models.errors import ModelUnknown, WeightsMissing, WeightsUnusable
from models.llama.settings import Settings as LlamaSettings
from models.manifest import EndOfTurn, LanguageModel, Recognizer, Voice

ENTRY = """
# A comment that stays.
[[model]]
kind = "llm"
id = "small"
source = "example/small"
revision = "abc"
licence = "Apache-2.0"
languages = ["en", "de"]
settings = { temperature = 0.5 }
files = [{ path = "small/small.gguf", size = 5, sha256 = "" }]
"""


@pytest.fixture
def known(tmp_path: Path) -> manifest.Manifest:
    """One model whose file holds "hello", below `tmp_path`."""
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "small.gguf").write_text("hello")
    path = tmp_path / "manifest.toml"
    path.write_text(manifest.refreshed(ENTRY, tmp_path))
    return manifest.read(path)


@pytest.mark.parametrize("model", manifest.read().model, ids=lambda model: model.id)
def test_every_model_has_a_source_a_revision_a_licence_and_safe_paths(
    model: manifest.AnyModel,
) -> None:
    assert model.source
    assert model.revision
    assert model.licence
    assert model.languages
    for file in model.files:
        path = PurePosixPath(file.path)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert file.size > 0
        assert len(file.sha256) == 64 or (not file.sha256 and not model.shipped)


@pytest.mark.parametrize(
    "model", [m for m in manifest.read().model if not m.shipped], ids=lambda model: model.id
)
def test_what_is_downloaded_is_pinned_to_a_commit_and_has_places_of_its_own(
    model: manifest.AnyModel,
) -> None:
    assert re.fullmatch(r"[0-9a-f]{40}", model.revision) or not model.hub
    assert model.hub or model.packages
    assert model.source.count("/") == 1
    assert all(file.path.startswith("downloaded/") for file in model.files)
    if isinstance(model, LanguageModel):
        assert model.cache


PARTED = """
packages = [{ name = "p", version = "1", sha256 = "00", size = 9 }]
files = [{ path = "a.gguf", size = 5, sha256 = "11", parts = [
  { package = "p", member = "m/a", size = 3 }, { package = "p", member = "m/b", size = 2 } ] }]
"""


def test_a_file_may_come_in_parts_that_packages_hold(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    without = ENTRY.partition("files =")[0]
    path.write_text(without + PARTED)
    (model,) = manifest.read(path).model
    assert [part.member for part in model.files[0].parts] == ["m/a", "m/b"]
    assert model.packages[0].wheel == "p-1-py3-none-any.whl"
    for mistake, told in (
        (("size = 3", "size = 4"), "not as long as the file"),
        (('package = "p"', 'package = "q"'), "no package q"),
        (('sha256 = "11"', 'sha256 = ""'), "no hash to compare it with"),
    ):
        path.write_text(without + PARTED.replace(*mistake))
        with pytest.raises(WeightsUnusable, match=told):
            manifest.read(path)


def test_a_derived_model_is_made_from_one_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    made = ENTRY.replace('"small"', '"smaller"') + 'derived = { model = "small", format = "Q4_0" }'
    path.write_text(ENTRY + made)
    assert manifest.read(path).model[1].derived
    path.write_text(made)
    with pytest.raises(WeightsUnusable, match="made from small, which is no model"):
        manifest.read(path)


def test_a_judge_of_the_end_of_turns_is_chosen_by_its_id(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"download_models\.py smart-turn-v3\.2"):
        manifest.find("smart-turn-v3.2", EndOfTurn, tmp_path)
    assert manifest.engine_of("smart-turn-v3.2", EndOfTurn) == "end_of_turn"
    with pytest.raises(ModelUnknown, match="no end-of-turn model 'nobody'"):
        manifest.find("nobody", EndOfTurn, tmp_path)


def test_no_two_models_share_a_file() -> None:
    paths = [file.path for model in manifest.read().model for file in model.files]
    assert len(set(paths)) == len(paths)


def test_a_profile_names_models_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    profile = """
[[profile]]
id = "any"
gpu = false
memory = 1
cores = 1
sessions = 1
recognizers = []
language_models = ["small"]
"""
    path.write_text(ENTRY + profile)
    assert manifest.read(path).profile[0].id == "any"
    path.write_text(ENTRY + profile.replace("small", "big"))
    with pytest.raises(WeightsUnusable, match="names big, which is no model"):
        manifest.read(path)


def test_without_a_hash_only_the_size_counts(known: manifest.Manifest, tmp_path: Path) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(ENTRY.replace(', sha256 = ""', ""))
    (model,) = manifest.read(path).model
    manifest.verify(model, tmp_path)


def test_the_name_in_the_repository_is_the_last_part_unless_it_is_given() -> None:
    assert manifest.File("a/b.bin", 1).name == "b.bin"
    assert manifest.File("a/b.bin", 1, remote="c/d.bin").name == "c/d.bin"


@pytest.mark.parametrize(
    "model", [m for m in manifest.read().model if m.shipped], ids=lambda model: model.id
)
def test_the_starter_weights_are_those_of_the_manifest(
    model: manifest.AnyModel, tmp_path: Path
) -> None:
    manifest.verify(model, tmp_path)


def test_a_starter_is_found_in_the_package_whatever_the_models_folder(tmp_path: Path) -> None:
    voice = manifest.find("starter-voice", Voice, tmp_path)
    assert voice.model.shipped
    assert voice.model.demonstration
    assert voice.weights.name == "en_US-starter.onnx"
    recognizer = manifest.find("starter-recognizer", Recognizer, tmp_path / "none")
    assert (recognizer.weights / "model.bin").is_file()


def test_a_downloaded_model_is_found_by_its_id(known: manifest.Manifest, tmp_path: Path) -> None:
    found = manifest.find("small", LanguageModel, tmp_path, known)
    assert found.weights == tmp_path / "small/small.gguf"
    assert found.model.settings_as(LlamaSettings).temperature == 0.5
    assert not found.model.demonstration


def test_an_unknown_id_is_answered_with_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknown, match="choose one of starter-voice"):
        manifest.find("nobody", Voice, tmp_path)


def test_a_voice_is_no_recognizer(tmp_path: Path) -> None:
    with pytest.raises(ModelUnknown, match="no recognizer 'starter-voice'"):
        manifest.find("starter-voice", Recognizer, tmp_path)


def test_a_path_inside_the_models_folder_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "own.gguf").touch()
    (tmp_path / "whisper").mkdir()
    (tmp_path / "whisper" / "model.bin").touch()
    own = manifest.find("own.gguf", LanguageModel, tmp_path)
    assert own.weights == (tmp_path / "own.gguf").resolve()
    assert own.model.settings_as(LlamaSettings) == LlamaSettings()
    assert (
        manifest.find("whisper", Recognizer, tmp_path).weights == (tmp_path / "whisper").resolve()
    )
    absolute = str(tmp_path / "own.gguf")
    assert manifest.find(absolute, LanguageModel, tmp_path).weights == own.weights


@pytest.mark.parametrize("form", ["../out.gguf", "{outside}/out.gguf", "link.gguf", ".", ""])
def test_a_path_outside_the_models_folder_is_not(tmp_path: Path, form: str) -> None:
    (tmp_path / "out.gguf").touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.gguf").symlink_to(tmp_path / "out.gguf")
    with pytest.raises(ModelUnknown):
        manifest.find(form.format(outside=tmp_path), LanguageModel, inside)


def test_a_path_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "voice.onnx").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsUnusable, match=r"ends in \.gguf"):
        manifest.find("voice.onnx", LanguageModel, tmp_path)
    with pytest.raises(WeightsUnusable, match="a folder in CTranslate2 format"):
        manifest.find("empty", Recognizer, tmp_path)


def test_a_file_that_is_not_there_is_to_be_downloaded(
    known: manifest.Manifest, tmp_path: Path
) -> None:
    with pytest.raises(WeightsMissing, match=r"download_models\.py small"):
        manifest.find("small", LanguageModel, tmp_path / "elsewhere", known)


def test_a_file_of_the_wrong_size_is_refused_at_once(
    known: manifest.Manifest, tmp_path: Path
) -> None:
    (tmp_path / "small/small.gguf").write_text("hell")
    with pytest.raises(WeightsUnusable, match="4 bytes instead of 5"):
        manifest.find("small", LanguageModel, tmp_path, known)


def test_a_changed_byte_is_found_by_verify_only(known: manifest.Manifest, tmp_path: Path) -> None:
    (tmp_path / "small/small.gguf").write_text("jello")
    found = manifest.find("small", LanguageModel, tmp_path, known)
    with pytest.raises(WeightsUnusable, match="damaged"):
        manifest.verify(found.model, tmp_path)


def test_refreshing_writes_sizes_and_hashes_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "small.gguf").write_text("hello again")
    text = manifest.refreshed(ENTRY, tmp_path)
    expected = hashlib.sha256(b"hello again").hexdigest()
    assert text == ENTRY.replace("size = 5", "size = 11").replace('6 = ""', f'6 = "{expected}"')
    assert manifest.refreshed(ENTRY, tmp_path / "elsewhere") == ENTRY


@pytest.mark.parametrize(
    "text",
    [
        "[[model]",
        ENTRY + ENTRY,
        ENTRY.replace("temperature", "temperatur"),
        ENTRY.replace('"llm"', '"vad"'),
        ENTRY.replace("licence", "license"),
        ENTRY.replace("size = 5", 'size = "5"'),
    ],
)
def test_a_manifest_with_a_mistake_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(WeightsUnusable, match=r"manifest\.toml cannot be used"):
        manifest.read(path)


def test_the_command_verifies_the_starter_weights() -> None:
    assert manifest.main(["verify"]) == 0
    assert manifest.main(["nonsense"]) == 2


def test_a_fingerprint_changes_with_the_weights_and_with_nothing_else(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"one")

    def seen(name: str) -> str:
        return manifest.fingerprint(manifest.find(name, LanguageModel, tmp_path))

    before = seen("own.gguf")
    assert seen("own.gguf") == before
    assert seen("starter-interviewer") != before
    own.write_bytes(b"another")
    assert seen("own.gguf") != before
