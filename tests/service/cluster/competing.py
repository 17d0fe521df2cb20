"""Replicas for tests: leases on a real Postgres, several in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from pipeline.journal import AnyEntry, ClauseSaid, Connected
from service.admission.admission import Admission
from service.cluster.leases import PostgresLeases
from service.cluster.replica import ALIVE_SECONDS, Identity
from service.cluster.sentinel import Sentinel
from service.storage import store
from service.storage.database import Database, open_database
from service.storage.database_engine import normalize
from service.storage.record import StoredRecord
from service.storage.tables import Interview


@dataclass(eq=False)
class Replica:
    """One of several, with a pool of connections of its own."""

    sentinel: Sentinel
    leases: PostgresLeases
    admission: Admission
    database: Database

    @property
    def id(self) -> UUID:
        return self.sentinel.me.id


@asynccontextmanager
async def replica(
    url: str, slots: int = 9, grace: float = 120.0, beat: float = 0.2
) -> AsyncIterator[Replica]:
    me = Sentinel(normalize(url), Identity(slots), beat=beat)
    leases = PostgresLeases(me, grace)
    admission = Admission(slots, grace, leases=leases)
    async with open_database(url) as database, leases.running(database):
        yield Replica(me, leases, admission, database)


class Resuming:
    """An opening that does what a conversation's does to the journal."""

    def __init__(self, replica: Replica, session: UUID) -> None:
        self.record: StoredRecord | None = None
        self._replica = replica
        self._session = session

    def require_client(self) -> None: ...

    async def prepare(self) -> None: ...

    async def write(self, db: AsyncSession) -> None:
        while True:
            events = await store.events(db, self._session)
            last = events[-1].seq if events else 0
            if await store.append_if_next(db, self._session, last, Connected(last)):
                break
        self.record = StoredRecord(self._replica.database, self._session, last + 1)

    async def say(self, words: str) -> None:
        assert self.record
        await self.record.append(ClauseSaid(0, "resp_1", words))


async def planned(database: Database, session: UUID) -> None:
    async with database.write() as db:
        db.add(Interview(id=session))


async def journal(database: Database, session: UUID) -> list[AnyEntry]:
    """The entries; their numbers have no gap."""
    async with database.read() as db:
        rows = await store.events(db, session)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    return [store.decode(row) for row in rows]


async def dies(database: Database, victim: Replica, ago: float = ALIVE_SECONDS) -> None:
    """Make a replica look dead for so many seconds, as others see it."""
    query = text(
        "UPDATE replicas SET seen_at = clock_timestamp() - make_interval(secs => :ago)"
        " WHERE id = :id"
    )
    async with database.write() as db:
        await db.execute(query, {"ago": ago, "id": victim.id})
