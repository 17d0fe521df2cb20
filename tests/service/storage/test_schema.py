"""The tables as the revisions make them, on real databases of both kinds."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from service.errors import SchemaBehind, SchemaTooNew, StartError
from service.storage import schema
from service.storage.database import Database, open_database, upgrade_database
from service.storage.database_engine import OWN_SCHEMA, connect, normalize
from service.storage.tables import AuditEntry, Base, Interview

CATALOG = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL",
    "postgresql": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
        UNION ALL SELECT attrelid::regclass || '.' || attname,
               format_type(atttypid, atttypmod) || attnotnull || atthasdef
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0
    """,
}


def catalog(connection: Connection) -> dict[str, list[str]]:
    """Everything that the database knows of the tables, each thing as its own words say it. The
    parts of a table in SQLite have no order, and a table that was made anew has its name quoted."""
    rows = connection.execute(text(CATALOG[connection.dialect.name]))
    return {
        name: sorted(
            part.strip().replace(f'TABLE "{name}"', f"TABLE {name}")
            for part in re.split(r"[\n\t]+,?", made.replace(", \n", "\n"))
        )
        for name, made in rows
        if schema.VERSION_TABLE not in name
    }


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    async with open_database(empty_url) as database:
        yield database


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"version_table": schema.VERSION_TABLE, "compare_server_default": True}
    )
    return list(compare_metadata(context, Base.metadata))


async def made_from_the_metadata(engine: AsyncEngine, *names: str) -> None:
    tables = [Base.metadata.tables[name] for name in names] or None
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all, tables, checkfirst=False)


async def test_the_revisions_make_what_the_metadata_say(database: Database) -> None:
    async with database._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_constraint_and_index_is_the_one_of_the_metadata(empty_url: str) -> None:
    async with open_database(empty_url) as database, database._engine.connect() as connection:
        migrated = await connection.run_sync(catalog)
        if connection.dialect.name == "sqlite":
            other = empty_url.replace("empty.db", "other.db")
        else:
            other = empty_url
            await connection.execute(text("CREATE SCHEMA vivavoce"))
            await connection.commit()
    async with connect(normalize(other)) as engine:
        await made_from_the_metadata(engine)
        async with engine.connect() as connection:
            made = await connection.run_sync(catalog)
    assert migrated == {
        name: [part.replace(f"{OWN_SCHEMA}.", "public.") for part in parts]
        for name, parts in made.items()
    }


def test_the_newest_revision_is_the_only_head_of_one_chain() -> None:
    scripts = ScriptDirectory(str(schema.MIGRATIONS))
    assert scripts.get_heads() == [schema.newest()]
    for revision in scripts.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")
        assert not revision.is_merge_point


def test_a_revision_that_is_begun_can_be_loaded_and_follows_the_newest(tmp_path: Path) -> None:
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    begun = ScriptDirectory(str(folder)).generate_revision("9999", "Something new")
    assert begun is not None
    assert begun.down_revision == schema.newest()


async def test_a_new_database_is_upgraded_once(empty_url: str) -> None:
    address = normalize(empty_url)
    assert await upgrade_database(address) == schema.State(
        version=None, product=False, adopting=False
    )
    again = await upgrade_database(address)
    assert again == schema.State(version=schema.newest(), product=False, adopting=False)


async def test_a_database_from_before_the_revisions_keeps_its_rows(empty_url: str) -> None:
    async with connect(normalize(empty_url)) as engine:
        await made_from_the_metadata(
            engine, "interview_sessions", "interview_questions", "turn_events", "client_logs"
        )
        async with engine.begin() as connection:
            await connection.execute(insert(Interview).values(status="completed"))
    async with open_database(empty_url) as database:
        async with database._engine.connect() as connection:
            assert await connection.run_sync(differences) == []
        async with database.read() as db:
            assert list(await db.scalars(select(Interview.status))) == ["completed"]
        await an_entry_cannot_be_changed(database)


async def test_the_database_refuses_to_change_the_audit_log(database: Database) -> None:
    await an_entry_cannot_be_changed(database)


async def an_entry_cannot_be_changed(database: Database) -> None:
    async with database._engine.connect() as connection:
        await connection.execute(insert(AuditEntry).values(who="a", action="b"))
        with pytest.raises(DBAPIError, match="only added to"):
            await connection.execute(update(AuditEntry).values(who="c"))


async def test_processes_that_start_together_make_the_tables_once(empty_url: str) -> None:
    address = normalize(empty_url)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        upgrades = [tasks.create_task(upgrade_database(address)) for _ in range(4)]
    assert sorted(task.result().version or "" for task in upgrades) == ["", *[schema.newest()] * 3]


async def test_an_old_database_is_refused_where_the_start_may_not_change_it(
    empty_url: str,
) -> None:
    with pytest.raises(SchemaBehind, match="run `vivavoce db upgrade`"):
        async with open_database(empty_url, upgrade=False):
            pass
    await upgrade_database(normalize(empty_url))
    async with open_database(empty_url, upgrade=False):
        pass


async def test_a_database_that_is_newer_than_the_program_is_refused(empty_url: str) -> None:
    async with open_database(empty_url) as database, database._engine.begin() as connection:
        await connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    for opening in (open_database(empty_url), open_database(empty_url, upgrade=False)):
        with pytest.raises(SchemaTooNew, match="to 9999"):
            async with opening:
                pass
    with pytest.raises(SchemaTooNew):
        await upgrade_database(normalize(empty_url))


async def test_an_upgrade_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    async with connect(normalize(empty_url)) as engine, engine.begin() as there:
        await there.execute(text("CREATE TABLE audit_log (id INTEGER)"))  # somebody else's
    with pytest.raises(StartError, match="audit_log"):
        await upgrade_database(normalize(empty_url))
    async with connect(normalize(empty_url)) as engine, engine.begin() as there:
        assert await there.run_sync(schema.look) == schema.State(None, False, False)
        await there.execute(text("DROP TABLE audit_log"))
    await upgrade_database(normalize(empty_url))
