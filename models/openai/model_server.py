"""Check that the server that runs the language model answers, before anybody talks to it."""

import aiohttp

from ..errors import EngineError

ANSWER_SECONDS = 5.0
"""Seconds within which the server has to answer."""


async def require_answer(
    base_url: str, api_key: str = "", *, within: float = ANSWER_SECONDS
) -> None:
    """Ask an OpenAI-compatible server for its list of models, the one request that costs it no
    work. Not every server has this address, so any answer is enough, except one that rejects the
    key. Raises `EngineError`, which does not show the key."""
    url = base_url.rstrip("/") + "/models"
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    limits = aiohttp.ClientTimeout(within)
    try:
        async with (
            aiohttp.ClientSession(headers=headers, timeout=limits) as session,
            session.get(url) as response,
        ):
            status = response.status
    except TimeoutError as exc:
        raise EngineError(f"{url} did not answer within {within:.0f} s") from exc
    except (aiohttp.ClientError, ValueError, OSError) as exc:
        raise EngineError(f"{url} cannot be reached ({type(exc).__name__})") from exc
    if status in (401, 403):
        raise EngineError(f"{url} does not accept the API key ({status})")
    if status >= 500:
        raise EngineError(f"{url} is out of order ({status})")
