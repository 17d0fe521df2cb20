"""The sentinel: one connection to Postgres by which a replica shows that it lives, hears the
others, and may become their leader."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from time import monotonic
from typing import Any
from uuid import UUID

from aiohttp import web
from sqlalchemy import URL, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import DatabaseUnreachable
from ..observability import logs
from ..storage.database_engine import connect, reason
from .messages import Message, channel, decode
from .replica import ALIVE_SECONDS, LIVES, Identity, leave, register

logger = logging.getLogger(__name__)

BEAT_SECONDS = 2.0
"""Seconds between two heartbeats."""
RETRY_SECONDS = 0.5
"""Seconds between two attempts to connect again."""
ANSWER_SECONDS = 4.0
"""Seconds that one statement of the sentinel's may take before its connection counts as dead."""
READY_SECONDS = 10.0
"""Seconds that the first heartbeat may take; the database has been opened before."""
LEAVE_SECONDS = 1.0
"""Seconds for saying goodbye."""
LEADER = int.from_bytes(b"vvleader")
"""Key of the advisory lock that the leader's sentinel holds."""

# Postgres itself ends a session that has been silent for so long, so a replica that hangs, or whose
# machine is gone, loses its locks when its heartbeats lapse. Older servers lack the first setting.
_PREPARE = text(
    "SELECT set_config(name, value, false) FROM (VALUES"
    f" ('idle_session_timeout', '{round(ALIVE_SECONDS * 1000)}'),"
    " ('tcp_keepalives_idle', '4'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '2')"
    ") AS wanted (name, value) WHERE name IN (SELECT name FROM pg_settings)"
)
_BEAT = text(
    "WITH beat AS (UPDATE replicas SET seen_at = clock_timestamp(), draining = :draining"
    " WHERE id = :id RETURNING id)"
    " SELECT EXISTS (SELECT FROM beat),"
    " CASE WHEN :locked THEN true ELSE pg_try_advisory_lock(:lives, :lock_key) END,"
    " CASE WHEN :leads THEN true ELSE pg_try_advisory_lock(:leader) END"
)


@cache
def driver_errors() -> tuple[type[Exception], ...]:
    """Return the errors of a connection that breaks; listening is the driver's, whose errors nobody
    translates."""
    # Imported only here: it takes a tenth of a start, and one process on SQLite needs none of it.
    from asyncpg import InterfaceError, PostgresError

    return (SQLAlchemyError, PostgresError, InterfaceError, OSError, TimeoutError)


# docs/decisions/055-replicas-share-postgres.md: heartbeats are the truth, the lock is a hint
class Sentinel:
    """The sentinel of one replica. It connects again for as long as it runs; nothing that a socket
    needs depends on it."""

    def __init__(
        self,
        address: URL,
        me: Identity,
        *,
        beat: float = BEAT_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.me = me
        self.draining = False
        """True once this replica takes no more sessions; written with each heartbeat."""
        self.heard: Callable[[Message], None] = _ignore
        """Called with each message from another replica."""
        self.returned: Callable[[], None] = _nothing
        """Called when it listens, the first time and after each outage, in which messages may have
        been lost."""
        self._address = address
        self._beat = beat
        self._clock = clock
        self._since = self._last = -float("inf")
        """Times of the first and of the last of the heartbeats in an unbroken row."""
        self._leads = False
        self._up = asyncio.Event()
        self._failing = logs.Seldom()

    @property
    def leads(self) -> bool:
        """Return whether this replica is the leader. It stops to be one before another can be."""
        return self._leads and self.unbroken_since is not None

    @property
    def unbroken_since(self) -> float | None:
        """Return the time, by `time.monotonic`, since which heartbeats have followed each other so
        closely that nobody could think this replica dead; None when they do not now."""
        return self._since if self._clock() - self._last < ALIVE_SECONDS else None

    def unbroken_for(self, seconds: float) -> bool:
        """Return whether heartbeats have been unbroken for so long. After an outage of the database
        every replica looks dead for a while; who was away itself must not judge."""
        since = self.unbroken_since
        return since is not None and self._clock() - since >= seconds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the sentinel; this replica is registered when the context is entered, and counts as
        dead when it is left. Raises `DatabaseUnreachable`."""
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._run(), name="sentinel")
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(READY_SECONDS):
                        await self._up.wait()
                if not self._up.is_set():
                    raise DatabaseUnreachable(
                        "This replica could not be registered in the database; see the log, and"
                        " set VIVAVOCE_DATABASE_URL to a Postgres that takes connections."
                    )
                yield
            finally:
                watching.cancel()

    async def _run(self) -> None:
        async with connect(self._address) as engine:
            while True:
                try:
                    async with engine.connect() as connection:
                        await self._watch(connection)
                except driver_errors() as exc:
                    if (task := asyncio.current_task()) and task.cancelling():
                        raise asyncio.CancelledError from exc  # the connection broke while closing
                    if times := self._failing.times(monotonic()):
                        logger.warning("the sentinel is away (%d times): %s", times, reason(exc))
                finally:
                    self._leads = False
                await asyncio.sleep(RETRY_SECONDS)

    async def _watch(self, connection: AsyncConnection) -> None:
        """Listen and beat until the connection breaks or the task is cancelled."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(_PREPARE)
                await register(connection, self.me, draining=self.draining)
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.add_listener(channel(self.me.id), self._notified)
            ended = asyncio.Event()
            driver.add_termination_listener(lambda _: ended.set())
            await self._go_on(connection, ended)
        except asyncio.CancelledError:
            with suppress(*driver_errors()):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self._say_goodbye(connection)
            raise
        finally:
            with suppress(*driver_errors()):  # closed, so that its locks and its listening end
                await connection.invalidate()

    async def _say_goodbye(self, connection: AsyncConnection) -> None:
        try:
            await leave(connection, self.me.id)
        except driver_errors():  # cancelled in the middle of a heartbeat, it can do nothing more
            async with connection.engine.begin() as another:
                await leave(another, self.me.id)

    async def _go_on(self, connection: AsyncConnection, ended: asyncio.Event) -> None:
        self._leads = False
        locked = await self._send_beat(connection, locked=False)
        self._up.set()
        self.returned()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._beat):
                    await ended.wait()
            if ended.is_set():
                raise ConnectionResetError("the server has ended the connection")
            locked = await self._send_beat(connection, locked=locked)

    async def _send_beat(self, connection: AsyncConnection, *, locked: bool) -> bool:
        """Send a heartbeat; return whether this connection has the lock that hints at life."""
        asked = self._clock()
        given = {
            "id": self.me.id,
            "draining": self.draining,
            "lives": LIVES,
            "lock_key": self.me.lock_key,
            "leader": LEADER,
            "locked": locked,
            "leads": self._leads,
        }
        async with asyncio.timeout(ANSWER_SECONDS):
            known, locked, leads = (await connection.execute(_BEAT, given)).one()
            if not known:
                await register(connection, self.me, draining=self.draining)
        if asked - self._last >= ALIVE_SECONDS:
            self._since = asked
        self._last = asked
        if leads and not self._leads:
            logger.info("this replica leads the others")
        self._leads = leads
        return locked

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if message := decode(str(payload)):
            self.heard(message)


SENTINEL = web.AppKey("SENTINEL", Sentinel)
"""The sentinel of this replica; absent in a service that is one process."""


def _ignore(message: Message) -> None: ...


def _nothing() -> None: ...


def leads(app: web.Application) -> bool:
    """Return whether work that must be done once is this process's: it is alone, or the leader."""
    sentinel = app.get(SENTINEL)
    return sentinel is None or sentinel.leads


def replica_of(app: web.Application) -> UUID | None:
    """Return the id of this replica; None in a service that is one process."""
    sentinel = app.get(SENTINEL)
    return sentinel.me.id if sentinel else None
