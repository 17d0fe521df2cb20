"""Which web pages may call: one rule for REST (CORS) and for the WebSocket's Origin."""

from collections.abc import Sequence
from urllib.parse import urlsplit


def allowed(origin: str, host: str, origins: Sequence[str]) -> bool:
    """Whether a page from `origin` may call the service that it addressed as `host` (the Host
    header, with port). The service's own pages always may."""
    origin = origin.lower()
    try:
        own = urlsplit(origin).netloc == host.lower() != ""
    except ValueError:  # such as a bracket that is not closed
        own = False
    return "*" in origins or origin in origins or own
