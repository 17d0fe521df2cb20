"""The recordings on disk: a folder for each interview, in it a file for each connection.

`{folder}/{interview id}/{number}.ogg`, numbered from 1 in the order of their beginnings. A path is
made of a UUID and a number here, never of what a client sends. No table lists them; the folder
alone says which recordings exist: a recording begins without the database and is gone with its
file.
"""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from service.recording import ogg_opus

from ..errors import RecordingsUnavailable

T = TypeVar("T")

ENDING = ".ogg"
ERASE_TRIES = 5
"""Attempts to delete a folder that a recorder works in; one attempt meets one of its steps."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The recording of one connection: the candidate on the left, the interviewer as heard on the
    right."""

    number: int
    path: Path
    size_bytes: int
    seconds: float
    """Length, as far as it can be played."""
    written_at: datetime
    """Time at which its last part was written."""


async def list_recordings(folder: Path, interview_id: UUID) -> list[Recording]:
    """Return the interview's recordings in order, including those that are still being written.

    Raises `RecordingsUnavailable`."""
    return await _off_loop(_list_recordings, folder / str(interview_id))


async def erase(folder: Path, interview_id: UUID) -> list[str]:
    """Delete the interview's recordings for good; return the names of the deleted files, relative
    to `folder`. Most interviews have none, which is no error.

    Call it when the interview's session has ended: one that goes on writes to a file that has no
    name any more. Raises `RecordingsUnavailable` when something could not be deleted."""
    return await _off_loop(_erase, folder, interview_id)


async def last_written(folder: Path) -> dict[UUID, datetime]:
    """Return, for each recorded interview, the time at which its newest recording was last written
    to; the retention of audio counts from there. Raises `RecordingsUnavailable`."""
    return await _off_loop(_last_written, folder)


def path_of(folder: Path, interview_id: UUID, number: int) -> Path:
    return folder / str(interview_id) / f"{number}{ENDING}"


def reserve(folder: Path, interview_id: UUID) -> tuple[int, Path]:
    """Create an empty file with the next number, readable by this user only; return the number and
    its path. It blocks; raises OSError."""
    mine = folder / str(interview_id)
    mine.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = max((number for number, _ in _numbered_files(mine)), default=0) + 1
    while True:
        path = path_of(folder, interview_id, number)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return number, path
        number += 1


def _numbered_files(folder: Path) -> list[tuple[int, Path]]:
    """Return one interview's recordings with their numbers, in order. Raises OSError."""
    if not folder.is_dir():
        return []
    names = [path for path in folder.iterdir() if path.suffix == ENDING]
    return sorted((int(path.stem), path) for path in names if path.stem.isdecimal())


def _list_recordings(folder: Path) -> list[Recording]:
    found = []
    for number, path in _numbered_files(folder):
        with suppress(FileNotFoundError):  # deleted just now
            status = path.stat()
            written = datetime.fromtimestamp(status.st_mtime, UTC)
            length = ogg_opus.seconds(path)
            found.append(Recording(number, path, status.st_size, length, written))
    return found


def _erase(folder: Path, interview_id: UUID) -> list[str]:
    mine = folder / str(interview_id)
    names: set[str] = set()
    tries = 0
    while mine.is_dir():
        names |= {str(path.relative_to(folder)) for path in mine.rglob("*") if path.is_file()}
        tries += 1
        try:
            shutil.rmtree(mine)
        except OSError as exc:
            # a recorder may begin or drop its file between the listing and the deletion
            if exc.errno not in (errno.ENOTEMPTY, errno.ENOENT) or tries == ERASE_TRIES:
                raise
    return sorted(names)


def _last_written(folder: Path) -> dict[UUID, datetime]:
    found = {}
    for mine in folder.iterdir() if folder.is_dir() else ():
        with suppress(ValueError, FileNotFoundError):  # not ours, or deleted just now
            times = [path.stat().st_mtime for _, path in _numbered_files(mine)]
            if times:
                found[UUID(mine.name)] = datetime.fromtimestamp(max(times), UTC)
    return found


async def _off_loop(work: Callable[..., T], *given: object) -> T:
    try:
        return await asyncio.to_thread(work, *given)
    except OSError as exc:
        raise RecordingsUnavailable(
            "The recordings cannot be read or deleted at the moment."
        ) from exc
