"""The service's engines, also while they are still being loaded."""

import asyncio

from aiohttp import web

from models.contracts import Engines

from .errors import ShuttingDown


class EngineLoading:
    """The engines, once they are loaded; whoever needs one waits here until all are loaded or the
    service stops without them."""

    def __init__(self, engines: Engines | None = None) -> None:
        self._engines = engines
        self._settled = asyncio.Event()
        if engines is not None:
            self._settled.set()

    @property
    def engines(self) -> Engines | None:
        """Return the engines, or None while they are being loaded."""
        return self._engines

    def loaded(self, engines: Engines) -> None:
        self._engines = engines
        self._settled.set()

    def give_up(self) -> None:
        """Release everyone who waits, because the service is stopping."""
        self._settled.set()

    async def wait(self) -> Engines:
        """Wait for the engines and return them. Raises `ShuttingDown` when the service stops before
        they are loaded."""
        await self._settled.wait()
        if self._engines is None:
            raise ShuttingDown("The service is shutting down; please try again in a moment.")
        return self._engines


ENGINES = web.AppKey("ENGINES", EngineLoading)
