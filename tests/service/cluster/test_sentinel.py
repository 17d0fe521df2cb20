"""Replicas that show that they live, hear each other, and have one leader, on a real Postgres."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from scripts.measure.private_postgres import programs, stoppable_cluster
from service.cluster import messages
from service.cluster.messages import Left, Message
from service.cluster.replica import ALIVE, ALIVE_SECONDS, LIVES, Identity
from service.cluster.sentinel import Sentinel
from service.storage.database import Database, open_database
from service.storage.database_engine import normalize
from tests.waiting import PATIENCE, until


def sentinel(url: str, beat: float = 0.02) -> Sentinel:
    return Sentinel(normalize(url), Identity(slots=9), beat=beat)


async def alive(database: Database, replica: UUID) -> bool:
    query = text(f"SELECT count(*) FROM replicas WHERE id = :id AND {ALIVE}")
    async with database.read() as db:
        return bool(await db.scalar(query, {"id": replica}))


async def terminate(database: Database, replica: Sentinel) -> None:
    """End its connection at the server, as a failing network would."""
    query = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND classid = :lives AND objid = :lock_key"
    )
    async with database.write() as db:
        assert await db.scalar(query, {"lives": LIVES, "lock_key": replica.me.lock_key})


async def test_a_replica_is_alive_while_it_runs_and_dead_when_it_has_stopped(
    shared: Database, shared_url: str
) -> None:
    here = sentinel(shared_url)
    async with here.running():
        assert await alive(shared, here.me.id)
        assert here.unbroken_for(0)
        assert not here.unbroken_for(ALIVE_SECONDS)
    assert not await alive(shared, here.me.id)


async def waiting(database: Database, besides: int = 0) -> int:
    """The process of Postgres that waits for a row, once there is another one than `besides`."""
    query = text(
        "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"
        " AND pid <> :besides"
    )
    async with asyncio.timeout(PATIENCE):
        while True:
            async with database.read() as db:
                if pid := await db.scalar(query, {"besides": besides}):
                    return int(pid)
            await asyncio.sleep(0.01)


async def test_a_replica_that_is_stopped_in_the_middle_of_a_heartbeat_says_goodbye(
    shared: Database, shared_url: str
) -> None:
    here = sentinel(shared_url)
    lock = text("SELECT id FROM replicas WHERE id = :id FOR UPDATE")
    async with asyncio.TaskGroup() as tasks:
        stop = asyncio.Event()

        async def run() -> None:
            async with here.running():
                await stop.wait()

        running = tasks.create_task(run())
        await until(lambda: here.unbroken_for(0))
        async with shared.write() as db:
            await db.execute(lock, {"id": here.me.id})
            beating = await waiting(shared)
            stop.set()
            await waiting(shared, besides=beating)
        await running
    assert not await alive(shared, here.me.id)


async def test_one_of_several_leads_and_another_one_after_it(shared_url: str) -> None:
    first, second = sentinel(shared_url), sentinel(shared_url)
    async with second.running(), first.running():
        await until(lambda: second.leads)
        assert not first.leads
    async with first.running():
        await until(lambda: first.leads)


async def test_a_message_reaches_its_replica_once_and_no_other(
    shared: Database, shared_url: str
) -> None:
    here, there = sentinel(shared_url), sentinel(shared_url)
    got: list[Message] = []
    elsewhere: list[Message] = []
    here.heard, there.heard = got.append, elsewhere.append
    message = Left(uuid4())
    async with here.running(), there.running():
        async with shared.write() as db:
            await messages.send(db, here.me.id, message)
        await until(lambda: got)
    assert (got, elsewhere) == ([message], [])


async def test_a_message_of_another_version_is_passed_over() -> None:
    assert messages.decode('{"type": "from the future"}') is None
    assert messages.decode("no JSON") is None


async def test_a_broken_connection_is_made_again_and_leads_again(
    shared: Database, shared_url: str
) -> None:
    here = sentinel(shared_url)
    returns: list[bool] = []
    here.returned = lambda: returns.append(True)
    got: list[Message] = []
    here.heard = got.append
    async with here.running():
        await until(lambda: here.leads)
        await terminate(shared, here)
        await until(lambda: len(returns) > 1 and here.leads)
        async with shared.write() as db:
            await messages.send(db, here.me.id, Left(uuid4()))
        await until(lambda: got)
        assert here.unbroken_for(0)


async def test_a_replica_that_was_forgotten_is_registered_again(
    shared: Database, shared_url: str
) -> None:
    here = sentinel(shared_url)
    async with here.running():
        async with shared.write() as db:
            await db.execute(text("DELETE FROM replicas"))
        async with asyncio.timeout(PATIENCE):
            while not await alive(shared, here.me.id):  # noqa: ASYNC110 -- its own doing
                await asyncio.sleep(0.01)


async def test_draining_is_known_with_the_next_heartbeat(shared: Database, shared_url: str) -> None:
    here = sentinel(shared_url)
    async with here.running():
        here.draining = True
        async with asyncio.timeout(PATIENCE):
            while True:
                async with shared.read() as db:
                    if await db.scalar(text("SELECT draining FROM replicas")):
                        break
                await asyncio.sleep(0.01)


async def test_the_time_after_an_outage_does_not_count_as_unbroken(shared_url: str) -> None:
    now = 1000.0
    here = Sentinel(normalize(shared_url), Identity(slots=9), beat=0.02, clock=lambda: now)
    async with here.running():
        now = 1000 + ALIVE_SECONDS - 1
        assert here.unbroken_for(ALIVE_SECONDS - 1)
        now = 1000 + 3 * ALIVE_SECONDS
        assert here.unbroken_since is None or here.unbroken_since == now
        assert not here.unbroken_for(1)
        await until(lambda: here.unbroken_since == now)
        assert not here.unbroken_for(1)


async def test_a_leader_that_hung_knows_that_it_does_not_lead(shared_url: str) -> None:
    now = 0.0
    here = Sentinel(normalize(shared_url), Identity(slots=9), beat=3600, clock=lambda: now)
    async with here.running():
        await until(lambda: here.leads)
        now = ALIVE_SECONDS
        assert not here.leads


async def test_a_postgres_that_is_restarted_is_found_again() -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with stoppable_cluster(installed, durable=True) as server:
        url = server.url.format(name="postgres")
        async with open_database(url) as database:
            here = sentinel(url)
            returns: list[bool] = []
            here.returned = lambda: returns.append(True)
            async with here.running():
                await asyncio.to_thread(server.stop)
                await until(lambda: not here.leads)
                await asyncio.to_thread(server.start)
                await until(lambda: len(returns) > 1 and here.leads)
                assert await alive(database, here.me.id)
