"""Write one file as it arrives: exactly the bytes that were wanted, or an error in a sentence.

A file grows beside its place under a name that ends in .part and moves there only when every byte
was compared, so what has the right name is whole. The .part stays when a download is interrupted,
and the next try goes on where it ended, from whichever source.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import BinaryIO, Protocol

import httpx2

from models.files import Package

CHUNK = 1 << 20
TIMEOUT = httpx2.Timeout(20, connect=5)
"""Seconds without a byte, and to connect."""
PROBE = httpx2.Timeout(5, connect=4)
"""Seconds within which a source that can be reached shows it."""
TRIES = 5
"""Broken connections in a row without a new byte."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DownloadFailed(Exception):
    """Says in one sentence what went wrong and what to do; no other source would help."""


class Refused(DownloadFailed):
    """This source does not give this file as it should be; another one may."""


class Unreachable(DownloadFailed):
    """This source gives nothing at all just now."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A member of a wheel that is the next part of a file."""

    package: Package
    member: str
    size: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file, and where it belongs."""

    source: str
    """The repository."""
    revision: str
    """Commit hash."""
    name: str
    target: Path
    size: int
    sha256: str = ""
    """Of the manifest; empty: the hub's own word counts."""
    path: str = ""
    """Below a models folder."""
    pieces: tuple[Piece, ...] = ()
    hub: bool = True
    """Whether the repository has it."""


class Progress(Protocol):
    def began(self, wanted: Wanted, already: int) -> None: ...
    def grew(self, wanted: Wanted, by: int) -> None: ...
    def ended(self, wanted: Wanted) -> None: ...


Connect = Callable[[int], AbstractContextManager[httpx2.Response]]
"""Asks for a file from a byte on; the response has a status of success."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What all sources of one download share."""

    progress: Progress
    pause: Callable[[float], None] = time.sleep
    """Waits for so many seconds, between two tries."""
    stopped: Event = field(default_factory=Event)
    """Set when a file failed: the others end, and nothing more can be fetched with this object."""

    def put(self, wanted: Wanted, expected: str, fill: Callable[[BinaryIO], None]) -> str:
        """Let `fill` append what is missing, compare it, and move it to its place; its SHA-256.
        Raises `DownloadFailed`."""
        with _explained(wanted.target):
            wanted.target.parent.mkdir(parents=True, exist_ok=True)
            part = wanted.target.with_name(f"{wanted.target.name}.{expected[:12]}.part")
            with part.open("ab") as file:
                _alone(file, part)
                if file.tell() > wanted.size:
                    file.truncate(0)
                self.progress.began(wanted, file.seek(0, os.SEEK_END))
                fill(file)
                os.fsync(file.fileno())
            sha256 = _checked(wanted, part, expected)
            part.replace(wanted.target)
            self.progress.ended(wanted)
            return sha256

    def receive(self, wanted: Wanted, file: BinaryIO, connect: Connect) -> None:
        """Append what is missing, over as many connections as it takes. Raises `DownloadFailed`
        and, after several that brought nothing, `httpx2.TransportError`."""
        failures = 0
        while (have := file.tell()) < wanted.size:
            try:
                self._one_connection(wanted, file, connect)
            except httpx2.TransportError:
                failures = failures + 1 if file.tell() == have else 1
                if failures >= TRIES:
                    raise
                self.pause(float(failures))
            else:
                if file.tell() <= have:
                    raise Refused(f"{wanted.name} ended before its end")

    def _one_connection(self, wanted: Wanted, file: BinaryIO, connect: Connect) -> None:
        have = file.tell()
        with connect(have) as response:
            if have and response.status_code != httpx2.codes.PARTIAL_CONTENT:
                file.truncate(0)
                file.seek(0)
                self.progress.grew(wanted, -have)
            for chunk in response.iter_bytes():  # each as it comes: none is lost in a buffer
                self.append(wanted, file, chunk)

    def append(self, wanted: Wanted, file: BinaryIO, chunk: bytes) -> None:
        """Write some more. Raises `DownloadFailed` when it is too much, or all are to end."""
        if self.stopped.is_set():
            raise DownloadFailed("stopped")
        if file.tell() + len(chunk) > wanted.size:
            raise Refused(f"more is sent of {wanted.name} than it has")
        file.write(chunk)
        self.progress.grew(wanted, len(chunk))


def answered(head: Callable[..., httpx2.Response], url: str) -> bool:
    """Whether a server gives that: a proxy that forbids it, or knows nothing of it, answers too."""
    try:
        status = head(url, timeout=PROBE).status_code
    except httpx2.HTTPError:
        return False
    return status < 400 or status == httpx2.codes.METHOD_NOT_ALLOWED  # some know no HEAD


def part_headers(have: int) -> dict[str, str]:
    """What asks for the bytes from `have` on, as they are."""
    asked = {"Accept-Encoding": "identity"}
    return asked | ({"Range": f"bytes={have}-"} if have else {})


def _alone(file: BinaryIO, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DownloadFailed(f"another download writes {part} just now: wait for it") from None


def _checked(wanted: Wanted, part: Path, expected: str) -> str:
    """The SHA-256 of a complete file; one with other content is removed."""
    sha256 = hashlib.sha256()
    git = hashlib.sha1(b"blob %d\0" % wanted.size, usedforsecurity=False)
    with part.open("rb") as file:
        while chunk := file.read(CHUNK):
            sha256.update(chunk)
            git.update(chunk)
    if expected not in (sha256.hexdigest(), git.hexdigest()):
        part.unlink()
        raise Refused(
            f"{wanted.name} of {wanted.source} arrived with other content than it should have "
            f"(its hash is not {expected}); it was removed, try again or use another mirror"
        )
    return sha256.hexdigest()


@contextlib.contextmanager
def _explained(target: Path) -> Iterator[None]:
    """Turn what the disk says into a sentence."""
    try:
        yield
    except OSError as exc:
        if exc.errno in FULL:
            raise DownloadFailed(
                f"the disk of {target.parent} is full; what was downloaded is kept, and the same "
                "command goes on with it"
            ) from exc
        raise DownloadFailed(f"{target} cannot be written: {exc.strerror or exc}") from exc
