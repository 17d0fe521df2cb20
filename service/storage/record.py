"""The journal of one conversation, kept in the database."""

import asyncio
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from pipeline.errors import RecordTaken, RecordUnavailable
from pipeline.journal import AnyEntry

from ..errors import DatabaseUnavailable
from . import store
from .database import Database


class StoredRecord:
    """A session's journal in `turn_events`, durable and append-only; a `pipeline.journal.Record`.

    Entries are numbered without gaps. There is one writer: once somebody else has added entries,
    every append here fails. That may be an older session of this interview whose last commit
    arrived late."""

    def __init__(
        self, database: Database, session_id: UUID, last: int, begun: AnyEntry | None = None
    ) -> None:
        """Continue the journal; `last` is the number of its last entry. `begun` is that entry, if
        the session will begin with it and it was written when the session was taken."""
        self._database = database
        self._session_id = session_id
        self._last = last
        self._begun = begun
        self._in_order = asyncio.Lock()
        self._doubtful: tuple[AnyEntry, ...] = ()
        """Entries of an append that failed or was cancelled. Its commit may have reached the
        database all the same."""

    async def append(self, *entries: AnyEntry) -> None:
        """Append entries, durably. Raises `RecordUnavailable`, after which the same entries given
        again are written once, and `RecordTaken`."""
        begun, self._begun = self._begun, None
        if begun is not None and entries == (begun,):
            return
        async with self._in_order:
            try:
                if self._doubtful and await self._was_written() == entries:
                    return
                await self._write(entries)
            except DatabaseUnavailable as exc:
                raise RecordUnavailable(
                    "The interview cannot be recorded at the moment, so it has to wait."
                ) from exc
            except IntegrityError as exc:
                raise RecordTaken("This interview goes on from its record in a moment.") from exc

    async def _write(self, entries: tuple[AnyEntry, ...]) -> None:
        self._doubtful = entries
        await self._database.together(
            lambda db: store.append(db, self._session_id, self._last, entries)
        )
        self._last += len(entries)
        self._doubtful = ()

    # docs/decisions/021-journal-fence.md: a second writer ends the session
    async def _was_written(self) -> tuple[AnyEntry, ...]:
        """Return the doubtful entries if they are in the database after all, else nothing."""
        async with self._database.read() as db:
            there = await store.events(db, self._session_id, after=self._last)
        written = tuple(store.decode(event) for event in there)
        if written != self._doubtful:
            self._doubtful = ()  # others there are another writer's: the next commit fails
            return ()
        self._last += len(written)
        self._doubtful = ()
        return written
