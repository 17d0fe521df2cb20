"""`vivavoce db`: create or change the database's tables without starting the service."""

from typing import Literal

from ..settings import Settings
from ..storage import schema
from ..storage.database import state_of, upgrade_database
from ..storage.database_engine import normalize


async def run(settings: Settings, action: Literal["upgrade", "check"]) -> int:
    """Upgrade or check the tables. Exit status 1: they are not those of this version. Raises
    `StartError`."""
    address = normalize(settings.database_url)
    if action == "upgrade":
        before = await upgrade_database(address)
        came = "were there already" if before.current else f"come after {before.version or 'none'}"
        print(f"The tables of version {schema.newest()} {came}.")
        return 0
    state = await state_of(address)
    if state.version and state.version > schema.newest():
        newest = f"which only add to those of {schema.newest()} that this Vivavoce was made for"
    else:
        newest = "the newest" if state.current else f"and the newest are those of {schema.newest()}"
    print(f"The tables are those of version {state.version or 'none'}, {newest}.")
    return 0 if state.current else 1
