"""Sessions change hands between replicas: ask another one to let a session go, and do so when
asked.

The tables decide who has what; this only saves waiting, and dismisses sockets whose session has
gone elsewhere.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from uuid import UUID

from ..admission.leases import LeaseState
from ..admission.seat import Seat
from ..errors import DatabaseUnavailable
from ..storage.database import Database
from . import holds, messages
from .holds import Hold
from .messages import Dismissing, Left, Message, Moved, Yield

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""Seconds between two looks whether an owner that was asked still lives."""
RETRY_SECONDS = 1.0
"""Seconds after which this replica compares itself with the tables again, if it could not."""


class LettingGo:
    """The sessions that one replica has, and how it parts with them."""

    def __init__(self, me: UUID, grace: float) -> None:
        self.seats: dict[UUID, tuple[Seat, int]] = {}
        """The sessions that sockets hold here: the seat, and the lease's epoch."""
        self.ending: dict[UUID, int] = {}
        """The sessions that are being ended here: the epoch of the newest lease."""
        self.moved: Callable[[UUID], None] = lambda session: None
        self.kept: Callable[[], Iterable[UUID]] = tuple
        self.astray = asyncio.Event()
        """Set when this replica and the tables may know different things."""
        self._me = me
        self._grace = grace
        self._tasks: asyncio.TaskGroup | None = None
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._askers: dict[UUID, set[UUID]] = {}
        """Replicas that wait for the end of what is being ended here, by session."""

    async def run(self, database: Database) -> None:
        """Answer other replicas, until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            self._database = database
            while True:
                await self.astray.wait()
                self.astray.clear()
                try:
                    await self.compare(database)
                except DatabaseUnavailable:
                    self.astray.set()
                    await asyncio.sleep(RETRY_SECONDS)

    def heard(self, message: Message) -> None:
        """Take a message of another replica's."""
        match message:
            case Left(session):
                for event in self._waiting.get(session, ()):
                    event.set()
            case Moved(session, epoch, why):
                seat, own = self.seats.get(session, (None, epoch))
                if seat is None:
                    self.moved(session)
                elif own < epoch:
                    seat.dismiss(why)
            case Yield(session, asker) if session in self.ending:
                self._askers.setdefault(session, set()).add(asker)
            case Yield() if self._tasks:
                self._tasks.create_task(self._leave(message), name="let a session go")

    async def ask(
        self, database: Database, session: UUID, hold: Hold, why: Dismissing, seconds: float
    ) -> bool:
        """Ask the owner of a session to let it go; return True once it says that it has, False when
        it is dead, something else has changed, or `seconds` are over."""
        left = asyncio.Event()
        self._waiting.setdefault(session, set()).add(left)
        until = monotonic() + seconds
        try:
            async with database.write() as db:
                await messages.send(db, hold.replica, Yield(session, self._me, why))
            while (remaining := until - monotonic()) > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(LOOK_SECONDS, remaining)):
                        await left.wait()
                if left.is_set():
                    return True
                async with database.read() as db:
                    now = await holds.look(db, self._me, session)
                if now is None or not now.owned or now.epoch != hold.epoch:
                    return now is not None and now.state is LeaseState.GRACE
            return False
        finally:
            self._waiting[session].discard(left)
            if not self._waiting[session]:
                del self._waiting[session]

    def askers(self, session: UUID) -> set[UUID]:
        """Return the replicas that wait for the end of the session, and forget them."""
        return self._askers.pop(session, set())

    async def compare(self, database: Database) -> None:
        """Bring this replica and the tables to the same opinion: after an outage sessions may have
        gone elsewhere, and releases may be missing. Raises `DatabaseUnavailable`."""
        async with database.write() as db:
            known = await holds.all_own(db, self._me)
            for session, (epoch, state) in known.items():
                if state is LeaseState.HELD and session not in self.seats:
                    await holds.let_go(db, self._me, session, epoch, self._grace)
                elif state is LeaseState.ENDING and session not in self.ending:
                    await holds.let_go(db, self._me, session, epoch, 0.0)
        for session, (seat, _) in list(self.seats.items()):
            if session not in known:
                logger.info("session %s went elsewhere during an outage", session)
                seat.dismiss("replaced")
        for session in self.kept():
            if session not in known and session not in self.seats:
                self.moved(session)

    async def _leave(self, asked: Yield) -> None:
        if held := self.seats.get(asked.session):
            seat, _ = held
            seat.dismiss(asked.why)
            await seat.left()
        with suppress(DatabaseUnavailable):  # whoever asked does not wait for long
            async with self._database.write() as db:
                await messages.send(db, asked.asker, Left(asked.session))
