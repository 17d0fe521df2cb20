"""When a converted file is used."""

from pathlib import Path

import pytest

from models.errors import WeightsUnusable
from models.llama.trial import ALIKE, WORTH, Trial, compare

STARTER = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf")


def test_a_file_that_is_quicker_and_says_the_same_is_used() -> None:
    assert Trial(faster=WORTH, alike=ALIKE).objection == ""


def test_a_file_that_is_hardly_quicker_is_not_used() -> None:
    assert "1.05 times as fast" in Trial(faster=1.05, alike=1.0).objection


def test_a_file_that_says_something_else_is_not_used_however_quick() -> None:
    assert "other words in 80% of" in Trial(faster=3.0, alike=0.2).objection


def test_a_file_says_the_same_as_itself() -> None:
    assert compare(STARTER, STARTER).alike == 1.0


def test_a_file_that_cannot_be_loaded_is_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF")
    with pytest.raises(WeightsUnusable, match=r"broken\.gguf cannot be tried: .*cannot be loaded"):
        compare(STARTER, broken)
