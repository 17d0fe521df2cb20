"""What a machine without a network gets, and what is refused there."""

import ast
import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from models import fetched, manifest
from models.errors import WeightsUnusable
from models.fetched import Fetched
from models.manifest import File, LanguageModel

ROOT = Path(__file__).parents[2]
CONTENT = b"weights"
MODEL = LanguageModel(
    "small",
    "me/it",
    "0" * 40,
    "MIT",
    ("en",),
    (File("downloaded/small.gguf", len(CONTENT), hashlib.sha256(CONTENT).hexdigest()),),
)


@pytest.fixture
def bundle(monkeypatch, tmp_path):
    """The module that makes bundles, with one wheel to put into them."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    from setup import model_bundle

    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "some-1.0.whl").write_bytes(b"wheel")
    (wheels / "llama-cpp.key").write_text("another processor")
    monkeypatch.setattr(model_bundle, "WHEELS", wheels)
    return model_bundle


@pytest.fixture
def install(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import install_bundle

    return install_bundle


@pytest.fixture
def models_dir(tmp_path):
    folder = tmp_path / "models"
    (folder / "downloaded").mkdir(parents=True)
    (folder / "downloaded/small.gguf").write_bytes(CONTENT)
    (folder / "downloaded/SHA256SUMS").write_text("aa  downloaded/small.gguf\n")
    return folder


@pytest.fixture
def archive(bundle, models_dir, tmp_path):
    return bundle.pack(bundle.members([MODEL], models_dir), tmp_path / "out")


def written(path, *members):
    """An archive of these names and contents."""
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def sums(**files):
    return "".join(f"{hashlib.sha256(c).hexdigest()}  {n}\n" for n, c in files.items()).encode()


def test_what_is_packed_arrives(install, archive, tmp_path):
    install.unpack(archive, tmp_path / "there")
    assert (tmp_path / "there/models/downloaded/small.gguf").read_bytes() == CONTENT
    assert (tmp_path / "there/wheels/some-1.0.whl").read_bytes() == b"wheel"
    assert [path.name for path in archive.parent.iterdir()] == ["vivavoce-bundle.tar"]


def test_a_damaged_model_is_not_packed(bundle, models_dir):
    (models_dir / "downloaded/small.gguf").write_bytes(CONTENT[::-1])
    with pytest.raises(WeightsUnusable, match="small is damaged"):
        bundle.members([MODEL], models_dir)


def test_a_changed_byte_is_found(install, archive, tmp_path):
    damaged = archive.read_bytes().replace(CONTENT, CONTENT[::-1])
    archive.write_bytes(damaged)
    with pytest.raises(
        install.BundleUnusable, match=r"small\.gguf in .* is damaged: copy it again"
    ):
        install.unpack(archive, tmp_path / "there")


def test_an_archive_that_ends_early_is_found(install, archive, tmp_path):
    archive.write_bytes(archive.read_bytes()[:4096])
    with pytest.raises(install.BundleUnusable, match=r"damaged|lacks"):
        install.unpack(archive, tmp_path / "there")


def test_a_file_that_is_listed_and_not_there_is_found(install, tmp_path):
    path = written(tmp_path / "b.tar", ("SHA256SUMS", sums(**{"wheels/a.whl": b"a"})))
    with pytest.raises(install.BundleUnusable, match=r"lacks wheels/a\.whl"):
        install.unpack(path, tmp_path / "there")


def test_a_file_that_is_not_listed_is_refused(install, tmp_path):
    path = written(tmp_path / "b.tar", ("SHA256SUMS", b""), ("wheels/evil.whl", b"x"))
    with pytest.raises(install.BundleUnusable, match="which does not belong"):
        install.unpack(path, tmp_path / "there")


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "models/../../out", "scripts/x.py"])
def test_nothing_is_written_outside(install, tmp_path, name):
    path = written(tmp_path / "b.tar", ("SHA256SUMS", sums(**{name: b"x"})), (name, b"x"))
    with pytest.raises(install.BundleUnusable, match="nothing was installed"):
        install.unpack(path, tmp_path / "there")
    assert not (tmp_path / "out").exists()


def test_any_other_file_is_no_bundle(install, tmp_path):
    (tmp_path / "b.tar").write_bytes(b"something else")
    with pytest.raises(install.BundleUnusable, match="no bundle"):
        install.unpack(tmp_path / "b.tar", tmp_path / "there")
    path = written(tmp_path / "c.tar", ("readme", b"x"))
    with pytest.raises(install.BundleUnusable, match="does not begin with SHA256SUMS"):
        install.unpack(path, tmp_path / "there")


def test_models_go_to_their_folder_and_others_stay(install, archive, tmp_path):
    install.unpack(archive, tmp_path / "there")
    models = tmp_path / "service-models"
    (models / "downloaded").mkdir(parents=True)
    (models / "downloaded/SHA256SUMS").write_text("bb  downloaded/other.gguf\n")
    (models / "downloaded/other.gguf").touch()
    install.place_models(tmp_path / "there", models)
    assert (models / "downloaded/small.gguf").read_bytes() == CONTENT
    assert (models / "downloaded/other.gguf").exists()
    assert (models / "downloaded/SHA256SUMS").read_text().splitlines() == [
        "aa  downloaded/small.gguf",
        "bb  downloaded/other.gguf",
    ]


def test_packages_that_cannot_be_fetched_are_a_sentence(bundle, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        bundle.DownloadFailed, match=r"Python packages were not fetched: The package"
    ):
        bundle._download("none", ["nothing-of-that-name==1.0 --hash=sha256:" + "0" * 64])


def test_the_chosen_models_run_on_the_other_machine(bundle, install, models_dir, tmp_path):
    files = bundle.members([MODEL], models_dir) | bundle.chosen([MODEL], "profile cpu")
    install.unpack(bundle.pack(files, tmp_path / "out"), tmp_path / "there")
    install.place_models(tmp_path / "there", tmp_path / "models-there")
    record = fetched.read(tmp_path / "models-there")
    assert record.language_model == "small"
    assert record.why == "profile cpu, from a bundle"


def test_an_upgrade_by_a_bundle_keeps_the_choice(bundle, install, models_dir, tmp_path, capsys):
    files = bundle.members([MODEL], models_dir) | bundle.chosen([MODEL], "profile cpu")
    install.unpack(bundle.pack(files, tmp_path / "out"), tmp_path / "there")
    fetched.write(Fetched(language_model="mine"), tmp_path / "models-there")
    install.place_models(tmp_path / "there", tmp_path / "models-there")
    assert fetched.read(tmp_path / "models-there").language_model == "mine"
    assert "keeps its choice of models" in capsys.readouterr().out


def test_starter_weights_need_no_place_in_a_bundle(bundle, models_dir):
    (starter, *_) = (model for model in manifest.read().model if model.shipped)
    assert (
        bundle.members([starter, MODEL], models_dir).keys()
        == bundle.members([MODEL], models_dir).keys()
    )


def test_a_llama_cpp_of_another_processor_is_not_used(install, monkeypatch, tmp_path):
    wheels, kept = tmp_path / "wheels", tmp_path / "kept"
    wheels.mkdir()
    kept.mkdir()
    (wheels / "llama_cpp_python-1.whl").touch()
    monkeypatch.setattr(install.bootstrap, "wheel_folder", lambda: kept)
    (wheels / "llama-cpp.key").write_text("another processor")
    install.place_llama(wheels)
    assert list(kept.iterdir()) == []
    (wheels / "llama-cpp.key").write_text(install.bootstrap.wheel_key())
    install.place_llama(wheels)
    assert [path.name for path in kept.iterdir()] == ["llama_cpp_python-1.whl"]


def test_an_old_python_can_read_the_installer():
    ast.parse((ROOT / "scripts/install_bundle.py").read_text(), feature_version=(3, 7))
