"""Recordings on their way to the disk: what is written, and what a bad disk does not harm."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from uuid import uuid4

import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from pipeline.conversation.stereo import BLOCK
from service.errors import SettingInvalid
from service.recording import recordings
from service.recording.recorder import WAITING, Recorder, RecordingWriter
from tests.audio import channels, lag, noise

SPOKEN = noise(3, 3000)
BOTH = np.stack([SPOKEN, SPOKEN[::-1]], axis=1)
BLOCKS = [BOTH[start : start + BLOCK] for start in range(0, len(BOTH), BLOCK)]


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    made = Recorder(tmp_path, spared=0)
    yield made
    await made.aclose()


async def test_what_is_written_is_in_the_file(tmp_path: Path) -> None:
    recorder, interview_id = Recorder(tmp_path, spared=0), uuid4()
    async with recorder.recording(interview_id) as writer:
        for block in BLOCKS:
            writer.write(block)
    await recorder.aclose()
    assert (writer.number, writer.failure) == (1, "")
    left, right = channels(recordings.path_of(tmp_path, interview_id, 1))
    assert abs(lag(left, SPOKEN)) < 0.001
    assert abs(lag(right, SPOKEN[::-1])) < 0.001
    assert abs(len(left) / SPEAKING_RATE - 3) < 0.02


async def test_each_connection_has_its_own_recording(tmp_path: Path) -> None:
    recorder, interview_id = Recorder(tmp_path, spared=0), uuid4()
    for number in (1, 2):
        async with recorder.recording(interview_id) as writer:
            assert writer.number == number
            writer.write(BLOCKS[0])
    await recorder.aclose()
    assert [
        each.seconds > 0 for each in await recordings.list_recordings(tmp_path, interview_id)
    ] == [True] * 2


async def test_a_disk_with_hardly_any_room_is_left_to_the_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, interview_id = Recorder(tmp_path, spared=2**60), uuid4()
    async with recorder.recording(interview_id) as writer:
        assert "MB of its disk are free" in writer.failure
        assert writer.number == 0
        writer.write(BLOCKS[0])
    await recorder.aclose()
    assert await recordings.list_recordings(tmp_path, interview_id) == []
    assert [(r.levelno, str(interview_id) in r.getMessage()) for r in caplog.records] == [
        (logging.ERROR, True)
    ]


async def test_a_disk_on_which_others_leave_no_room_ends_the_recording(
    tmp_path: Path, recorder: Recorder
) -> None:
    writer = RecordingWriter(uuid4(), recorder._thread, spared=2**60)
    writer.begin(1, tmp_path / "1.ogg")
    writer.write(BLOCKS[0])
    await recorder._thread.call(lambda: None)  # it comes after what was written
    assert "MB of its disk are free" in writer.failure
    assert not await asyncio.to_thread((tmp_path / "1.ogg").exists)


async def test_a_disk_that_becomes_full_ends_the_recording_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, interview_id = Recorder(tmp_path, spared=0), uuid4()
    async with recorder.recording(interview_id) as writer:
        path = recordings.path_of(tmp_path, interview_id, writer.number)
        path.unlink()
        path.symlink_to("/dev/full")
        for block in BLOCKS:
            writer.write(block)
        await recorder._thread.call(lambda: None)  # it comes after what was written
        for block in BLOCKS:
            writer.write(block)
    await recorder.aclose()
    assert writer.failure == "No space left on device"
    assert len(caplog.records) == 1


@asynccontextmanager
async def hanging(recorder: Recorder) -> AsyncIterator[None]:
    """The disk does not answer any more until this is left."""
    hangs, answers = Event(), Event()

    def hang() -> None:
        hangs.set()
        answers.wait(30)

    hung = recorder._thread.call(hang)
    try:
        await asyncio.to_thread(hangs.wait)
        yield
    finally:
        answers.set()
        await hung


async def test_a_disk_that_does_not_keep_up_ends_the_recording_and_bounds_what_waits(
    recorder: Recorder,
) -> None:
    async with recorder.recording(uuid4()) as writer, hanging(recorder):
        for _ in range(WAITING):
            writer.write(BLOCKS[0])
        assert writer.failure == ""
        writer.write(BLOCKS[0])
        assert writer.failure == "the disk does not keep up"
        writer.write(BLOCKS[0])
        assert recorder._thread.state.waiting == WAITING


async def test_a_disk_that_does_not_answer_keeps_nobody_waiting_for_long(
    recorder: Recorder,
) -> None:
    async with asyncio.timeout(20), hanging(recorder), recorder.recording(uuid4()) as writer:
        assert writer.failure == "the disk does not answer"


async def test_an_interview_that_is_erased_meanwhile_leaves_no_file(tmp_path: Path) -> None:
    recorder, interview_id = Recorder(tmp_path, spared=0), uuid4()
    async with recorder.recording(interview_id) as writer:
        writer.write(BLOCKS[0])
        await recordings.erase(tmp_path, interview_id)
        for block in BLOCKS:
            writer.write(block)
    await recorder.aclose()
    assert not (tmp_path / str(interview_id)).exists()


def test_a_folder_that_cannot_be_had_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingInvalid, match="VIVAVOCE_RECORDINGS_DIR"):
        Recorder(tmp_path / "file" / "recordings")
