"""Find out whether a Vivavoce is already running where this one would."""

from dataclasses import dataclass

import aiohttp
import msgspec

from ..settings import Settings

ANSWER_SECONDS = 3
"""Seconds that the other instance has to answer."""
_OWN = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}
"""Addresses to connect to, on this machine, for special addresses that a service listens on."""


class _Health(msgspec.Struct):
    status: str
    sessions: int
    free: int


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    interviews: int
    """Number of interviews that are going on."""


async def running(settings: Settings) -> Running | None:
    """Ask at the address in the settings; return the running instance, or None."""
    host = _OWN.get(settings.host, settings.host)
    url = f"http://{host}:{settings.port}{settings.base_path}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(ANSWER_SECONDS)) as http,
            http.get(f"{url}/health") as response,
        ):
            health = msgspec.json.decode(await response.read(), type=_Health)
    except (aiohttp.ClientError, msgspec.MsgspecError, OSError, TimeoutError, ValueError):
        return None
    return Running(url, health.sessions)
