"""Open the database, SQLite or Postgres, and make transactions on it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any

from aiohttp import web
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from ..errors import DatabaseUnavailable, SchemaBehind
from . import product_tables, schema
from .database_engine import BUSY_MS, PATIENCE, connect, explain_errors, normalize, reason

Work = Callable[[AsyncSession], Awaitable[None]]
"""Writing in a transaction that somebody else commits."""


class Database:
    """Transactions as context managers: they commit at the end, or roll back on an error.

    Both kinds raise `DatabaseUnavailable` when the database is away, full or locked by somebody
    else."""

    def __init__(self, engine: AsyncEngine, busy_ms: int = BUSY_MS) -> None:
        self._engine = engine
        self._busy_ms = busy_ms
        self._one_writer: AbstractAsyncContextManager[Any] = nullcontext()
        self._unhurried: AbstractAsyncContextManager[Any] = nullcontext()
        if self.is_file:
            # SQLite's own waiting polls with growing pauses; an asyncio lock hands over at once, in
            # order.
            self._one_writer = asyncio.Lock()
            # Held while waiting for the other lock: an urgent write waits for one other at most.
            self._unhurried = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self.committed: Callable[[float], object] = _not_measured
        """Called after every commit with the seconds that it took."""
        self._locked = False
        """True if another process kept SQLite's file locked for as long as the last writer
        waited."""
        self._leading = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Begin a transaction that reads one consistent view; it waits for no writer."""
        with translate_errors():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                await session.connection(execution_options={"begin": "DEFERRED"})
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Begin a transaction that writes; it is durable when left without an error."""
        asked = monotonic()
        async with self._unhurried, self.write_now(asked) as db:
            yield db

    @asynccontextmanager
    async def write_now(
        self, asked: float | None = None, patience_ms: int | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Begin a writing transaction ahead of all that wait in `write`. It waits for another
        process that has locked SQLite's file, `patience_ms` in all (`BUSY_MS` by default) since it
        was `asked` for, by `time.monotonic`."""
        asked = monotonic() if asked is None else asked
        with translate_errors():
            async with (
                self._one_writer,
                AsyncSession(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                if self.is_file:
                    patience = self._busy_ms if patience_ms is None else patience_ms
                    await self._begin(session, asked, patience)
                yield session
                began = perf_counter()
        self.committed(perf_counter() - began)

    @property
    def is_file(self) -> bool:
        """Return whether the database is SQLite's file, which only this program writes to."""
        return self._engine.dialect.name == "sqlite"

    async def _begin(self, session: AsyncSession, asked: float, patience_ms: int) -> None:
        """Begin a writing transaction on SQLite. Time spent in line behind a writer that waited in
        vain counts as waiting, too. Raises TimeoutError when that was long enough."""
        if self._locked:
            patience_ms -= round((monotonic() - asked) * 1000)
        if patience_ms <= 0:
            raise TimeoutError
        try:
            await session.connection(execution_options={PATIENCE: patience_ms})
        except OperationalError as exc:
            self._locked = getattr(exc.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            raise
        self._locked = False

    async def prove(self, seconds: float) -> None:
        """Test that the database can be written to, by a write that changes nothing: reading does
        not show a full disk, or a file that another process keeps locked. Raises
        `DatabaseUnavailable`."""
        async with self.write_now(patience_ms=round(seconds * 1000)) as db:
            if not self.is_file:
                # It assigns a transaction id, which the commit has to write to the log.
                await db.execute(text("SELECT txid_current()"))
                return
            version = await db.scalar(text("PRAGMA user_version"))
            await db.execute(text(f"PRAGMA user_version={version:d}"))  # rewrites the first page

    async def rewrite(self) -> None:
        """Rewrite SQLite's file and empty its log, so that neither holds anything that was deleted:
        overwriting alone leaves copies where SQLite has moved rows before. All writers wait for it,
        and it takes as much space again as the file. On Postgres this is left to its operator.

        Raises `DatabaseUnavailable`: the deleted data may then still be readable there."""
        if not self.is_file:
            return
        with translate_errors():
            async with self._unhurried, self._one_writer, self._engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    async with driver.execute(statement) as cursor:
                        row = await cursor.fetchone()
                if row[0]:  # a reader keeps the log in use
                    raise TimeoutError

    async def together(self, work: Work) -> None:
        """Do some writing in one commit with whatever else waits for one; durable on return.

        While one commit is on its way to the disk the next ones gather, so that many small writers
        cost hardly more than one. Work that fails, fails alone."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, done, monotonic()))
        try:
            async with self._leading:
                if not done.done():
                    gathered = [each for each in self._waiting if not each.done.cancelled()]
                    self._waiting = []
                    await self._commit(gathered)
            await done
        finally:
            if not done.cancel() and not done.cancelled():
                done.exception()  # retrieved, or asyncio logs it if this task was cancelled

    async def _commit(self, gathered: list["_Waiting"]) -> None:
        try:
            if len(gathered) > 1 and await self._failure(gathered) is None:
                for each in gathered:
                    _settle(each.done, None)
            for each in gathered:
                if not each.done.done():
                    _settle(each.done, await self._failure([each]))
        finally:
            for each in gathered:  # this task was cancelled; they may have been committed
                broken_off = DatabaseUnavailable("The write was broken off; it may be there.")
                _settle(each.done, broken_off)

    async def _failure(
        self, together: list["_Waiting"]
    ) -> DatabaseUnavailable | IntegrityError | None:
        try:
            async with self.write_now(min(each.asked for each in together)) as db:
                for each in together:
                    await each.work(db)
        except (DatabaseUnavailable, IntegrityError) as exc:
            return exc
        return None


DATABASE = web.AppKey("DATABASE", Database)


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Work
    done: asyncio.Future[None]
    asked: float


def _not_measured(seconds: float) -> None: ...


def _settle(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


class translate_errors:
    """A context in which database errors that are not this program's fault become
    `DatabaseUnavailable`, and those of a query that was broken off because its task is cancelled
    become that cancellation."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, IntegrityError):
            return
        if isinstance(exc, DBAPIError | sqlite3.Error | OSError | TimeoutError):
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise asyncio.CancelledError from exc
            raise DatabaseUnavailable(
                "The database cannot be reached at the moment; please try again shortly."
            ) from exc


@asynccontextmanager
async def open_database(
    url: str, *, upgrade: bool = True, busy_ms: int = BUSY_MS
) -> AsyncIterator[Database]:
    """Open the database at `url` with the tables of this version: they are made or changed first
    where that is needed, unless `upgrade` is false because somebody else does it. A transaction on
    SQLite waits for another process's for `busy_ms` at most.

    Raises `DatabaseUnreachable`, `ProductTablesUnusable`, `SchemaBehind` and `SchemaTooNew`."""
    address = normalize(url)
    async with connect(address, busy_ms=busy_ms) as engine:
        with explain_errors(address):
            state = await schema.looked_at(engine)
            if state.product:
                async with engine.connect() as connection:
                    await connection.run_sync(product_tables.check)
        if not state.current:
            if not upgrade:
                raise SchemaBehind(
                    f"The tables of the database are those of version {state.version or 'none'},"
                    f" and this Vivavoce needs {schema.newest()}; run `vivavoce db upgrade`."
                )
            await upgrade_database(address)
        yield Database(engine, busy_ms)


async def state_of(address: URL) -> schema.State:
    """Return the state of the database's tables. Raises `DatabaseUnreachable` and
    `SchemaTooNew`."""
    async with connect(address) as engine:
        with explain_errors(address):
            return await schema.looked_at(engine)


async def upgrade_database(address: URL) -> schema.State:
    """Make or change the tables; return the state before.

    Raises `DatabaseUnreachable`, `SchemaBehind` (it may not change them) and `SchemaTooNew`."""
    async with connect(address, upgrading=True) as engine:
        with explain_errors(address):
            try:
                return await schema.upgrade(engine)
            except ProgrammingError as exc:
                raise SchemaBehind(
                    f"The tables of the database could not be made ({reason(exc)}); run `vivavoce"
                    " db upgrade` with a VIVAVOCE_DATABASE_URL of a user who may make them."
                ) from exc
