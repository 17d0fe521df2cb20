"""Where a calibration is kept, and what becomes of one that cannot be read."""

import logging
import re
from pathlib import Path

import pytest

from models.choice import Choice, locate
from service.operations import capacity
from service.operations.calibration import Calibration, Step
from service.settings import Settings

STEP = Step(6, 12, 100.0, 300.0, 0.0, 5.0)


def settings(folder: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{folder}/data/vivavoce.db")


def calibration(given: Settings) -> Calibration:
    machine = capacity.machine(given, locate(Choice()))
    return Calibration("2026-11-23T12:00:00+00:00", "0.1.0", machine, 900, (STEP,), {})


def test_it_lies_beside_the_database_or_else_with_the_models(tmp_path: Path) -> None:
    assert capacity.kept_at(settings(tmp_path)) == tmp_path / "data/calibration.json"
    postgres = Settings(database_url="postgresql://host/name", models_dir=tmp_path / "models")
    assert capacity.kept_at(postgres) == tmp_path / "models/calibration.json"


def test_replicas_that_share_a_models_folder_keep_one_for_each_kind_of_machine(
    tmp_path: Path,
) -> None:
    given = Settings(database_url="postgresql://h/n", models_dir=tmp_path, cluster=True)
    path = capacity.kept_at(given)
    assert re.fullmatch("calibration-[0-9a-f]{12}[.]json", path.name)
    found = calibration(given)
    assert capacity.keep(given, found) == path
    assert capacity.last_calibration(given) == found
    assert capacity.kept_at(Settings(database_url="postgresql://h/n", models_dir=tmp_path)) != path


def test_what_was_kept_is_found_and_replaced(tmp_path: Path) -> None:
    given = settings(tmp_path)
    assert capacity.last_calibration(given) is None
    found = calibration(given)
    for _ in range(2):
        assert capacity.keep(given, found) == tmp_path / "data/calibration.json"
        assert capacity.last_calibration(given) == found
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["calibration.json"]
    assert (tmp_path / "data/calibration.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("text", ["", "{", '{"made_at": 1}'])
def test_one_that_cannot_be_read_counts_as_none_and_is_told(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(tmp_path)
    capacity.kept_at(given).parent.mkdir()
    capacity.kept_at(given).write_text(text)
    with caplog.at_level(logging.WARNING):
        assert capacity.last_calibration(given) is None
    assert "calibration.json cannot be used" in caplog.text


def test_the_machine_is_this_one_with_these_models(tmp_path: Path) -> None:
    machine = capacity.machine(settings(tmp_path), locate(Choice()))
    assert machine.processor
    assert machine.cores >= 1
    assert set(machine.models) == {"recognizer", "language model", "voice"}


def test_a_calibration_of_this_machine_says_how_many_are_admitted(tmp_path: Path) -> None:
    given = settings(tmp_path)
    chosen = locate(Choice())
    assert "careful guess" in capacity.session_capacity(given, chosen).said
    capacity.keep(given, calibration(given))
    assert capacity.session_capacity(given, chosen).places == 6
