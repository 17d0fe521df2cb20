"""Ask the engine servers what they have, before anybody talks to them."""

from ..errors import EngineError
from ..manifest import Pool as Wanted
from . import wire
from .pool import Pool

ANSWER_SECONDS = 5.0
"""Seconds within which one of them has to answer."""


async def require_answer(wanted: Wanted, *, within: float = ANSWER_SECONDS) -> wire.Hello:
    """Return what the first engine server to answer has. Raises `EngineError`, which does not show
    the key."""
    pool = Pool(wanted.urls, wanted.key)
    try:
        await pool.connect(within=within)
        if pool.hello is None:
            raise EngineError("no engine server answers")
        return pool.hello
    finally:
        await pool.aclose()
