"""Make sure that all replicas record into the same folder.

The folder has a file with an id, which the first replica makes; the database has the same id. A
replica that finds another id in its folder, or none, has another folder: listening and erasing
would miss what the others have recorded.
"""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import text

from ..cluster.replica import ALIVE
from ..errors import RecordingsNotShared, SettingInvalid
from ..settings import Settings
from ..storage.database import Database

MARKER = ".folder-id"
"""Name of the file in the folder."""
KEY = "recordings_folder"
"""Key of the id in the table `cluster_settings`."""
WRITTEN_SECONDS = 2.0
"""Seconds that another replica may take to write the id into the file it has just made."""

_CLAIM = text(
    "INSERT INTO cluster_settings (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"
)
_KNOWN = text("SELECT value FROM cluster_settings WHERE key = :key FOR UPDATE")
_CHANGE = text("UPDATE cluster_settings SET value = :value WHERE key = :key")
_OTHERS = text(f"SELECT EXISTS (SELECT FROM replicas WHERE {ALIVE} AND id IS DISTINCT FROM :me)")


async def require_shared(database: Database, settings: Settings, me: UUID | None = None) -> None:
    """Require that the recordings' folder is the one of the other replicas. Call it once this
    replica, `me`, is registered; a command has no id, and claims nothing.

    Raises `RecordingsNotShared`, `SettingInvalid` and `DatabaseUnavailable`."""
    folder, records = settings.recordings_dir, settings.recording and me is not None
    try:
        here = await asyncio.to_thread(_marker, folder, make=records)
    except OSError as exc:
        raise SettingInvalid(
            f"VIVAVOCE_RECORDINGS_DIR is {str(folder)!r}, which cannot be used ({exc.strerror})."
        ) from exc
    async with database.write() as db:
        if records:
            await db.execute(_CLAIM, {"key": KEY, "value": here})
        known = await db.scalar(_KNOWN, {"key": KEY})
        if known in (None, here):
            return
        if await db.scalar(_OTHERS, {"me": me}):
            raise _not_shared(
                folder,
                "the folder into which the other replicas record; mount the same volume on all of"
                " them, or stop them all before you change it",
            )
        if not records:
            raise _not_shared(
                folder,
                "the folder in which the recordings are, which could be neither played nor erased;"
                " mount that volume, or start once with VIVAVOCE_RECORDING=true to change to this"
                " folder",
            )
        await db.execute(_CHANGE, {"key": KEY, "value": here})


def _not_shared(folder: Path, what: str) -> RecordingsNotShared:
    return RecordingsNotShared(f"VIVAVOCE_RECORDINGS_DIR is {str(folder)!r}, which is not {what}.")


def _marker(folder: Path, *, make: bool) -> str:
    """Return the folder's id, made if it has none and `make` is true, else empty. Raises
    OSError."""
    path = folder / MARKER
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(file, "w") as marker:
                marker.write(str(uuid4()))
                marker.flush()
                os.fsync(marker.fileno())
    until = time.monotonic() + WRITTEN_SECONDS
    while True:
        try:
            found = path.read_text()
        except FileNotFoundError:
            return ""
        if found or time.monotonic() > until:
            return found
        time.sleep(0.02)
