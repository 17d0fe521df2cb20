"""The engines of the service, from before they are loaded."""

import asyncio

from aiohttp import web

from models.contracts import Engines

from .errors import ShuttingDown


class EngineLoading:
    """Whoever needs an engine waits here until all are loaded, or the service ends without them."""

    def __init__(self, engines: Engines | None = None) -> None:
        self._engines = engines
        self._settled = asyncio.Event()
        if engines is not None:
            self._settled.set()

    @property
    def engines(self) -> Engines | None:
        """None while they are being loaded."""
        return self._engines

    def loaded(self, engines: Engines) -> None:
        self._engines = engines
        self._settled.set()

    def give_up(self) -> None:
        """The service ends; nobody need wait any more."""
        self._settled.set()

    async def wait(self) -> Engines:
        """Raises `ShuttingDown` when the service ends before they are loaded."""
        await self._settled.wait()
        if self._engines is None:
            raise ShuttingDown("The service is shutting down; please try again in a moment.")
        return self._engines


ENGINES = web.AppKey("ENGINES", EngineLoading)
