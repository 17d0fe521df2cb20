"""A GGUF file is converted whole, or not at all."""

from pathlib import Path

import pytest
from gguf import GGUFReader

from models.errors import WeightsUnusable
from models.llama.quantize import quantize
from models.llama.weights import LlamaWeights

STARTER = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf")


def test_a_converted_file_is_smaller_and_can_be_loaded(tmp_path: Path) -> None:
    target = tmp_path / "derived/small.gguf"
    quantize(STARTER, target, "Q4_0")
    assert target.stat().st_size < STARTER.stat().st_size
    LlamaWeights(target, "cpu").free()
    assert [path.name for path in target.parent.iterdir()] == ["small.gguf"]


def test_what_cannot_be_converted_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.gguf"
    spoilt.write_bytes(b"GGUF" + b"\0" * 100)
    with pytest.raises(WeightsUnusable, match=r"small\.gguf could not be made from .*spoilt\.gguf"):
        quantize(spoilt, tmp_path / "small.gguf", "Q4_0")
    assert [path.name for path in tmp_path.iterdir()] == ["spoilt.gguf"]


def test_a_format_that_the_library_has_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnusable, match="Q9 is not one of Q4_0, IQ4_NL"):
        quantize(STARTER, tmp_path / "small.gguf", "Q9")


def test_where_the_disk_is_too_full_nothing_is_begun(tmp_path: Path) -> None:
    huge = tmp_path / "huge.gguf"
    with huge.open("wb") as file:
        file.truncate(1 << 43)  # a file of holes
    with pytest.raises(WeightsUnusable, match="are wanted on its disk and"):
        quantize(huge, tmp_path / "small.gguf", "Q4_0")
    assert [path.name for path in tmp_path.iterdir()] == ["huge.gguf"]


def test_all_matrices_are_converted_the_last_one_too(tmp_path: Path) -> None:
    target = tmp_path / "small.gguf"
    quantize(STARTER, target, "Q4_0")
    kinds = {t.name: t.tensor_type.name for t in GGUFReader(target).tensors if len(t.shape) > 1}
    assert set(kinds.values()) == {"Q4_0"}
