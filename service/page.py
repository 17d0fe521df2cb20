"""Serve the candidate's page: static files, read once, each with the headers that fence it in."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Referrer-Policy": "no-referrer",  # the interview's id may be in the address
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class File:
    body: bytes
    type: str
    etag: str


@cache
def files() -> dict[str, File]:
    """Return all files of the page by name."""
    return {
        path.name: File(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:16])
        for path in sorted(FOLDER.iterdir())
        if path.suffix in TYPES
        for body in [path.read_bytes()]
    }


async def show_page(request: web.Request) -> web.StreamResponse:
    """Serve the page itself. Its links are relative, so its address has to end with a slash."""
    if not request.path.endswith("/"):
        query = request.rel_url.raw_query_string
        there = f"{request.path.rpartition('/')[2]}/"
        raise web.HTTPTemporaryRedirect(f"{there}?{query}" if query else there)
    return _answer(request, files()["index.html"])


async def show_file(request: web.Request) -> web.StreamResponse:
    file = files().get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return _answer(request, file)


def _answer(request: web.Request, file: File) -> web.Response:
    headers = HEADERS | {"Content-Security-Policy": policy(request.host)}
    response = web.Response(
        body=file.body, content_type=file.type, charset="utf-8", headers=headers
    )
    response.etag = file.etag
    if any(tag.value == file.etag for tag in request.if_none_match or ()):
        response.set_status(304)
        response.body = None
    return response


def policy(host: str) -> str:
    """Return the Content-Security-Policy: this origin's own scripts, styles and socket, and nothing
    else. Older Safaris do not accept 'self' for a socket, so it is named as well."""
    named = f" ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self'{named}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def routes() -> list[web.AbstractRouteDef]:
    """Return the page's routes. The empty path is the base path without its slash, which a person
    may well type."""
    return [
        web.get("", show_page),
        web.get("/", show_page),
        web.get("/page/{name}", show_file),
    ]
