"""Access to other people's data: one rule, for every route that is not listed as open.

A candidate knows the id of one interview and nothing else; the routes that such a client needs are
open, and `app.py` lists them. Everything else asks for an API key or a token when any is
configured, and otherwise answers only programs on the server itself. A new route is closed until it
is listed.
"""

import base64
import contextlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from ..api_keys import ApiKey, find_key
from ..errors import Forbidden, NotSignedIn
from ..settings import SETTINGS, Settings
from . import origins, tokens
from .grants import Grants
from .tokens import Tokens

logger = logging.getLogger(__name__)

_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_PASSED_ON = re.compile(
    r"via|cdn-loop|front-end-https|(x-)?forwarded.*|x-(original|rewrite)-.*"
    r"|(cf|fastly|fly|x-(amz-cf|appengine|arr|azure|envoy|vercel))-.*"
    r"|.*(client|connecting|real|remote|source|user)-?(ip|addr|address)"
    r"|x-(host|proto|proxy.*|scheme)",
    re.IGNORECASE,
)
"""Headers by which proxies, load balancers and CDNs tell for whom they ask."""
BASIC = 'Basic realm="Vivavoce: any name, an API key as the password", charset="UTF-8"'

HERE = "loopback"
"""Name of the caller when no key is configured: somebody on the server itself."""


@dataclass(frozen=True, slots=True)
class Access:
    keys: Sequence[ApiKey]
    tokens: Tokens

    def who(self, request: web.Request) -> str:
        """Return the name under which the audit log knows the caller. Raises `NotSignedIn` when
        there is no valid key or token, `Forbidden` for anybody else."""
        if not self.keys and not self.tokens.keys:
            _require_here(request)
            _require_own_page(request)
            return HERE
        given, by_itself = _credential(request)
        if by_itself:
            _require_own_page(request)
        if not given:
            raise NotSignedIn("This needs an API key or a token; please sign in.")
        if key := find_key(given, self.keys):
            return f"key:{key.name}"
        return f"user:{self.tokens.subject(given)}"


ACCESS = web.AppKey("ACCESS", Access)
OPEN = web.AppKey("OPEN", frozenset[Handler])
"""The handlers that anybody may call."""
BY_GRANT = web.AppKey("BY_GRANT", frozenset[Handler])
"""The handlers that a grant in the address opens too, for the interview of the path."""
GRANTS = web.AppKey("GRANTS", Grants)
GRANT = "grant"
"""The query parameter that carries a grant."""
WHO = web.RequestKey("WHO", str)
"""The caller's name; set on every route that is not open."""


def load_access(settings: Settings) -> Access:
    """Load the keys from the settings. Raises `SettingInvalid` when the file with the public key
    cannot be used."""
    keys = [*tokens.secret(settings.jwt_secret), *tokens.public_keys(settings.jwt_public_key_file)]
    return Access(settings.api_keys, Tokens(keys, settings.jwt_audience, settings.jwt_issuer))


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse callers without access to the handler; a middleware. Where no route matches, there is
    nothing to guard."""
    route = request.match_info.route
    if route.resource is None or route.handler in request.app[OPEN]:
        return await handler(request)
    try:
        request[WHO] = _grant_holder(request) or request.app[ACCESS].who(request)
    except (NotSignedIn, Forbidden) as exc:
        logger.info("%s %s refused: %s", request.method, route.resource.canonical, exc.code)
        raise
    return await handler(request)


def grant(request: web.Request, interview_id: UUID) -> str:
    """Return the grant that a page adds to the addresses of an interview's recordings, for the
    person who has opened it; empty on the server itself, where none is needed."""
    if request[WHO] == HERE:
        return ""
    return request.app[GRANTS].issue(request[WHO], interview_id)


def _grant_holder(request: web.Request) -> str | None:
    if GRANT not in request.query or request.match_info.handler not in request.app[BY_GRANT]:
        return None
    with contextlib.suppress(ValueError):
        interview_id = UUID(request.match_info["id"])
        return request.app[GRANTS].holder(request.query[GRANT], interview_id)
    return None


def require_watcher(request: web.Request, keys: Sequence[ApiKey]) -> None:
    """Admit those who may monitor the service: programs on this machine, whatever is configured,
    unless this is one replica of many, whose callers may all come from a proxy beside it; holders
    of one of these keys; everybody who may read everything. Raises `NotSignedIn` and
    `Forbidden`."""
    with contextlib.suppress(Forbidden):
        if not request.app[SETTINGS].cluster:
            _require_here(request)
            return _require_own_page(request)
    given, by_itself = _credential(request)
    if by_itself:
        _require_own_page(request)
    if given and find_key(given, keys):
        return None
    if keys and not given:
        raise NotSignedIn("This needs a key; please sign in.")
    request.app[ACCESS].who(request)
    return None


def challenge(request: web.Request) -> str:
    """Return the challenge of a 401. It asks a browser that opens a page for a password, which is
    the key."""
    opens_page = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    return BASIC if opens_page else 'Bearer realm="Vivavoce"'


def _credential(request: web.Request) -> tuple[str, bool]:
    """Return the key or token of the request, and whether a browser may have sent it by itself, as
    it does with a password that it was given once."""
    if key := request.headers.get("X-API-Key"):
        return key.strip(), False
    scheme, _, value = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip(), False
        case "basic":
            with contextlib.suppress(ValueError):  # not base64, or not UTF-8
                return base64.b64decode(value, validate=True).decode().partition(":")[2], True
    return "", False


def _require_here(request: web.Request) -> None:
    """Refuse callers that are not on this machine, or come through a proxy and may be anybody. The
    name in `Host` counts too: another site's host name can lead a browser here."""
    proxied = any(_PASSED_ON.fullmatch(name) for name in request.headers)
    try:
        named = urlsplit(f"//{request.host}").hostname
    except ValueError:  # such as an unclosed bracket
        named = None
    if request.remote not in _LOOPBACK or proxied or named not in _LOCAL_NAMES:
        raise Forbidden("Without a configured API key this is available on the server itself only.")


def _require_own_page(request: web.Request) -> None:
    """Refuse pages of other sites that are not named as allowed, where the caller shows nothing
    that such a page lacks; `*` names nobody."""
    named = [each for each in origins.allowed_origins(request.app[SETTINGS]) if each != "*"]
    origins.require(request, named)
