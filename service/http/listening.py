"""The address that the service listens on: bound early, and announced to people."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import StartError
from ..settings import Settings


class PortTaken(StartError):
    """The address to listen on is not available."""


def bound(settings: Settings) -> socket.socket:
    """Bind the address and return its socket, before the models are loaded, so that an address in
    use is noticed at once. The socket does not listen yet. Raises `PortTaken`."""
    with had(settings):
        family, kind, protocol, _, where = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(where)
        except OSError:
            listener.close()
            raise
        return listener


@contextmanager
def had(settings: Settings) -> Iterator[None]:
    """Translate errors of binding and of listening into `PortTaken`. Both can fail: two programs
    may bind one address as long as neither listens."""
    try:
        yield
    except OSError as exc:
        raise PortTaken(_why_not(settings, exc)) from exc


def _why_not(settings: Settings, exc: OSError) -> str:
    where = f"{settings.host}:{settings.port}"
    if exc.errno == errno.EADDRINUSE:
        return (
            f"Something else is listening on {where} already; stop it, or set VIVAVOCE_PORT"
            " to another port."
        )
    return f"Cannot listen on {where} ({exc.strerror}); change VIVAVOCE_HOST or VIVAVOCE_PORT."


def address(settings: Settings, listener: socket.socket) -> str:
    """Return the address to type into a browser on this machine."""
    anywhere = settings.host in ("0.0.0.0", "::", "127.0.0.1", "::1")
    host = "localhost" if anywhere else settings.host
    return f"http://{host}:{listener.getsockname()[1]}{settings.base_path}/"
