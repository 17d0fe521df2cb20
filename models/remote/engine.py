"""Engines on other machines, which use nothing of this one. See registry.py."""

from contextlib import suppress

from ..contracts import EndOfTurn, Transcriber, Voice
from ..device import Machine
from ..manifest import Pool as Wanted
from .engines import RemoteEndOfTurn, RemoteTranscriber, RemoteVoice
from .pool import NoServer, Pool


def load(pool: Wanted, _: Machine) -> "RemoteEngines":
    return RemoteEngines(Pool(pool.urls, pool.key), has_local=pool.fall_back)


def runs_on(_: Machine) -> str:
    return "engine servers"


class RemoteEngines:
    """The engines of the engine servers; see `load.Pooled`."""

    def __init__(self, pool: Pool, *, has_local: bool) -> None:
        self._pool = pool
        self._has_local = has_local

    async def connect(self) -> None:
        within = self._pool.patience.start if self._has_local else None
        with suppress(NoServer):  # said already; until one answers the local engines do the work
            await self._pool.connect(within=within)

    def transcriber(self, local: Transcriber | None) -> Transcriber:
        return RemoteTranscriber(self._pool, local)

    def voice(self, local: Voice | None) -> Voice:
        return RemoteVoice(self._pool, local)

    def end_of_turn(self, local: EndOfTurn | None) -> EndOfTurn | None:
        """Return the servers' judge; None where neither they nor this machine have one."""
        has = self._pool.hello is not None and self._pool.hello.end_of_turn
        return RemoteEndOfTurn(self._pool, local) if has or local else None

    @property
    def voice_languages(self) -> tuple[str, ...]:
        return self._pool.hello.voice_languages if self._pool.hello else ()

    async def aclose(self) -> None:
        await self._pool.aclose()
