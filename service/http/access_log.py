"""Request ids for every log line of a request, and the access log line itself.

A line names the route and not the path: ids of interviews are in paths, and an id is all that is
needed to join one. Ids are fields of their own, which whoever keeps the logs can leave out.
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
"""A request id that is accepted from a proxy; any other is replaced by one made here."""
OFTEN = ("/livez", "/readyz", "/metrics", "/health")
"""Paths that programs ask for every few seconds; they are logged at debug level only."""

logger = logging.getLogger(__name__)


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request its id; the outermost middleware. Each request has a task of its own, so the
    context variables need no reset."""
    given = request.headers.get(REQUEST_ID, "")
    logs.REQUEST.set(given if SANE.fullmatch(given) else uuid4().hex)
    if session := _session(request):
        logs.SESSION.set(session)
    return await handler(request)


async def stamp(request: web.Request, response: web.StreamResponse) -> None:
    response.headers[REQUEST_ID] = logs.REQUEST.get()


class AccessLog(AbstractAccessLogger):
    """The access log: who asked for what, how it ended and how long it took; no query strings, no
    bodies."""

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
    """Return the pattern of the route, such as `/interviews/{id}`; empty where no route matched, or
    where what arrived was not HTTP."""
    if isinstance(request, web.Request) and request._match_info is not None:
        resource = request.match_info.route.resource
        return resource.canonical if resource else ""
    return ""


def _session(request: web.Request) -> str:
    """Return the interview id in the path. What is not a UUID may be anything, so it is not
    logged."""
    named = request.match_info.get("id") or request.match_info.get("session_id") or ""
    try:
        return str(UUID(named))
    except ValueError:
        return ""
