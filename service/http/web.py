"""The parts that all requests and answers share: bodies, errors as JSON, CORS, security headers."""

import asyncio
import logging
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from models.errors import EngineBusy, EngineError
from pipeline.errors import PipelineError, PlanInvalid

from ..errors import (
    BadRequest,
    ClientLeft,
    InterviewUnknown,
    NotSignedIn,
    ServiceError,
    Unprocessable,
)
from ..json_text import repair
from ..observability.metrics import CODE
from ..security.access import challenge
from ..security.origins import allowed_origins, is_allowed
from ..settings import SETTINGS
from . import bodies
from .access_log import REQUEST_ID, route_of

T = TypeVar("T")
logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
"""The largest body in bytes, except for routes that read theirs as a stream."""
BODY_SECONDS = 60.0
"""Seconds that such a body may take to arrive; a client that lets it trickle in ties up a
connection."""
PREFLIGHT_SECONDS = 600
"""Seconds for which a browser may remember the answer to a preflight."""

FIXES = {
    "UUID": "; give one such as 8a3c5be4-57a8-4f0e-a3cf-3f6f6a3a0a11",
    "datetime": "; give one such as 2026-12-01T09:00:00Z",
}
"""Additions to errors that do not show what is wanted, by a word of theirs."""


async def read_json(request: web.Request, kind: type[T], *, within: float = BODY_SECONDS) -> T:
    """Decode the body as this type; it has to arrive `within` so many seconds. Raises `BadRequest`,
    `HTTPRequestTimeout`, or `Unprocessable`, which names the field."""
    try:
        async with asyncio.timeout(within):
            raw = await bodies.read_whole(request, MAX_BODY)
        return _decode(raw, kind)
    except msgspec.ValidationError as exc:
        what, _, where = str(exc).partition(" - at `$")
        field = where.strip("`.").replace("[...]", "") or "the body"
        fix = next((fix for kind, fix in FIXES.items() if kind in what), "")
        raise Unprocessable(f"{field}: {what[0].lower()}{what[1:]}{fix}.") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BadRequest("The body is not valid JSON.") from exc
    except RecursionError as exc:
        raise BadRequest("The body is nested too deeply.") from exc
    except TimeoutError as exc:
        raise web.HTTPRequestTimeout from exc


def _decode(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        return msgspec.json.decode(repair(raw), type=kind)


def answer(
    body: object, status: int = 200, kind: type[web.Response] = web.Response
) -> web.Response:
    return kind(body=msgspec.json.encode(body), status=status, content_type="application/json")


def path_id(request: web.Request) -> UUID:
    """Return the interview id in the path. Raises `InterviewUnknown` for what is no UUID, since no
    interview has such an id."""
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise InterviewUnknown("This interview was not found; please check the link.") from None


def under(prefix: str, routes: Iterable[web.AbstractRouteDef]) -> list[web.AbstractRouteDef]:
    """Return the same routes below a path prefix."""
    moved: list[web.AbstractRouteDef] = []
    for route in routes:
        if isinstance(route, web.RouteDef):
            path = prefix + route.path
            moved.append(web.RouteDef(route.method, path, route.handler, route.kwargs))
        elif isinstance(route, web.StaticDef):
            moved.append(web.StaticDef(prefix + route.prefix, route.path, route.kwargs))
        else:
            raise TypeError(f"cannot move {route!r}")
    return moved


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer, in this one place; `detail` is shown to the person."""
    try:
        return await handler(request)
    except web.HTTPException as exc:
        if exc.status < 400:
            raise
        kept = {"Allow": exc.headers["Allow"]} if "Allow" in exc.headers else {}
        return refusal(exc.status, f"http_{exc.status}", _in_words(exc), kept)
    except ServiceError as exc:
        more = {"Retry-After": str(exc.retry_after)} if exc.retry_after else {}
        if isinstance(exc, NotSignedIn):
            more[hdrs.WWW_AUTHENTICATE] = challenge(request)
        return refusal(exc.status, exc.code, str(exc), more)
    except PlanInvalid as exc:
        return refusal(422, exc.code, str(exc), {})
    except EngineBusy as exc:
        return refusal(503, exc.code, "The service is busy.", {"Retry-After": "5"})
    except (PipelineError, EngineError) as exc:
        return refusal(500, exc.code, str(exc), {})
    except ConnectionResetError:
        return refusal(ClientLeft.status, ClientLeft.code, str(ClientLeft()), {})
    except Exception:  # a bug: the client still gets an answer, the operator a traceback
        logger.exception("a bug answered %s %s", request.method, route_of(request))
        return refusal(500, "internal_error", "Something went wrong on the server.", {})


def refusal(
    status: int,
    code: str,
    text: str,
    headers: dict[str, str],
    kind: type[web.Response] = web.Response,
) -> web.Response:
    """Build the answer for an error; all errors have this form."""
    response = answer({"detail": text, "message": text, "code": code}, status, kind)
    response.headers.update(headers)
    response[CODE] = code
    return response


def _in_words(exc: web.HTTPException) -> str:
    match exc.status:
        case 404:
            return "There is nothing at this address."
        case 405:
            return "This address does not answer to that method."
        case 408:
            return f"The body took longer than {BODY_SECONDS:.0f} s to come."
        case 413:
            return f"The body is too large; at most {MAX_BODY // 1024} KB are read."
    return exc.reason


@web.middleware
async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a CORS preflight request; `decorate` then adds the headers that allow the call, or
    none."""
    asked = hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    if request.method != hdrs.METH_OPTIONS or not asked:
        return await handler(request)
    return web.Response(status=204)


async def decorate(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer has, errors and pages too."""
    secure(response)
    headers = response.headers
    headers.popall(hdrs.SERVER, None)
    origins = allowed_origins(request.app[SETTINGS])
    origin = request.headers.get(hdrs.ORIGIN)
    if "*" not in origins:
        headers.add(hdrs.VARY, hdrs.ORIGIN)
    if origin and is_allowed(origin, request.host, origins):
        _allow(request, response, "*" if "*" in origins else origin)


def secure(response: web.StreamResponse) -> None:
    """Add the security headers for browsers. Pages bring their own content policy."""
    headers = response.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if response.content_type == "application/json":
        headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def _allow(request: web.Request, response: web.StreamResponse, origin: str) -> None:
    response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = f"{hdrs.RETRY_AFTER}, {REQUEST_ID}"
    if request.method == hdrs.METH_OPTIONS:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET, POST, PUT, DELETE, OPTIONS"
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = (
            request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS) or "Content-Type"
        )
        response.headers[hdrs.ACCESS_CONTROL_MAX_AGE] = str(PREFLIGHT_SECONDS)
