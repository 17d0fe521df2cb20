"""Make the SQLAlchemy engines for SQLite and Postgres, and define how they write JSON."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any
from weakref import WeakSet

import aiosqlite
import msgspec
from sqlalchemy import URL, Connection, PoolResetState, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ..errors import DatabaseUnreachable
from ..json_text import lenient

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
BUSY_MS = 5000
"""The most milliseconds that a SQLite transaction waits for another process's."""
PATIENCE = "busy_ms"
"""Name of the connection option that shortens this wait."""
CONNECT_SECONDS = 5
"""Seconds that a connection to Postgres may take to open."""
LAST_SECONDS = 5
"""Seconds to wait at the end for a query that was broken off."""
ANSWER_SECONDS = 10
"""Seconds that a Postgres statement may take before the database counts as unavailable."""
# docs/decisions/026-own-schema.md: no foreign keys to a product's tables
OWN_SCHEMA = "vivavoce"
"""Schema of our tables on a Postgres that has it; otherwise they are where the user's others
are."""
SEARCH_PATH = (
    "SELECT set_config('search_path',"
    " concat_ws(', ', quote_ident($1), nullif(current_setting('search_path'), '')), false)"
)


@asynccontextmanager
async def connect(
    address: URL, *, upgrading: bool = False, busy_ms: int = BUSY_MS
) -> AsyncIterator[AsyncEngine]:
    """Open an engine for a database at a normalized URL; on Postgres tables are looked for, and
    made, in `OWN_SCHEMA` first, if there is one. With `upgrading`, statements may take long, and
    SQLite must not delete the children of a table that is made anew.

    Raises `DatabaseUnreachable`."""
    threads: WeakSet[Thread] = WeakSet()
    with explain_errors(address):
        if address.get_backend_name() == "sqlite":
            engine = _sqlite(address, threads, foreign_keys=not upgrading, busy_ms=busy_ms)
        else:
            engine = _postgres(address, None if upgrading else ANSWER_SECONDS)
    try:
        yield engine
    finally:
        await engine.dispose()
        for thread in list(threads):
            await asyncio.to_thread(thread.join, LAST_SECONDS)


@contextmanager
def explain_errors(address: URL) -> Iterator[None]:
    """Translate the driver's errors into `DatabaseUnreachable`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, TimeoutError) as exc:
        shown = address.render_as_string(hide_password=True)
        raise DatabaseUnreachable(
            f"The database {shown} cannot be opened ({reason(exc)}); start it, or set"
            " VIVAVOCE_DATABASE_URL to one that runs and that this user may write to."
        ) from exc


def normalize(url: str) -> URL:
    """Return the URL with the driver that the service brings. Raises `DatabaseUnreachable`."""
    try:
        address = make_url(url)
        if "@" in (address.host or ""):  # what was taken for the host is the end of a password
            raise DatabaseUnreachable(
                "VIVAVOCE_DATABASE_URL has more than one @; write the one in the password or in the"
                " user's name as %40."
            )
        return address.set(drivername=DRIVERS[address.drivername.partition("+")[0]])
    except (ArgumentError, KeyError):
        raise DatabaseUnreachable(
            "VIVAVOCE_DATABASE_URL is not the URL of a database that can be used here; write it"
            " like postgresql+asyncpg://user:password@host/name."
        ) from None


def _sqlite(
    address: URL, threads: WeakSet[Thread], *, foreign_keys: bool, busy_ms: int
) -> AsyncEngine:
    """Make an engine for SQLite. The driver's threads, one for each connection, are added to
    `threads`: a thread whose task was cancelled in the middle of a query works on, and then reports
    to an event loop that may have ended."""
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        # Tried with sqlite3 first: when the async driver fails to connect it leaves its thread
        # behind, which complains when the program ends.
        _prepare(address.database, busy_ms)
    engine = create_async_engine(
        address,
        connect_args={"async_creator_fn": partial(_connection, threads)},
        pool_reset_on_return=None,  # `reset` below does it
        **_COMMON,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver must not begin transactions by itself: `begin` below says how.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={busy_ms}",
            "synchronous=FULL",  # a commit is on the disk, also when the power fails
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            "secure_delete=ON",  # what is deleted is overwritten with zeros
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and then writes would fail at once, without waiting,
        # if another one wrote in between; IMMEDIATE takes the write lock at the start.
        options = connection.get_execution_options()
        patience = options.get(PATIENCE, busy_ms)
        if connection.info.get(PATIENCE, busy_ms) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
            connection.info[PATIENCE] = patience
        kind = options.get("begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {kind}")

    @event.listens_for(engine.sync_engine, "reset")
    def reset(connection: Any, _: object, state: PoolResetState) -> None:
        # The pool by itself would roll back even after a commit: a round trip to the connection's
        # thread for nothing.
        if not state.terminate_only and connection.driver_connection.in_transaction:
            connection.rollback()

    return engine


def _connection(threads: WeakSet[Thread], *args: Any, **options: Any) -> aiosqlite.Connection:
    made = aiosqlite.connect(*args, **options)
    made._thread.daemon = True  # as SQLAlchemy does it when it connects by itself
    threads.add(made._thread)
    return made


def _prepare(path: str, busy_ms: int) -> None:
    """Switch the file to the write-ahead log, where that has not been done. When several processes
    do this to a new file at once, SQLite fails some without waiting, so they try again."""
    until = monotonic() + busy_ms / 1000
    with closing(sqlite3.connect(path)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as exc:
                if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
                sleep(0.02)
            else:
                return


def _postgres(address: URL, answer_seconds: int | None) -> AsyncEngine:
    engine = create_async_engine(
        address,
        pool_pre_ping=True,  # a restarted database costs one retry, not a failed request
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": answer_seconds},
        **_COMMON,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # Our schema goes before the user's own path, where the product's tables are. It is not a
        # startup parameter of the connection: poolers such as PgBouncer refuse those.
        connection.run_async(lambda driver: driver.execute(SEARCH_PATH, OWN_SCHEMA))

    return engine


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
    "json_deserializer": lenient,
    "hide_parameters": True,  # errors are logged, and parameters are what people said
}


def reason(exc: BaseException) -> str:
    cause = exc.orig if isinstance(exc, DBAPIError) and exc.orig else exc
    first = str(cause).strip().splitlines()[:1]
    return (first[0] if first else type(cause).__name__).rstrip(".")[:200]
