"""The files that Smart Turn is loaded from."""

from pathlib import Path

import pytest

from models.end_of_turn.smart_turn import SmartTurn
from models.errors import WeightsMissing, WeightsUnusable
from models.vad.silero import bundled


def test_a_missing_file_is_named() -> None:
    with pytest.raises(WeightsMissing, match=r"nowhere\.onnx is not there: download"):
        SmartTurn.load(Path("nowhere.onnx"))


def test_a_damaged_file_is_no_model(tmp_path: Path) -> None:
    damaged = tmp_path / "smart-turn.onnx"
    damaged.write_bytes(b"\x08\x07" * 400)
    with pytest.raises(WeightsUnusable, match="no Smart Turn v3 model"):
        SmartTurn.load(damaged)


def test_another_model_is_not_taken_for_it() -> None:
    with pytest.raises(WeightsUnusable, match="no Smart Turn v3 model"):
        SmartTurn.load(bundled())
