"""How many conversations go on at once, and who holds which of them.

A place belongs to a session: from the moment it is promised (the client has yet to connect), while
a socket holds it, and for the grace period after the socket broke or the service was restarted, so
that a client that reconnects is never refused. Each session has at most one socket; the newer one
wins.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Literal
from uuid import UUID

from aiohttp import web

from pipeline.conversation.early import Early

from .errors import Full, InterviewOver, ShuttingDown

PROMISE_SECONDS = 30.0
"""How long a place is kept between the start of a session and its first connection."""
LEAVING_SECONDS = 10.0
"""How long a dismissed socket may take to leave before its successor goes ahead without it."""

FINALIZING_SECONDS = 5.0
"""After the end of its conversation a client finalizes within so long; it waits for 2 s itself."""

Dismissal = Literal["replaced", "finalized", "shutdown"]


class Seat:
    """One socket's hold on a session."""

    def __init__(self) -> None:
        self.early = Early()
        """What the client said before the engines were loaded."""
        self._dismissed = asyncio.Event()
        self._left = asyncio.Event()
        self._why: Dismissal = "replaced"
        self.over = False
        """Whether the conversation has come to its end, so that the socket only lingers."""

    async def dismissed(self) -> Dismissal:
        """Wait until this socket has to go, and learn why."""
        await self._dismissed.wait()
        return self._why

    def dismiss(self, why: Dismissal) -> None:
        if not self._dismissed.is_set():
            self._why = why
            self._dismissed.set()

    @property
    def finished(self) -> bool:
        """Whether nobody comes back to it, because the interview is over."""
        return self.over or (self._dismissed.is_set() and self._why == "finalized")

    @property
    def passed_on(self) -> bool:
        """Whether it has to go because the interview goes on elsewhere."""
        return self._dismissed.is_set() and self._why != "finalized"

    def leave(self) -> None:
        self._left.set()

    async def left(self) -> bool:
        """Wait until the socket has gone; False when it takes too long."""
        try:
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._left.wait()
        except TimeoutError:
            return False
        return True


@dataclass(slots=True)
class Counts:
    """Since the start."""

    admitted: int = 0
    """Places given to sessions that had none."""
    full: int = 0
    """Refused because all places were taken."""
    stopping: int = 0
    """Refused because the service was about to stop."""


class Admission:
    """`slots` sessions at once; `grace` seconds a place is kept for a broken connection."""

    def __init__(self, slots: int, grace: float, *, clock: Callable[[], float] = monotonic) -> None:
        self.slots = slots
        self.counts = Counts()
        self._grace = grace
        self._clock = clock
        self._kept: dict[UUID, float] = {}  # session -> when its place is free again
        self._seats: dict[UUID, Seat] = {}
        self._ending: list[UUID] = []
        """A session once for each that ends it: one may be deleted while it is being assessed."""
        self._left = asyncio.Event()
        self._closed = False

    @property
    def live(self) -> tuple[UUID, ...]:
        """Sessions that a socket holds now, and that go on."""
        return tuple(session for session, seat in self._seats.items() if not seat.over)

    @property
    def closed(self) -> bool:
        """Nobody is admitted any more."""
        return self._closed

    @property
    def free(self) -> int:
        """Places that may be promised."""
        return 0 if self._closed else max(0, self.slots - self.used)

    @property
    def used(self) -> int:
        """Places that somebody holds or was promised."""
        now = self._clock()
        self._kept = {session: until for session, until in self._kept.items() if until > now}
        return len(self._kept)

    def promise(self, session: UUID) -> None:
        """Keep a place for a session whose client will connect soon. Raises `Full`, and
        `InterviewOver` while the session is being ended."""
        if refusal := self.refusal(session):
            self.counts.stopping += isinstance(refusal, ShuttingDown)
            self.counts.full += type(refusal) is Full
            raise refusal
        self.counts.admitted += session not in self._kept
        until = self._clock() + PROMISE_SECONDS
        self._kept[session] = max(until, self._kept.get(session, 0.0))

    def refusal(self, session: UUID) -> Full | InterviewOver | None:
        """Why the session would be promised no place now, if it would not."""
        if session in self._ending:
            return InterviewOver("This interview is just being finished.")
        if self._closed:
            return ShuttingDown("The service is shutting down; please try again in a moment.")
        if self.free == 0 and session not in self._kept:
            return Full("All interview places are taken at the moment; please try again shortly.")
        return None

    @contextmanager
    def promised(self, session: UUID) -> Iterator[None]:
        """The same, for making an interview: when that fails nobody will come for the place."""
        before = self._kept.get(session)
        self.promise(session)
        try:
            yield
        except BaseException:
            if before is None and session not in self._seats:
                self._kept.pop(session, None)
            raise

    def keep(self, session: UUID) -> None:
        """Keep the place of a session that went on when the service was killed, for the grace
        period from now."""
        self._kept[session] = max(self._clock() + self._grace, self._kept.get(session, 0.0))

    def expects(self, session: UUID) -> bool:
        """Whether the session has a place: it goes on, or its client may still come (back)."""
        return session in self._ending or self._kept.get(session, 0.0) > self._clock()

    @asynccontextmanager
    async def seat(self, session: UUID) -> AsyncIterator[Seat]:
        """Hold the session for one socket; the one that held it before is dismissed and has left
        when this begins. Enter it before the upgrade: it raises `Full`."""
        self.promise(session)
        seat = Seat()
        older = self._seats.get(session)
        self._seats[session] = seat
        self._kept[session] = math.inf
        try:
            if older is not None:
                older.dismiss("replaced")
                await older.left()
                if not older.early.told:
                    seat.early = older.early
            yield seat
        finally:
            seat.leave()
            if self._seats.get(session) is seat:
                del self._seats[session]
                if seat.finished:
                    self._kept.pop(session, None)
                else:
                    self._kept[session] = self._clock() + self._grace
            self._left.set()

    def over(self, session: UUID, seat: Seat) -> None:
        """The conversation has come to its end and is on record: its place is free, though the
        socket lingers."""
        seat.over = True
        seat.leave()
        if self._seats.get(session) is seat:
            self._kept.pop(session, None)

    def dismiss(self, session: UUID) -> None:
        """The interview is over for its client: the socket that it has, if any, is closed."""
        if seat := self._seats.get(session):
            seat.dismiss("finalized")

    @asynccontextmanager
    async def ending(self, session: UUID) -> AsyncIterator[None]:
        """End the session's conversation, if it goes on; inside, its socket has left, or only
        lingers, and none follows."""
        self._ending.append(session)
        try:
            seat = self._seats.get(session)
            if seat and not seat.over:
                seat.dismiss("finalized")
                await seat.left()
            self._kept.pop(session, None)
            yield
        finally:
            self._ending.remove(session)
            self._left.set()

    async def drain(self, seconds: float) -> None:
        """Admit nobody any more, and wait until all conversations have ended and were finalized,
        but no longer than this. Cancel it to wait no more."""
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if self._seats:
                    await self._all_left()
                    await asyncio.sleep(FINALIZING_SECONDS if self._kept else 0)
                await self._all_left()

    async def _all_left(self) -> None:
        while self._seats or self._ending:
            self._left.clear()
            await self._left.wait()

    async def close(self) -> None:
        """Admit nobody any more, end every socket and wait until all have left, for
        `LEAVING_SECONDS` at most."""
        self._closed = True
        async with asyncio.TaskGroup() as tasks:
            for seat in self._seats.values():
                seat.dismiss("shutdown")
                tasks.create_task(seat.left(), name="seat left")


ADMISSION = web.AppKey("ADMISSION", Admission)
