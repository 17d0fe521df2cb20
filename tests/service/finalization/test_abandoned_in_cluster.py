"""Which interviews a leader finishes, and that it judges only what it can know."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from pipeline.journal import InterviewEnded
from service.admission.admission import Admission
from service.finalization.abandoned_in_cluster import AbandonedInCluster
from service.finalization.closing import Finalizer
from service.finalization.pending import pending
from service.storage import connection_log, store
from service.storage.database import Database
from service.storage.tables import ClientConnection, Replica, SessionHold

from ..cluster.conftest import shared, shared_url
from ..cluster.rows import hold, replica
from ..held import RATING, CountingLlm, held
from .test_abandoned import age, silent_for, status

__all__ = ["shared", "shared_url"]
GRACE = 120.0
HOUR = timedelta(hours=1)


class Search:
    def __init__(self, database: Database, tasks: asyncio.TaskGroup) -> None:
        self.leads = True
        self.admission = Admission(9, GRACE)
        self.finalizer = Finalizer(database, self.admission, CountingLlm(), tasks, assessor=RATING)
        self._search = AbandonedInCluster(
            database, self.admission, self.finalizer, GRACE, lambda: self.leads
        )
        self.look = self._search.look


@asynccontextmanager
async def searching(database: Database) -> AsyncIterator[Search]:
    async with asyncio.TaskGroup() as tasks:
        yield Search(database, tasks)


async def ended(database: Database) -> UUID:
    """An interview that the interviewer has just ended."""
    interview_id = await silent_for(database, timedelta(0))
    async with database.write() as db:
        last = len(await store.events(db, interview_id))
        await store.append(db, interview_id, last, [InterviewEnded(60_000, "finished")])
    return interview_id


async def test_the_leader_finishes_what_nobody_comes_back_to(shared: Database) -> None:
    gone, back = await silent_for(shared, HOUR), await silent_for(shared, timedelta(0))
    async with searching(shared) as search:
        await search.look()
    assert (await status(shared, gone), await status(shared, back)) == ("completed", "in_progress")


async def test_who_may_not_judge_finishes_nothing_but_what_is_its_own(shared: Database) -> None:
    gone, own = await silent_for(shared, HOUR), await silent_for(shared, timedelta(0))
    async with searching(shared) as search:
        search.leads = False
        search.finalizer.owed.add(own)
        await search.look()
        assert await status(shared, gone) == "in_progress"
        assert await status(shared, own) == "completed"
        search.leads = True
        await search.look()
    assert await status(shared, gone) == "completed"


async def test_what_a_replica_was_finishing_when_it_died_is_finished_at_once(
    shared: Database,
) -> None:
    dead, alive = await replica(shared, seen_ago=9), await replica(shared)
    interrupted, finishing = [await silent_for(shared, timedelta(0)) for _ in range(2)]
    await hold(shared, interrupted, dead, "ending")
    await hold(shared, finishing, alive, "ending")
    async with searching(shared) as search:
        await search.look()
    assert await status(shared, interrupted) == "completed"
    assert await status(shared, finishing) == "in_progress"


async def test_an_interview_that_had_ended_need_not_wait_for_its_client(shared: Database) -> None:
    dead = await replica(shared, seen_ago=9)
    over, broken = await ended(shared), await silent_for(shared, timedelta(0))
    for interview_id in (over, broken):
        await hold(shared, interview_id, dead, "held")
    async with searching(shared) as search:
        await search.look()
    assert (await status(shared, over), await status(shared, broken)) == (
        "completed",
        "in_progress",
    )


async def owed(database: Database) -> UUID:
    """An interview that is completed and not yet assessed."""
    interview_id = await held(database)
    async with database.write() as db:
        row = await store.interview(db, interview_id)
        assert row
        row.status, row.ai_analysis = "completed", pending()
    return interview_id


async def score(database: Database, interview_id: UUID) -> int | None:
    async with database.read() as db:
        row = await store.interview(db, interview_id)
    assert row
    return row.overall_score


async def test_a_new_leader_makes_the_assessments_that_were_broken_off(shared: Database) -> None:
    interview_id = await owed(shared)
    async with searching(shared) as search:
        await search.look()
    assert await score(shared, interview_id) == 80


async def test_what_a_replica_still_owed_when_it_died_is_made_by_the_leader(
    shared: Database,
) -> None:
    async with searching(shared) as search:
        await search.look()
        interview_id = await owed(shared)
        await search.look()
        assert await score(shared, interview_id) is None  # whoever owes it makes it
        await replica(shared, seen_ago=9)
        await search.look()
    assert await score(shared, interview_id) == 80


async def test_an_assessment_that_is_being_made_is_not_waited_for(shared: Database) -> None:
    interview_id = await owed(shared)
    async with searching(shared) as search, search.admission.ending(interview_id):
        await search.look()
        assert not search.finalizer.owed
    assert await score(shared, interview_id) is None


@pytest.mark.parametrize("seen_ago", [0.0, 9.0])
async def test_only_sockets_of_dead_replicas_are_marked_as_lost(
    shared: Database, seen_ago: float
) -> None:
    owner = await replica(shared, seen_ago=seen_ago)
    interview_id = await silent_for(shared, timedelta(0))
    async with shared.write() as db:
        connection = await connection_log.begin(db, interview_id, "")
        own = update(ClientConnection).where(ClientConnection.id == connection)
        await db.execute(own.values(replica=owner))
    async with searching(shared) as search:
        for _ in range(2):
            await search.look()
    async with shared.read() as db:
        (row,) = await connection_log.connections(db, interview_id)
    assert row.ended == ("lost" if seen_ago else None)


async def test_a_replica_that_dies_later_loses_its_sockets_then(shared: Database) -> None:
    interview_id = await silent_for(shared, timedelta(0))
    async with searching(shared) as search:
        await search.look()
        owner = await replica(shared, seen_ago=9)
        async with shared.write() as db:
            await connection_log.begin(db, interview_id, "")
            await db.execute(update(ClientConnection).values(replica=owner))
        await search.look()
    async with shared.read() as db:
        (row,) = await connection_log.connections(db, interview_id)
    assert row.ended == "lost"


async def test_an_erased_interview_does_not_hold_up_the_others(shared: Database) -> None:
    dead = await replica(shared, seen_ago=9)
    await hold(shared, uuid4(), dead, "ending")
    gone = await silent_for(shared, HOUR)
    await age(shared, gone)
    async with searching(shared) as search:
        await search.look()
    assert await status(shared, gone) == "completed"


async def test_what_nobody_needs_any_more_is_cleared_away(shared: Database) -> None:
    alive, dead = await replica(shared), await replica(shared, seen_ago=GRACE + 61)
    long_dead = await replica(shared, seen_ago=2 * 24 * 3600)
    going_on, over = await silent_for(shared, timedelta(0)), uuid4()
    kept, lapsed = uuid4(), uuid4()
    await hold(shared, going_on, dead, "held")
    await hold(shared, over, dead, "held")
    await hold(shared, kept, alive, "grace", 60)
    await hold(shared, lapsed, alive, "promised", -61)
    async with searching(shared) as search:
        search.admission.expects = _expected  # type: ignore[method-assign]
        await search.look()
    async with shared.read() as db:
        holds = set(await db.scalars(select(SessionHold.session_id)))
        replicas = set(await db.scalars(select(Replica.id)))
    assert holds == {going_on, kept}
    assert replicas == {alive, dead} != {long_dead}


async def _expected(session: UUID) -> bool:
    return True
