from pathlib import Path

import pytest

from service.__main__ import parser
from service.commands import db
from service.errors import DatabaseUnreachable, SchemaBehind
from service.settings import Settings
from service.storage import schema
from service.storage.database import open_database


async def test_check_tells_whether_the_tables_are_old_and_upgrade_makes_them_new(
    empty_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(database_url=empty_url, database_upgrade="never")
    newest = schema.newest()
    assert await db.run(settings, "check") == 1
    assert capsys.readouterr().out == (
        f"The tables are those of version none, and the newest are those of {newest}.\n"
    )
    with pytest.raises(SchemaBehind):
        async with open_database(empty_url, upgrade=False):
            pass
    assert await db.run(settings, "upgrade") == 0
    assert capsys.readouterr().out == f"The tables of version {newest} come after none.\n"
    assert await db.run(settings, "upgrade") == 0
    assert capsys.readouterr().out == f"The tables of version {newest} were there already.\n"
    assert await db.run(settings, "check") == 0
    assert capsys.readouterr().out == f"The tables are those of version {newest}, the newest.\n"


@pytest.mark.parametrize("action", ["upgrade", "check"])
async def test_a_database_that_is_away_is_said(tmp_path: Path, action: str) -> None:
    assert vars(parser().parse_args(["db", action])) == {"command": "db", "action": action}
    with pytest.raises(DatabaseUnreachable):
        await db.run(Settings(database_url="postgresql://u@127.0.0.1:1/n"), action)  # type: ignore[arg-type]
