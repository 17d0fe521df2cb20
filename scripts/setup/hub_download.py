"""Fetch files of a Hugging Face hub: exactly those that were asked for, or an error in a sentence.

A file grows beside its place under a name that ends in .part and moves there only when every byte
was compared, so what has the right name is whole. `huggingface_hub` keeps nothing of a download
that was interrupted; here the .part stays, and the next try goes on where it ended. The hub says
for each file what it must be: a SHA-256 for large ones, else the hash that git gives it.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import BinaryIO, Protocol

import httpx2
from huggingface_hub import get_hf_file_metadata, get_session, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

CHUNK = 1 << 20
PARALLEL = 4
SECONDS_TO_ANSWER = 20
TRIES = 5
"""Broken connections in a row without a new byte."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DownloadFailed(Exception):
    """Says in one sentence what went wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a repository, and where it belongs."""

    source: str
    revision: str
    """Commit hash."""
    name: str
    target: Path
    size: int
    sha256: str = ""
    """Of the manifest; empty: the hub's own word counts."""


class Progress(Protocol):
    def began(self, wanted: Wanted, already: int) -> None: ...
    def grew(self, wanted: Wanted, by: int) -> None: ...
    def ended(self, wanted: Wanted) -> None: ...


@dataclass(frozen=True, slots=True)
class Hub:
    """A hub or a mirror of it."""

    endpoint: str
    pause: Callable[[float], None] = time.sleep
    """Waits for so many seconds, between two tries."""
    stopped: Event = field(default_factory=Event)
    """Set when a file failed: the others end, and nothing more can be fetched with this object."""

    def fetch_all(self, files: Sequence[Wanted], progress: Progress) -> dict[Path, str]:
        """Fetch several at once; the SHA-256 of each. The first that fails stops all others, and
        the next try goes on where they were. Raises `DownloadFailed`."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            running = {pool.submit(self.fetch, file, progress): file for file in files}
            try:
                return {running[done].target: done.result() for done in as_completed(running)}
            except BaseException:
                self.stopped.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def fetch(self, wanted: Wanted, progress: Progress) -> str:
        """Fetch one file and put it in its place; its SHA-256. Raises `DownloadFailed`."""
        with _explained(wanted, self.endpoint):
            expected = self._expected(wanted)
            wanted.target.parent.mkdir(parents=True, exist_ok=True)
            part = wanted.target.with_name(f"{wanted.target.name}.{expected[:12]}.part")
            with part.open("ab") as file:
                _alone(file, part)
                if file.tell() > wanted.size:
                    file.truncate(0)
                progress.began(wanted, file.seek(0, os.SEEK_END))
                self._fill(wanted, file, progress)
                os.fsync(file.fileno())
            sha256 = _checked(wanted, part, expected)
            part.replace(wanted.target)
            progress.ended(wanted)
            return sha256

    def _expected(self, wanted: Wanted) -> str:
        """The hash that the hub gives the file, after comparing it with the manifest."""
        url = hf_hub_url(
            wanted.source, wanted.name, revision=wanted.revision, endpoint=self.endpoint
        )
        found = get_hf_file_metadata(url, timeout=SECONDS_TO_ANSWER, endpoint=self.endpoint)
        hub = (found.etag or "").lower()
        if found.commit_hash not in (None, wanted.revision):
            raise DownloadFailed(
                f"{self.endpoint} gives the commit {found.commit_hash} of {wanted.source} for "
                f"{wanted.revision}: use another mirror"
            )
        if found.size not in (None, wanted.size):
            raise DownloadFailed(
                f"{wanted.name} of {wanted.source} has {found.size} bytes on {self.endpoint}, but "
                f"{wanted.size} in the manifest: nothing was downloaded"
            )
        if wanted.sha256 and _SHA256.fullmatch(hub) and hub != wanted.sha256:
            raise DownloadFailed(
                f"{wanted.name} of {wanted.source} has the hash {hub} on {self.endpoint}, but "
                f"{wanted.sha256} in the manifest: nothing was downloaded"
            )
        if not wanted.sha256 and not (_SHA256.fullmatch(hub) or _GIT.fullmatch(hub)):
            raise DownloadFailed(
                f"{self.endpoint} gives no hash of {wanted.name}, and the manifest has none: "
                "use another mirror"
            )
        return wanted.sha256 or hub

    def _fill(self, wanted: Wanted, file: BinaryIO, progress: Progress) -> None:
        """Append what is missing, over as many connections as it takes."""
        failures = 0
        while (have := file.tell()) < wanted.size:
            try:
                self._receive(wanted, file, progress)
            except httpx2.TransportError:
                failures = failures + 1 if file.tell() == have else 1
                if failures >= TRIES:
                    raise
                self.pause(float(failures))
            else:
                if file.tell() <= have:
                    raise DownloadFailed(f"{self.endpoint} ended {wanted.name} before its end")

    def _receive(self, wanted: Wanted, file: BinaryIO, progress: Progress) -> None:
        """One connection."""
        have = file.tell()
        url = hf_hub_url(
            wanted.source, wanted.name, revision=wanted.revision, endpoint=self.endpoint
        )
        headers = build_hf_headers() | {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        answering = get_session().stream("GET", url, headers=headers, timeout=SECONDS_TO_ANSWER)
        with answering as response:
            hf_raise_for_status(response)
            if have and response.status_code != httpx2.codes.PARTIAL_CONTENT:
                file.truncate(0)
                file.seek(0)
                progress.grew(wanted, -have)
            for chunk in response.iter_bytes():  # each as it comes: none is lost in a buffer
                if self.stopped.is_set():
                    raise DownloadFailed("stopped")
                if file.tell() + len(chunk) > wanted.size:
                    raise DownloadFailed(f"{self.endpoint} sends more of {wanted.name} than it has")
                file.write(chunk)
                progress.grew(wanted, len(chunk))


_SHA256 = re.compile(r"[0-9a-f]{64}")
_GIT = re.compile(r"[0-9a-f]{40}")


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
        raise DownloadFailed(
            f"{wanted.name} of {wanted.source} arrived with other content than it should have "
            f"(its hash is not {expected}); it was removed, try again or use another mirror"
        )
    return sha256.hexdigest()


@contextlib.contextmanager
def _explained(wanted: Wanted, endpoint: str) -> Iterator[None]:
    """Turn what the libraries raise into a sentence."""
    what = f"{wanted.name} of {wanted.source}"
    try:
        yield
    except GatedRepoError as exc:
        raise DownloadFailed(
            f"{wanted.source} is given out only to those who accept its terms: do that on "
            f"{endpoint}/{wanted.source} and set HF_TOKEN to your token"
        ) from exc
    except (RemoteEntryNotFoundError, RevisionNotFoundError, RepositoryNotFoundError) as exc:
        raise DownloadFailed(
            f"{what} (commit {wanted.revision}) is not on {endpoint}: use another mirror, or, if "
            "the repository was removed, choose another model"
        ) from exc
    except HfHubHTTPError as exc:
        code = exc.response.status_code
        raise DownloadFailed(f"{endpoint} answered {code} for {what}: try again later") from exc
    except OfflineModeIsEnabled as exc:
        raise DownloadFailed(
            "HF_HUB_OFFLINE is set, so nothing is downloaded: unset it, or install a bundle"
        ) from exc
    except httpx2.HTTPError as exc:
        raise DownloadFailed(
            f"{endpoint} cannot be reached ({type(exc).__name__}): look at the network, set "
            "https_proxy behind a proxy or HF_ENDPOINT for a mirror; for a machine without any "
            "network make a bundle on another one (--bundle)"
        ) from exc
    except OSError as exc:
        if exc.errno in FULL:
            raise DownloadFailed(
                f"the disk of {wanted.target.parent} is full; what was downloaded is kept, and "
                "the same command goes on with it"
            ) from exc
        raise DownloadFailed(f"{wanted.target} cannot be written: {exc.strerror}") from exc
