"""The database: how it is opened, and how a transaction on it is made. SQLite and Postgres."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL, Connection, MetaData, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from .errors import DatabaseUnavailable, DatabaseUnreachable

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
BUSY_MS = 5000
"""How long a SQLite transaction waits for another process's."""
CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
"""How long a Postgres statement may take before the database counts as away."""


Work = Callable[[AsyncSession], Awaitable[None]]
"""Some writing in a transaction that somebody else commits."""


class Database:
    """Transactions as context managers: they commit at the end, or roll back on an error.

    Both raise `DatabaseUnavailable` when the database is away, full or locked by somebody else."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._one_writer: AbstractAsyncContextManager[Any] = nullcontext()
        if engine.dialect.name == "sqlite":
            # SQLite's own waiting polls with growing pauses; a lock hands over at once, in order.
            self._one_writer = asyncio.Lock()
        self._waiting: list[tuple[Work, asyncio.Future[None]]] = []
        self._leading = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One consistent view; waits for no writer."""
        with translated():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                await session.connection(execution_options={"begin": "DEFERRED"})
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Durable when it is left without an error."""
        with translated():
            async with (
                self._one_writer,
                AsyncSession(self._engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session

    async def together(self, work: Work) -> None:
        """Do some writing in one commit with whatever else waits for one; durable on return.

        While one commit is on its way to the disk the next ones gather, so that many small
        writers cost hardly more than one. Work that fails, fails alone."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        try:
            async with self._leading:
                if not done.done():
                    gathered = [waiting for waiting in self._waiting if not waiting[1].cancelled()]
                    self._waiting = []
                    await self._commit(gathered)
            await done
        finally:
            if not done.cancel() and not done.cancelled():
                done.exception()  # seen, even if this task was cancelled and nobody asks for it

    async def _commit(self, gathered: list[tuple[Work, asyncio.Future[None]]]) -> None:
        try:
            if len(gathered) > 1 and await self._succeeded([work for work, _ in gathered]):
                for _, done in gathered:
                    _settle(done, None)
            for work, done in gathered:
                if not done.done():
                    _settle(done, await self._failure([work]))
        finally:
            for _, done in gathered:  # this task was cancelled; it is unknown what was written
                _settle(done, DatabaseUnavailable("The write was broken off; it may be there."))

    async def _succeeded(self, works: list[Work]) -> bool:
        return await self._failure(works) is None

    async def _failure(self, works: list[Work]) -> DatabaseUnavailable | IntegrityError | None:
        try:
            async with self.write() as db:
                for work in works:
                    await work(db)
        except (DatabaseUnavailable, IntegrityError) as exc:
            return exc
        return None


def _settle(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


class translated:
    """Database errors that are not this program's fault, as `DatabaseUnavailable`."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, exc: BaseException | None, trace: object) -> None:
        if isinstance(exc, IntegrityError):
            return
        if isinstance(exc, DBAPIError | OSError | TimeoutError):
            raise DatabaseUnavailable(
                "The database cannot be reached at the moment; please try again shortly."
            ) from exc


@asynccontextmanager
async def opened(url: str, tables: MetaData) -> AsyncIterator[Database]:
    """The database at `url`, with these tables, which are made where they are missing.

    Raises `DatabaseUnreachable`."""
    address = normalized(url)
    try:
        engine = _sqlite(address) if address.get_backend_name() == "sqlite" else _postgres(address)
        async with engine.begin() as connection:
            await connection.run_sync(tables.create_all)
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as exc:
        shown = address.render_as_string(hide_password=True)
        raise DatabaseUnreachable(
            f"The database {shown} cannot be opened ({_reason(exc)}); start it, or set"
            " VIVAVOCE_DATABASE_URL to one that runs and that this user may write to."
        ) from exc
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


def normalized(url: str) -> URL:
    """The URL with the driver that the service brings. Raises `DatabaseUnreachable`."""
    try:
        address = make_url(url)
        return address.set(drivername=DRIVERS[address.drivername.partition("+")[0]])
    except (ArgumentError, KeyError):
        raise DatabaseUnreachable(
            "VIVAVOCE_DATABASE_URL is not the URL of a database that can be used here; write it"
            " like postgresql+asyncpg://user:password@host/name."
        ) from None


def _sqlite(address: URL) -> AsyncEngine:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        # Tried here first: a connection of the driver below that fails leaves its thread behind,
        # which complains when the program ends.
        sqlite3.connect(address.database).close()
    engine = create_async_engine(address, **_COMMON)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver must not begin transactions by itself: `begin` below says how.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit is on the disk, also when the power fails
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and then writes would fail at once, without waiting,
        # if another one wrote in between; IMMEDIATE takes the write lock at the start.
        kind = connection.get_execution_options().get("begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {kind}")

    return engine


def _postgres(address: URL) -> AsyncEngine:
    return create_async_engine(
        address,
        pool_pre_ping=True,  # a restarted database costs one retry, not a failed request
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": ANSWER_SECONDS},
        **_COMMON,
    )


def _to_json(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    if "\\u0000" in text:  # Postgres has no NUL in its JSON; speech has none either
        text = msgspec.json.encode(_without_nul(value)).decode()
    return text


def _without_nul(value: Any) -> Any:
    match msgspec.to_builtins(value):
        case str(text):
            return text.replace("\x00", "")
        case dict(fields):
            return {_without_nul(name): _without_nul(item) for name, item in fields.items()}
        case list(items):
            return [_without_nul(item) for item in items]
        case other:
            return other


_COMMON: dict[str, Any] = {
    "json_serializer": _to_json,
    "json_deserializer": msgspec.json.decode,
    "hide_parameters": True,  # errors are logged, and parameters are what people said
}


def _reason(exc: BaseException) -> str:
    cause = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc
    first = str(cause).strip().splitlines()[:1]
    return (first[0] if first else type(cause).__name__).rstrip(".")[:200]
