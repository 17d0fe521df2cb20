import errno
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from service.errors import RecordingsUnavailable
from service.recording import recordings
from service.recording.ogg_opus import OggOpusWriter
from service.recording.recordings import ERASE_TRIES


def recorded(path: Path, seconds: float = 1.0) -> None:
    writer = OggOpusWriter(path)
    writer.write(np.zeros((round(seconds * SPEAKING_RATE), 2), dtype=np.int16))
    writer.close()


async def test_the_recordings_of_an_interview_are_numbered_and_measured(tmp_path: Path) -> None:
    interview_id = uuid4()
    for number, seconds in ((1, 1.0), (2, 2.5)):
        assert recordings.reserve(tmp_path, interview_id)[0] == number
        recorded(recordings.path_of(tmp_path, interview_id, number), seconds)
    recordings.reserve(tmp_path, uuid4())
    found = await recordings.list_recordings(tmp_path, interview_id)
    assert [(each.number, round(each.seconds, 1)) for each in found] == [(1, 1.0), (2, 2.5)]
    assert found[0].size_bytes == found[0].path.stat().st_size


async def test_ten_comes_after_nine(tmp_path: Path) -> None:
    interview_id = uuid4()
    numbers = [recordings.reserve(tmp_path, interview_id)[0] for _ in range(11)]
    assert numbers == list(range(1, 12))
    assert [
        each.number for each in await recordings.list_recordings(tmp_path, interview_id)
    ] == numbers


def test_processes_that_reserve_at_once_get_files_of_their_own(tmp_path: Path) -> None:
    interview_id = uuid4()
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as others:
        reserved = [others.submit(recordings.reserve, tmp_path, interview_id) for _ in range(40)]
        numbers = [each.result()[0] for each in reserved]
    assert sorted(numbers) == list(range(1, 41))


def test_only_the_services_user_can_read_them(tmp_path: Path) -> None:
    _, path = recordings.reserve(tmp_path, uuid4())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_erasing_an_interviews_recordings_tells_what_went_and_leaves_others(
    tmp_path: Path,
) -> None:
    mine, other = uuid4(), uuid4()
    for interview_id in (mine, mine, other):
        recordings.reserve(tmp_path, interview_id)
    assert await recordings.erase(tmp_path, mine) == [f"{mine}/1.ogg", f"{mine}/2.ogg"]
    assert await recordings.list_recordings(tmp_path, mine) == []
    assert not (tmp_path / str(mine)).exists()
    assert len(await recordings.list_recordings(tmp_path, other)) == 1
    assert await recordings.erase(tmp_path, mine) == []


async def test_what_was_never_recorded_has_none_and_can_be_erased(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert await recordings.list_recordings(missing, uuid4()) == []
    assert await recordings.erase(missing, uuid4()) == []
    assert await recordings.last_written(missing) == {}


async def test_when_an_interview_was_recorded_last(tmp_path: Path) -> None:
    interview_id = uuid4()
    recordings.reserve(tmp_path, interview_id)
    _, newer = recordings.reserve(tmp_path, interview_id)
    (tmp_path / "lost+found").mkdir()
    (tmp_path / str(uuid4())).mkdir()
    found = await recordings.last_written(tmp_path)
    assert {key: at.timestamp() for key, at in found.items()} == {
        interview_id: pytest.approx(newer.stat().st_mtime)
    }


async def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    interview_id = uuid4()
    (tmp_path / str(interview_id)).mkdir()
    (tmp_path / str(interview_id) / "1.ogg").mkdir()
    with pytest.raises(RecordingsUnavailable):
        await recordings.list_recordings(tmp_path, interview_id)


async def test_a_file_that_appears_while_its_folder_is_deleted_goes_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interview_id = uuid4()
    recordings.reserve(tmp_path, interview_id)
    remove = os.rmdir

    def begin_another(*given: object, **named: object) -> None:
        monkeypatch.setattr(os, "rmdir", remove)
        recordings.reserve(tmp_path, interview_id)
        remove(*given, **named)

    monkeypatch.setattr(os, "rmdir", begin_another)
    await recordings.erase(tmp_path, interview_id)
    assert os.rmdir is remove
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("number", "tries"), [(errno.ENOTEMPTY, ERASE_TRIES), (errno.EACCES, 1)])
async def test_what_cannot_be_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, tries: int
) -> None:
    interview_id = uuid4()
    recordings.reserve(tmp_path, interview_id)
    tried = []

    def refuse(*given: object, **named: object) -> None:
        tried.append(given)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rmdir", refuse)
    with pytest.raises(RecordingsUnavailable):
        await recordings.erase(tmp_path, interview_id)
    assert len(tried) == tries
