from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contracts import SPEAKING_RATE
from service.recording.ogg_opus import OggOpusWriter, seconds
from tests.audio import channels, lag, level, noise

BLOCK = SPEAKING_RATE // 4
LEFT, RIGHT = noise(8, 3000, 1), noise(8, 3000, 2)


def written(path: Path, length: float) -> OggOpusWriter:
    writer = OggOpusWriter(path)
    both = np.stack([LEFT, RIGHT], axis=1)[: round(length * SPEAKING_RATE)]
    for start in range(0, len(both), BLOCK):
        writer.write(both[start : start + BLOCK])
    return writer


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("opus") / "1.ogg"
    written(path, 8).close()
    return path.read_bytes()


def test_both_channels_come_back_in_their_places_and_at_their_times(tmp_path: Path) -> None:
    path = tmp_path / "1.ogg"
    written(path, 8).close()
    left, right = channels(path)
    assert abs(lag(left, LEFT)) < 0.001
    assert abs(lag(right, RIGHT)) < 0.001
    assert abs(len(left) / SPEAKING_RATE - 8) < 0.02
    assert abs(seconds(path) - 8) < 0.02


def test_one_side_is_not_heard_in_the_other(tmp_path: Path) -> None:
    path = tmp_path / "1.ogg"
    writer = OggOpusWriter(path)
    writer.write(np.stack([LEFT, np.zeros_like(LEFT)], axis=1))
    writer.close()
    left, right = channels(path)
    assert level(right, 0, 8) < level(left, 0, 8) / 1000


def test_while_it_is_written_the_file_lacks_less_than_half_a_second(
    tmp_path: Path,
) -> None:
    path = tmp_path / "1.ogg"
    writer = OggOpusWriter(path)
    both = np.stack([LEFT, RIGHT], axis=1)
    for end in range(BLOCK, len(both) + 1, BLOCK):
        writer.write(both[end - BLOCK : end])
        assert seconds(path) >= end / SPEAKING_RATE - 0.43
    writer.close()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_file_that_breaks_off_anywhere_is_played_as_far_as_it_goes(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("cut") / "1.ogg"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    if length := seconds(path):
        left, _ = channels(path)
        assert len(left) / SPEAKING_RATE == pytest.approx(length, abs=0.03)


@pytest.mark.parametrize("content", [b"", b"OggS", b"x" * 200_000, b"OggS" * 1000])
def test_what_is_no_recording_has_no_length(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1.ogg"
    path.write_bytes(content)
    assert seconds(path) == 0


def test_a_file_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        written(tmp_path / "missing" / "1.ogg", 8)


def test_a_full_disk_is_an_os_error() -> None:
    writer = OggOpusWriter(Path("/dev/full"))
    with pytest.raises(OSError, match="No space left"):
        writer.write(np.stack([LEFT, RIGHT], axis=1))
    with pytest.raises(OSError, match="No space left"):
        writer.close()
