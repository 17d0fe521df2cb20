"""Whether replicas record into one folder."""

import asyncio
from pathlib import Path

import pytest

from service.errors import RecordingsNotShared, SettingInvalid
from service.recording import recordings
from service.recording.shared_folder import MARKER, require_shared
from service.settings import Settings
from service.storage.database import Database

from ..cluster.conftest import shared, shared_url
from ..cluster.rows import replica

__all__ = ["shared", "shared_url"]


def into(folder: Path, *, recording: bool = True) -> Settings:
    return Settings(cluster=True, recording=recording, recordings_dir=folder)


async def test_replicas_with_one_folder_may_start_together(
    shared: Database, tmp_path: Path
) -> None:
    ids = [await replica(shared) for _ in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for each in ids:
            tasks.create_task(require_shared(shared, into(tmp_path / "all"), each))
    assert (tmp_path / "all" / MARKER).read_text()
    assert await recordings.last_written(tmp_path / "all") == {}


async def test_a_replica_with_another_folder_is_refused_while_others_live(
    shared: Database, tmp_path: Path
) -> None:
    one, other = await replica(shared), await replica(shared)
    await require_shared(shared, into(tmp_path / "a"), one)
    with pytest.raises(RecordingsNotShared, match="mount the same volume on all of them"):
        await require_shared(shared, into(tmp_path / "b"), other)
    await require_shared(shared, into(tmp_path / "a"), other)


async def test_the_folder_may_change_while_no_other_replica_lives(
    shared: Database, tmp_path: Path
) -> None:
    dead, one = await replica(shared, seen_ago=9), await replica(shared)
    await require_shared(shared, into(tmp_path / "a"), dead)
    await require_shared(shared, into(tmp_path / "b"), one)
    with pytest.raises(RecordingsNotShared):
        await require_shared(shared, into(tmp_path / "a"), await replica(shared))


async def test_who_does_not_record_needs_the_folder_too_once_there_is_one(
    shared: Database, tmp_path: Path
) -> None:
    one, other = await replica(shared), await replica(shared)
    await require_shared(shared, into(tmp_path / "none", recording=False), other)
    assert not (tmp_path / "none").exists()
    await require_shared(shared, into(tmp_path / "a"), one)
    await require_shared(shared, into(tmp_path / "a", recording=False), other)
    await require_shared(shared, into(tmp_path / "a"))  # a command
    for me in (other, None):
        with pytest.raises(RecordingsNotShared):
            await require_shared(shared, into(tmp_path / "none", recording=False), me)


async def test_who_is_alone_and_does_not_record_is_told_how_to_leave_the_old_folder(
    shared: Database, tmp_path: Path
) -> None:
    await require_shared(shared, into(tmp_path / "a"), await replica(shared, seen_ago=9))
    alone = await replica(shared)
    with pytest.raises(RecordingsNotShared, match="start once with VIVAVOCE_RECORDING=true"):
        await require_shared(shared, into(tmp_path / "b", recording=False), alone)
    await require_shared(shared, into(tmp_path / "b"), alone)
    await require_shared(shared, into(tmp_path / "b", recording=False), alone)


async def test_a_folder_that_cannot_be_used_is_named(shared: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingInvalid, match="cannot be used"):
        await require_shared(shared, into(tmp_path / "file" / "a"), await replica(shared))
