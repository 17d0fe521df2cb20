"""A hub for the tests, as far as a download asks it: files of pinned commits, large ones behind a
redirect to other storage that can send a part of a file."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from .file_server import FileServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass(slots=True)
class FakeHub:
    large: dict[str, bytes] = field(default_factory=dict)
    """By name; in storage of its own, with a SHA-256."""
    small: dict[str, bytes] = field(default_factory=dict)
    """In git, with git's hash."""
    files: FileServer = field(default_factory=FileServer)
    """The storage."""
    commit: str = COMMIT
    error: tuple[int, str] | None = None
    """A status and the hub's own name of it, for every question."""
    claims: dict[str, str] = field(default_factory=dict)
    """Hashes that it tells, where they are not the right ones."""

    async def resolve(self, request: web.Request) -> web.StreamResponse:
        if self.error:
            status, code = self.error
            return web.Response(status=status, headers={"X-Error-Code": code})
        name, commit = request.match_info["name"], {"X-Repo-Commit": self.commit}
        if content := self.large.get(name):
            return web.Response(
                status=302,
                headers={
                    **commit,
                    "Location": f"http://localhost:{request.url.port}/storage/{name}",
                    "X-Linked-Size": str(len(content)),
                    "X-Linked-ETag": f'"{self.claims.get(name, sha256(content))}"',
                },
            )
        if name in self.small:
            content = self.small[name]
            etag = self.claims.get(name, git_hash(content))
            return web.Response(body=content, headers={**commit, "ETag": f'"{etag}"'})
        return web.Response(status=404, headers={"X-Error-Code": "EntryNotFound"})

    async def storage(self, request: web.Request) -> web.StreamResponse:
        return await self.files.send(request, self.large[request.match_info["name"]])


@contextlib.asynccontextmanager
async def serving(hub: FakeHub) -> AsyncIterator[str]:
    """The endpoint of a hub."""
    app = web.Application()
    app.router.add_route("*", "/{owner}/{repo}/resolve/{commit}/{name:.+}", hub.resolve)
    app.router.add_get("/storage/{name:.+}", hub.storage)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")
