"""Record conversations to disk, on one thread for all of them.

The conversation is worth more than its recording. So nothing here makes it wait or fail: when the
disk is nearly full, does not keep up or fails, that recording stops, with a line in the log and a
note in the interview's record; the next connection begins a new one.
"""

import asyncio
import errno
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

from aiohttp import web

from models.contracts import SPEAKING_RATE, Samples
from models.errors import EngineBusy, EngineError
from models.worker import EngineThread
from pipeline.conversation.stereo import BLOCK
from service.recording.ogg_opus import OggOpusWriter

from ..errors import SettingInvalid
from . import recordings

logger = logging.getLogger(__name__)

# docs/decisions/032-recording-may-fail.md: a recording may fail, the conversation may not
WAITING = 10 * SPEAKING_RATE // BLOCK
"""Blocks of one recording that may wait for the disk: 10 s, 1 MB."""
BEGIN_SECONDS = 2.0
"""Seconds that a candidate waits for a disk that does not answer."""
SPARED = 256 * 1024 * 1024
"""Bytes of the disk that stay free for others: a full disk would stop the database too."""


class Recorder:
    """A recorder of conversations in a folder, which leaves `spared` bytes of its disk free."""

    def __init__(self, folder: Path, *, spared: int = SPARED) -> None:
        """Prepare the folder. Raises `SettingInvalid` when nothing can be written there."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise _unusable(folder, exc.strerror) from exc
        if not os.access(folder, os.W_OK | os.X_OK):
            raise _unusable(folder, "Permission denied")
        self._folder = folder
        self._spared = spared
        self._thread = EngineThread("recorder", bound=WAITING * 256)

    @asynccontextmanager
    async def recording(self, interview_id: UUID) -> AsyncIterator["RecordingWriter"]:
        """Record a connection for as long as it lasts. The recording may have failed already."""
        writer = RecordingWriter(interview_id, self._thread, self._spared)
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                writer.begin(*await self._thread.call(self._reserve, interview_id))
        except TimeoutError:
            writer.fail("the disk does not answer")
        except (OSError, EngineError) as exc:
            writer.fail(_reason(exc))
        try:
            yield writer
        finally:
            writer.close()

    def _reserve(self, interview_id: UUID) -> tuple[int, Path]:
        """Reserve the file of a new recording. Raises OSError."""
        _require_room(self._folder, self._spared)
        return recordings.reserve(self._folder, interview_id)

    async def aclose(self) -> None:
        """Write what is still waiting to the disk, and end the thread."""
        await self._thread.aclose()


RECORDER = web.AppKey("RECORDER", Recorder)
"""The recorder; absent when nothing is to be recorded."""


class RecordingWriter:
    """The recording of one connection; a `Sink` of pipeline/conversation/stereo.py. Only `_encode`
    and `_finish` run on the thread, all else on the event loop."""

    def __init__(self, interview_id: UUID, thread: EngineThread, spared: int) -> None:
        self.number = 0
        """The recording's number; 0 until it has begun."""
        self.failure = ""
        self._interview_id = interview_id
        self._thread = thread
        self._spared = spared
        self._path = Path()
        self._writer: OggOpusWriter | None = None
        """The file's writer, used by the thread only."""
        self._waiting = 0

    def begin(self, number: int, path: Path) -> None:
        self.number = number
        self._path = path

    def write(self, stereo: Samples) -> None:
        if self.failure:
            return
        if self._waiting == WAITING:
            self.fail("the disk does not keep up")
            return
        try:
            written = self._thread.call(self._encode, stereo)
        except EngineBusy:
            self.fail("the disk does not keep up")
            return
        self._waiting += 1
        written.add_done_callback(self._on_written)

    def discard(self) -> None:
        """Remove the file that was reserved: the conversation could not be opened."""
        with suppress(EngineBusy):  # it stays, empty
            self._thread.call(self._remove)

    def fail(self, reason: str) -> None:
        """Stop this recording, for a reason that is logged and noted."""
        if not self.failure:
            self.failure = reason
            logger.error("recording of interview %s stopped: %s", self._interview_id, reason)

    def close(self) -> None:
        try:
            self._thread.call(self._finish).add_done_callback(self._on_finished)
        except EngineBusy as exc:  # the file stays unfinished, as after a crash
            self._log_end(exc)

    def _encode(self, stereo: Samples) -> None:
        """Encode a block. Raises OSError."""
        if self.failure:
            return
        _require_room(self._path.parent, self._spared)
        if self._writer is None:
            self._writer = OggOpusWriter(self._path)
        self._writer.write(stereo)

    def _remove(self) -> None:
        if self.number:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _finish(self) -> None:
        """Finish the file. Raises OSError."""
        if self._writer:
            self._writer.close()

    def _on_written(self, done: "asyncio.Future[None]") -> None:
        self._waiting -= 1
        if not done.cancelled() and (exc := done.exception()):
            self.fail(_reason(exc))

    def _on_finished(self, done: "asyncio.Future[None]") -> None:
        if not done.cancelled() and (exc := done.exception()):
            self._log_end(exc)

    def _log_end(self, exc: BaseException) -> None:
        if not self.failure:
            logger.warning(
                "the end of a recording of interview %s is missing: %s",
                self._interview_id,
                _reason(exc),
            )


def _require_room(folder: Path, spared: int) -> None:
    """Require more than `spared` free bytes on the folder's disk. Raises OSError."""
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize <= spared:
        raise OSError(errno.ENOSPC, f"no more than {spared // 2**20} MB of its disk are free")


def _reason(exc: BaseException) -> str:
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror
    return "the disk does not keep up" if isinstance(exc, EngineBusy) else type(exc).__name__


def _unusable(folder: Path, reason: str | None) -> SettingInvalid:
    return SettingInvalid(
        f"VIVAVOCE_RECORDINGS_DIR is {str(folder)!r}, which cannot be written to ({reason});"
        " give a folder that can, or set VIVAVOCE_RECORDING=false."
    )
