"""A package index for the tests: wheels that hold parts of files, listed by the simple API in both
of its forms, and a plain web server beside it."""

import contextlib
import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestServer

from models.files import Package

from .file_server import FileServer
from .hub import sha256


def wheel_of(**members: bytes) -> bytes:
    """A wheel with these members; `__` in a name is a slash, `_dot_` a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            # The same bytes whenever they are packed.
            info = zipfile.ZipInfo(name.replace("__", "/").replace("_dot_", "."))
            archive.writestr(info, content)
    return packed.getvalue()


def package_of(name: str, wheel: bytes) -> Package:
    return Package(name, "1.0", sha256(wheel), len(wheel))


@dataclass(slots=True)
class FakeIndex:
    packages: dict[str, bytes] = field(default_factory=dict)
    """The wheel of each package, in version 1.0."""
    files: FileServer = field(default_factory=FileServer)
    plain: dict[str, bytes] = field(default_factory=dict)
    """Files of the web server beside it, by their paths."""
    html: bool = False
    """True: an old index, which knows no JSON."""
    hashes: bool = True
    status: int = 200
    """Of the pages."""
    asked: list[str] = field(default_factory=list)
    """Packages whose pages were asked for."""

    async def page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if request.method == "GET":
            self.asked.append(name)
        if self.status != 200:
            return web.Response(status=self.status)
        if name not in self.packages:
            return web.Response(status=404)
        wheel = self.packages[name]
        file = package_of(name, wheel).wheel
        digest = sha256(wheel) if self.hashes else ""
        if self.html:
            anchor = f"#sha256={digest}" if digest else ""
            page = f'<a href="../../files/{file}{anchor}">{file}</a><a name="end">'
            return web.Response(text=page, content_type="text/html")
        listed = {"filename": file, "url": f"../../files/{file}", "hashes": {"sha256": digest}}
        return web.json_response(
            {"files": [listed]}, content_type="application/vnd.pypi.simple.v1+json"
        )

    async def wheel(self, request: web.Request) -> web.StreamResponse:
        file = request.match_info["file"]
        found = next(w for n, w in self.packages.items() if package_of(n, w).wheel == file)
        return await self.files.send(request, found)

    async def beside(self, request: web.Request) -> web.StreamResponse:
        content = self.plain.get(request.match_info["path"])
        return await self.files.send(request, content) if content else web.Response(status=404)


@contextlib.asynccontextmanager
async def serving(index: FakeIndex) -> AsyncIterator[str]:
    """The address of the server: the index is below /simple, plain files below /plain."""
    app = web.Application()
    app.router.add_get("/simple/{name}/", index.page)
    app.router.add_get("/files/{file}", index.wheel)
    app.router.add_get("/plain/{path:.+}", index.beside)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")
