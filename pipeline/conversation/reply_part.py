"""One part of a reply: its clauses, voiced just ahead of their being sent."""

import asyncio
from dataclasses import dataclass

from models.contracts import Samples

CLAUSES_AHEAD = 1
"""Clauses of a part that are synthesized and not yet being sent. While a reply is held, this bounds
the cost of a wrong speculation; while it plays, it keeps the voice just ahead."""


@dataclass(slots=True)
class Clause:
    """A clause of the reply. `at` is where it begins in the reply, once it is sent."""

    text: str
    audio: Samples
    at: int = 0


class ReplyPart:
    """The clauses of one part. Whoever voices it calls `expect` for clauses whose text is known,
    `add` for each of them once it has a sound or cannot get one, and `end`."""

    def __init__(self) -> None:
        self.known = asyncio.Event()
        """Set while there is text that has not been taken, and once there is no more to come."""
        self.begun = asyncio.Event()
        """Set once the first clause has its sound, or there will be none."""
        self._ready: asyncio.Queue[Clause | None] = asyncio.Queue(CLAUSES_AHEAD)
        self._expected = 0
        self._ended = False

    @property
    def silent(self) -> bool:
        """True if nothing more of it can be heard."""
        return self._ended and not self._expected

    def expect(self, clauses: int) -> None:
        self._expected += clauses
        if clauses:
            self.known.set()

    async def add(self, clause: Clause | None) -> None:
        """Add an expected clause; None if it could not be voiced. Waits for room."""
        if clause is None:
            self._done()
        else:
            self.begun.set()
            await self._ready.put(clause)

    async def end(self) -> None:
        self._ended = True
        self.known.set()
        self.begun.set()
        await self._ready.put(None)

    def unsay(self) -> None:
        """Drop what nobody has heard yet."""
        while not self._ready.empty():
            self._ready.get_nowait()
            self._done()
        if not self._expected:
            self.begun.clear()

    async def take(self) -> Clause | None:
        """Return the next clause, once it can be heard; None at the end."""
        clause = await self._ready.get()
        if clause is not None:
            self._done()
        return clause

    def _done(self) -> None:
        self._expected -= 1
        if not (self._expected or self._ended):
            self.known.clear()
