"""Check which web pages may call: one rule for REST (CORS, and requests that change something) and
for the WebSocket."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from ..errors import Forbidden
from ..settings import SETTINGS, Settings

HARMLESS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})
"""Methods that change nothing; CORS keeps their answers from pages that may not call."""


def is_allowed(origin: str, host: str, origins: Sequence[str]) -> bool:
    """Return whether a page from `origin` may call the service that it addressed as `host` (the
    Host header, with port). The service's own pages always may."""
    origin = origin.lower()
    try:
        own = urlsplit(origin).netloc == host.lower() != ""
    except ValueError:  # such as an unclosed bracket
        own = False
    return "*" in origins or origin in origins or own


def allowed_origins(settings: Settings) -> tuple[str, ...]:
    """Return the origins in the settings, and the address at which people find the service's own
    page: a proxy may not pass on the host that they asked for."""
    public = urlsplit(settings.public_url.lower())
    own = (f"{public.scheme}://{public.netloc}",) if public.netloc else ()
    return (*settings.allowed_origins, *own)


def require(request: web.Request, origins: Sequence[str]) -> None:
    """Refuse a request from a page of another site: it must not use its visitor's browser and
    network. Programs other than browsers send no Origin. Raises `Forbidden`."""
    for origin in request.headers.getall(hdrs.ORIGIN, ()):
        if not is_allowed(origin, request.host, origins):
            raise Forbidden(
                "Pages of this origin may not call this service; VIVAVOCE_ALLOWED_ORIGINS"
                " lists those that may."
            )


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse changes that a page of another site asks for; a middleware. CORS alone would only keep
    the answer from the page: a form, or a body that says it is plain text, is sent without the
    browser's asking first."""
    if request.method not in HARMLESS:
        require(request, allowed_origins(request.app[SETTINGS]))
    return await handler(request)
