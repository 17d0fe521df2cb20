"""Which request this is, in every line that is logged for it, and the line about the request.

A line names the route and not the path: ids of interviews are in paths, and an id is all that it
takes to join one. Ids are fields of their own, which whoever keeps the logs can leave out.
"""

import logging
import re
from uuid import UUID, uuid4

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.typedefs import Handler

from ..observability import logs
from ..observability.metrics import CODE

REQUEST_ID = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What is taken over from a proxy that numbers its requests; anything else gets a number here."""
OFTEN = ("/livez", "/readyz", "/metrics", "/health")
"""Asked every few seconds by programs, so they are told about at debug level only."""

logger = logging.getLogger(__name__)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost one. Each request has a task of its own, so nothing needs to be taken back."""
    given = request.headers.get(REQUEST_ID, "")
    logs.REQUEST.set(given if SANE.fullmatch(given) else uuid4().hex)
    if session := _session(request):
        logs.SESSION.set(session)
    return await handler(request)


async def stamp(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[REQUEST_ID] = logs.REQUEST.get()


class AccessLog(AbstractAccessLogger):
    """Who asked for what, how it ended and how long it took; no query strings, no bodies."""

    @property
    def enabled(self) -> bool:
        return logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        route = route_of(request)
        fields = {
            "client": request.remote,
            "method": request.method,
            "route": route,
            "status": response.status,
            "bytes": response.body_length,
            "duration_ms": round(time * 1000, 1),
        }
        if code := response.get(CODE):
            fields["code"] = code
        logger.log(
            logging.DEBUG if route.endswith(OFTEN) else logging.INFO,
            "%s %s %s %d, %d bytes, %.0f ms",
            request.remote,
            request.method,
            route or "(no route)",
            response.status,
            response.body_length,
            time * 1000,
            extra={"fields": fields},
        )


def route_of(request: web.BaseRequest) -> str:
    """The pattern of the route, such as `/interviews/{id}`; empty where there is none, or where
    there is no request: what came was no HTTP."""
    if isinstance(request, web.Request) and request._match_info is not None:
        resource = request.match_info.route.resource
        return resource.canonical if resource else ""
    return ""


def _session(request: web.Request) -> str:
    """The interview that the path names. What is no UUID may be anything, so it is not logged."""
    named = request.match_info.get("id") or request.match_info.get("session_id") or ""
    try:
        return str(UUID(named))
    except ValueError:
        return ""
