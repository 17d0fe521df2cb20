"""One socket's hold on a session."""

import asyncio
from typing import Literal

from pipeline.conversation.early import Early

LEAVING_SECONDS = 10.0
"""Seconds that a dismissed socket may take to leave before its successor goes ahead without it."""

Dismissal = Literal["replaced", "finalized", "shutdown"]


class Seat:
    """One socket's hold on a session."""

    def __init__(self) -> None:
        self.early = Early()
        """The client's messages from before the engines were loaded."""
        self._dismissed = asyncio.Event()
        self._handing_over = asyncio.Event()
        self._left = asyncio.Event()
        self._why: Dismissal = "replaced"
        self.over = False
        """True once the conversation has come to its end, so that the socket only lingers."""

    async def dismissed(self) -> Dismissal:
        """Wait until this socket has to go, and return why."""
        await self._dismissed.wait()
        return self._why

    def dismiss(self, why: Dismissal) -> None:
        """Tell the socket to go. Only the first reason counts."""
        if not self._dismissed.is_set():
            self._why = why
            self._dismissed.set()

    def hand_over(self) -> None:
        """Tell the socket to go as soon as nobody speaks, because another process takes over."""
        self._handing_over.set()

    async def handing_over(self) -> None:
        """Wait until this socket has to go as soon as nobody speaks."""
        await self._handing_over.wait()

    @property
    def finished(self) -> bool:
        """Return whether nobody will come back, because the interview is over."""
        return self.over or (self._dismissed.is_set() and self._why == "finalized")

    @property
    def passed_on(self) -> bool:
        """Return whether the socket has to go because the interview goes on elsewhere."""
        return self._dismissed.is_set() and self._why != "finalized"

    def leave(self) -> None:
        """Report that the socket will not write to the session's journal any more."""
        self._left.set()

    async def left(self) -> bool:
        """Wait until the socket has gone; return False when it takes too long."""
        try:
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._left.wait()
        except TimeoutError:
            return False
        return True
