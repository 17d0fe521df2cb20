"""Older programs on newer tables: first expand, then contract."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from service.commands import db as db_command
from service.errors import SchemaTooNew
from service.settings import Settings
from service.storage import schema, store
from service.storage.database import Database, open_database, upgrade_database
from service.storage.database_engine import connect, normalize
from service.storage.tables import Interview

NOTHING = schema.State(version=None, product=False, adopting=False)


def expanding() -> list[str]:
    revisions = ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()
    return sorted(each.revision for each in revisions if getattr(each.module, "expands", False))


Tables = dict[str, dict[str, Any]]


def tables(connection: Connection) -> Tables:
    there = inspect(connection)
    return {
        name: {
            "columns": {
                each["name"]: (
                    str(each["type"]),
                    each["nullable"] or each["default"] is not None,
                )
                for each in there.get_columns(name)
            },
            "unique": sorted(
                str(each["name"]) for each in there.get_indexes(name) if each["unique"]
            ),
            "constraints": sorted(
                str(each["name"])
                for each in (
                    there.get_pk_constraint(name),
                    *there.get_foreign_keys(name),
                    *there.get_check_constraints(name),
                    *there.get_unique_constraints(name),
                )
            ),
        }
        for name in there.get_table_names()
        if name != schema.VERSION_TABLE
    }


def narrowed(before: Tables, after: Tables) -> list[str]:
    """What an older program would miss in the newer tables, or could not fill in."""
    found = []
    for name, old in before.items():
        new = after.get(name)
        if new is None:
            found.append(f"{name} is gone")
            continue
        for column, (kind, optional) in old["columns"].items():
            there = new["columns"].get(column)
            if there is None or there[0] != kind or optional > there[1]:
                found.append(f"{name}.{column} is another")
        for column in new["columns"].keys() - old["columns"].keys():
            if not new["columns"][column][1]:
                found.append(f"{name}.{column} has to be given")
        found += [f"{name}: {kind}" for kind in ("unique", "constraints") if old[kind] != new[kind]]
    return found


def upgraded(connection: Connection, revision: str) -> None:
    command.upgrade(schema.alembic_config(connection, NOTHING), revision)


@pytest.mark.parametrize("revision", expanding() or [None])
async def test_a_revision_that_expands_takes_nothing_away(
    empty_url: str, revision: str | None
) -> None:
    if revision is None:
        pytest.skip("no revision expands yet")
    async with connect(normalize(empty_url), upgrading=True) as engine, engine.begin() as there:
        await there.run_sync(upgraded, _before(revision))
        before = await there.run_sync(tables)
        await there.run_sync(upgraded, revision)
        assert narrowed(before, await there.run_sync(tables)) == []


def _before(revision: str) -> str:
    found = ScriptDirectory(str(schema.MIGRATIONS)).get_revision(revision).down_revision
    assert isinstance(found, str)
    return found


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE client_logs DROP COLUMN complete",
        "DROP TABLE client_logs",
        "ALTER TABLE client_logs RENAME COLUMN complete TO whole",
        "CREATE UNIQUE INDEX one ON connections (interview_session_id)",
    ],
)
async def test_a_planted_change_that_takes_something_away_is_found(
    database: Database, change: str
) -> None:
    async with database._engine.connect() as there:
        before = await there.run_sync(tables)
        assert narrowed(before, before) == []
        await there.execute(text(change))
        assert narrowed(before, await there.run_sync(tables))


async def newer(database: Database, oldest: str, *, for_: str = "9999") -> None:
    """Let the tables be those of a later program."""
    change = (
        f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999',"
        f" {schema.OLDEST} = :oldest, {schema.OLDEST_FOR} = :version"
    )
    async with database._engine.begin() as there:
        await there.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))
        for table in ("interview_sessions", "turn_events", "connections"):
            await there.execute(text(f"ALTER TABLE {table} ADD COLUMN later TEXT"))
        await there.execute(text(change), {"oldest": oldest, "version": for_})


async def test_a_program_runs_on_newer_tables_that_only_add_and_leaves_them(
    empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_database(empty_url) as database:
        await newer(database, schema.newest())
    async with open_database(empty_url) as database:
        made = Interview(status="scheduled")
        async with database.write() as db:
            await store.make(db, made)
        async with database.write() as db:
            assert await store.mark_started(db, made.id)
        async with database.read() as db:
            assert store.existing(await store.interview(db, made.id)).status == "in_progress"
    assert (await upgrade_database(normalize(empty_url))).version == "9999"
    settings = Settings(database_url=empty_url, database_upgrade="never")
    assert await db_command.run(settings, "check") == 0
    assert "which only add to those of" in capsys.readouterr().out


@pytest.mark.parametrize(("oldest", "for_"), [("9998", "9999"), ("0001", "9998")])
async def test_a_program_that_is_too_old_for_the_tables_is_refused(
    empty_url: str, oldest: str, for_: str
) -> None:
    async with open_database(empty_url) as database:
        await newer(database, oldest, for_=for_)
    with pytest.raises(SchemaTooNew, match="to 9999"):
        async with open_database(empty_url):
            pass


def revisions(tmp_path: Path, *later: tuple[str, bool | None]) -> Config:
    """Alembic's configuration with more revisions, each of which says whether it expands."""
    folder = shutil.copytree(schema.MIGRATIONS, tmp_path / "migrations")
    last = schema.newest()
    for number, expands in later:
        said = "" if expands is None else f"expands = {expands}\n"
        (folder / "versions" / f"{number}_later.py").write_text(
            f'revision = "{number}"\ndown_revision = "{last}"\n{said}def upgrade(): ...\n'
        )
        last = number
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config


@pytest.mark.parametrize(
    ("later", "oldest"),
    [
        ((("9001", False), ("9002", True), ("9003", True)), "9001"),
        ((("9001", False), ("9002", True), ("9003", False)), "9003"),
        ((("9001", False), ("9002", None)), "9002"),
    ],
)
def test_the_oldest_program_is_that_of_the_last_revision_that_does_not_expand(
    tmp_path: Path, later: tuple[tuple[str, bool | None], ...], oldest: str
) -> None:
    assert schema.oldest_for_head(revisions(tmp_path, *later)) == oldest
