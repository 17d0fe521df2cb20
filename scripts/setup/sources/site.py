"""A folder or a web server of the site as a source of files: it has them under the paths that they
have in a models folder, such as downloaded/whisper-tiny.en/model.bin."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx2

from .transfer import (
    CHUNK,
    TIMEOUT,
    Refused,
    Transfer,
    Unreachable,
    Wanted,
    answered,
    part_headers,
)

DOWNLOADED = "downloaded/"


def _paths(wanted: Wanted) -> tuple[str, str]:
    """The source may be a copy of the models folder, or of the one in it."""
    return wanted.path, wanted.path.removeprefix(DOWNLOADED)


def _require_hash(wanted: Wanted, source: str) -> None:
    if not wanted.sha256:
        raise Refused(
            f"the hash of {wanted.name} is published by the hub only, so {source} cannot give it"
        )


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, such as a mounted share."""

    root: Path

    @property
    def name(self) -> str:
        return str(self.root)

    def offers(self, wanted: Wanted) -> bool:
        return bool(wanted.sha256) and self._found(wanted) is not None

    def answers(self, wanted: Wanted) -> bool:
        return self.root.is_dir()

    def away(self, why: str) -> Unreachable:
        return Unreachable(f"{self.root} has none of the files ({why})")

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Copy one file to its place; its SHA-256. Raises `DownloadFailed`."""
        _require_hash(wanted, self.name)
        if not self.root.is_dir():
            raise self.away("there is no such folder")
        found = self._found(wanted)
        if found is None:
            raise Refused(f"{wanted.path} is not in {self.root}, or not as long as it should be")

        def fill(file: BinaryIO) -> None:
            with found.open("rb") as given:
                given.seek(file.tell())
                while chunk := given.read(CHUNK):
                    transfer.append(wanted, file, chunk)

        return transfer.put(wanted, wanted.sha256, fill)

    def _found(self, wanted: Wanted) -> Path | None:
        for path in _paths(wanted):
            file = self.root / path
            with contextlib.suppress(OSError):
                if file.is_file() and file.stat().st_size == wanted.size:
                    return file
        return None


@dataclass(frozen=True, slots=True)
class WebServer:
    """A web server, by the address below which the files lie."""

    url: str

    @property
    def name(self) -> str:
        return self.url

    def offers(self, wanted: Wanted) -> bool:
        if not wanted.sha256:
            return False
        with contextlib.suppress(httpx2.HTTPError):
            return self._address(wanted) is not None
        return False

    def answers(self, wanted: Wanted) -> bool:
        return answered(httpx2.head, f"{self.url}/{wanted.path}")

    def away(self, why: str) -> Unreachable:
        return Unreachable(f"{self.url} cannot be reached, or has none of the files ({why})")

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Fetch one file and put it in its place; its SHA-256. Raises `DownloadFailed`."""
        _require_hash(wanted, self.url)
        try:
            address = self._address(wanted)
            if address is None:
                raise Refused(f"{wanted.path} is not on {self.url}")

            def fill(file: BinaryIO) -> None:
                transfer.receive(wanted, file, lambda have: connected(address, have))

            return transfer.put(wanted, wanted.sha256, fill)
        except httpx2.HTTPStatusError as exc:
            code = exc.response.status_code
            raise Refused(f"{self.url} answered {code} for {wanted.path}") from exc
        except httpx2.HTTPError as exc:
            raise self.away(type(exc).__name__) from exc

    def _address(self, wanted: Wanted) -> str | None:
        for path in _paths(wanted):
            url = f"{self.url}/{path}"
            if httpx2.head(url, timeout=TIMEOUT, follow_redirects=True).is_success:
                return url
        return None


@contextlib.contextmanager
def connected(url: str, have: int) -> Iterator[httpx2.Response]:
    """Ask for a file from a byte on. Raises `httpx2.HTTPError`."""
    headers = part_headers(have)
    asked = httpx2.stream("GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True)
    with asked as response:
        response.raise_for_status()
        yield response
