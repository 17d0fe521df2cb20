"""Files that nobody publishes are made from fetched ones, once."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from models.errors import WeightsUnusable
from models.files import Derived, File
from models.llama.quantize import quantize
from models.llama.trial import Trial
from models.manifest import LanguageModel, Manifest

STARTER = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf").resolve()
SIZE = STARTER.stat().st_size


@pytest.fixture
def setup(monkeypatch, tmp_path):
    """The modules; a base model that is there, and one that is made from it."""
    monkeypatch.syspath_prepend(Path(__file__).parents[3] / "scripts")
    from setup import derive, fetching

    base = LanguageModel("base", "me/it", "1", "MIT", ("en",), (File("downloaded/b.gguf", SIZE),))
    quantize(STARTER, tmp_path / "expected.gguf", "Q4_0")

    expected = (tmp_path / "expected.gguf").stat().st_size

    def small(size=expected):
        file, how = File("downloaded/derived/s.gguf", size), Derived("base", "Q4_0")
        return LanguageModel("small", "me/it", "1", "MIT", ("en",), (file,), derived=how)

    (tmp_path / "downloaded").mkdir()
    (tmp_path / "downloaded/b.gguf").write_bytes(STARTER.read_bytes())
    return SimpleNamespace(derive=derive, fetching=fetching, base=base, small=small)


def good(source, converted):
    return Trial(faster=1.9, alike=0.86)


def test_a_derived_file_is_made_once_and_its_hash_kept(setup, tmp_path):
    small = setup.small()
    known = Manifest((setup.base, small))
    assert setup.derive.with_bases([small], known, tmp_path) == [small, setup.base]
    setup.derive.derive([small], known, tmp_path, good)
    assert setup.derive.with_bases([small], known, tmp_path) == [small]
    assert setup.fetching.damaged([small], tmp_path) == []
    made = tmp_path / "downloaded/derived/s.gguf"
    made.write_bytes(made.read_bytes()[:-1] + b"?")
    (sentence,) = setup.fetching.damaged([small], tmp_path)
    assert "s.gguf of small is damaged" in sentence


def test_what_was_fetched_only_for_it_is_removed(setup, tmp_path):
    small = setup.small()
    known = Manifest((setup.base, small))
    wanted = SimpleNamespace(path="downloaded/b.gguf", target=tmp_path / "downloaded/b.gguf")
    setup.fetching.remember({"downloaded/b.gguf": "0" * 64}, tmp_path)
    setup.derive.derive([small], known, tmp_path, good)
    setup.derive.drop_bases([small, setup.base], [wanted], known, tmp_path)
    assert wanted.target.exists()  # it was chosen itself
    setup.derive.drop_bases([small], [wanted], known, tmp_path)
    assert not wanted.target.exists()
    assert list(setup.fetching.remembered(tmp_path)) == ["downloaded/derived/s.gguf"]


def test_a_file_of_another_length_is_not_taken(setup, tmp_path):
    small = setup.small(size=12345)
    with pytest.raises(WeightsUnusable, match=r"bytes long instead of 12345.*the model base"):
        setup.derive.derive([small], Manifest((setup.base, small)), tmp_path, good)
    assert not (tmp_path / "downloaded/derived/s.gguf").exists()
    assert setup.derive.instead([small], Manifest((setup.base, small))) == [setup.base]


@pytest.mark.parametrize(
    ("trial", "why"),
    [(Trial(1.02, 0.86), "1.02 times as fast"), (Trial(2.0, 0.3), "other words in 70% of")],
)
def test_a_file_that_does_not_pay_is_not_used(setup, tmp_path, trial, why):
    small = setup.small()
    with pytest.raises(WeightsUnusable, match=f"s.gguf is not used: .*{why}"):
        setup.derive.derive([small], Manifest((setup.base, small)), tmp_path, lambda *_: trial)
    assert not (tmp_path / "downloaded/derived/s.gguf").exists()
    assert not setup.fetching.remembered(tmp_path)
