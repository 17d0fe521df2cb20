"""The version of the database's tables, and the upgrade to the version that this program needs.

A table `vivavoce_version` holds the number of the last revision in `migrations/versions` that was
applied. One query tells whether a database is up to date, without loading Alembic. Beside it stands
the oldest revision whose program runs on these tables: a revision that only adds is no reason to
stop the programs that do not know it.
"""

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.ddl import CreateSchema

from ..errors import SchemaBehind, SchemaTooNew
from .database_engine import OWN_SCHEMA

logger = logging.getLogger(__name__)

VERSION_TABLE = "vivavoce_version"
MIGRATIONS = Path(__file__).parent / "migrations"
OLDEST = "oldest"
"""Column of the version table: number of the oldest revision whose program runs on the tables."""
OLDEST_FOR = "oldest_for"
"""Column of the version table: the revision for which `OLDEST` was written."""
OURS = "pk_interview_sessions"
"""Name of the primary key of interview_sessions where this program made the table."""
ONE_AT_A_TIME = int.from_bytes(b"vivavoce")
"""Key of the Postgres lock under which tables are created."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a database before an upgrade."""

    version: str | None
    """Number of the last revision; None where no revision was applied."""
    product: bool
    """True if interview_sessions is the product's own table."""
    adopting: bool
    """True if our tables were made by a version before there were revisions."""

    @property
    def current(self) -> bool:
        """Return whether this program runs on the tables: they are its own, or newer ones that only
        add to them."""
        return self.version is not None and self.version >= newest()


@cache
def newest() -> str:
    """Return the number of the newest revision that this program has: the file names begin with
    it."""
    return max(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def look(connection: Connection) -> State:
    """Return the state of the database. Raises `SchemaTooNew`, unless all that came after this
    program's own revision only adds."""
    there = inspect(connection)
    version: str | None = None
    if there.has_table(VERSION_TABLE):
        version = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    # docs/decisions/054-expand-then-contract.md: replicas are upgraded one after the other
    oldest = _oldest(connection, version) if version and version > newest() else None
    if version is not None and version > newest() and (oldest is None or oldest > newest()):
        raise SchemaTooNew(
            f"The database was upgraded by a newer Vivavoce (to {version}; this one knows"
            f" {newest()}); start that one, or restore the backup from before the upgrade."
        )
    product = is_product(connection)
    ours = not product and there.has_table("interview_sessions")
    return State(version=version, product=product, adopting=ours and version is None)


def _oldest(connection: Connection, version: str) -> str | None:
    """Return the oldest revision whose program runs on tables of this version; None where that is
    not known."""
    columns = {column["name"] for column in inspect(connection).get_columns(VERSION_TABLE)}
    if not {OLDEST, OLDEST_FOR} <= columns:
        return None
    query = text(f"SELECT {OLDEST} FROM {VERSION_TABLE} WHERE {OLDEST_FOR} = :version")
    found: str | None = connection.scalar(query, {"version": version})
    return found


def is_product(connection: Connection) -> bool:
    """Return whether the interviews are in a table that this program did not make."""
    there = inspect(connection)
    if not there.has_table("interview_sessions"):
        return False
    return there.get_pk_constraint("interview_sessions")["name"] != OURS


async def looked_at(engine: AsyncEngine) -> State:
    """Return the state of the database behind an engine. Raises `SchemaTooNew`."""
    async with engine.connect() as connection:
        await connection.execution_options(begin="DEFERRED")
        return await connection.run_sync(look)


# docs/decisions/025-migrations-only.md: one way to a database, in one transaction
async def upgrade(engine: AsyncEngine) -> State:
    """Bring the database to the newest revision, in one transaction and one process at a time. The
    product's own tables are left as they are; ours are then made in a schema of their own.

    Returns the state before. Raises `SchemaBehind` and `SchemaTooNew`."""
    async with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        before = await connection.run_sync(look)
        if not before.current:
            if before.product:
                await connection.run_sync(_make_schema)
            await connection.run_sync(_upgrade, before)
            if before.version:
                logger.info("database upgraded from %s to %s", before.version, newest())
    return before


def _make_schema(connection: Connection) -> None:
    if not inspect(connection).has_schema(OWN_SCHEMA):
        connection.execute(CreateSchema(OWN_SCHEMA))
    if connection.scalar(text("SELECT current_schema()")) != OWN_SCHEMA:
        user = connection.scalar(text("SELECT current_user"))
        raise SchemaBehind(
            f"The database user {user} may not use the schema {OWN_SCHEMA}; grant it: GRANT USAGE"
            f" ON SCHEMA {OWN_SCHEMA} TO {user}."
        )


def _upgrade(connection: Connection, before: State) -> None:
    # Imported only here: it takes a quarter of a second and is seldom needed.
    from alembic import command

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = alembic_config(connection, before)
    command.upgrade(config, "head")
    _note_oldest(connection, oldest_for_head(config))
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:  # a bug in a revision; the transaction is rolled back
            raise AssertionError(
                f"rows without their parent in {sorted({row[0] for row in broken})}"
            )


def oldest_for_head(config: Any) -> str:
    """Return the oldest revision whose program runs on the newest tables: all revisions after it
    say `expands = True`."""
    from alembic.script import ScriptDirectory

    for revision in ScriptDirectory.from_config(config).walk_revisions():
        if not getattr(revision.module, "expands", False):
            return revision.revision
    raise AssertionError("the first revision cannot add to tables")


def _note_oldest(connection: Connection, oldest: str) -> None:
    there = {column["name"] for column in inspect(connection).get_columns(VERSION_TABLE)}
    for name in (OLDEST, OLDEST_FOR):
        if name not in there:
            connection.execute(text(f"ALTER TABLE {VERSION_TABLE} ADD COLUMN {name} VARCHAR(32)"))
    update = f"UPDATE {VERSION_TABLE} SET {OLDEST} = :oldest, {OLDEST_FOR} = version_num"
    connection.execute(text(update), {"oldest": oldest})


def alembic_config(connection: Connection, before: State) -> Any:
    """Return Alembic's configuration, made without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(
        connection=connection,
        version_table=VERSION_TABLE,
        product=before.product,
        adopting=before.adopting,
    )
    return config
