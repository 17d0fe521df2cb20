"""What stands beside a cluster and does not belong to it."""

from uuid import uuid4

import pytest

from models import fake
from service.app import build_app, runner
from service.cluster.neighbours import replicas, require_none, require_unheld
from service.errors import InterviewInProgress, ReplicasThere
from service.settings import Settings
from service.storage.database import Database, open_database

from .rows import hold, replica


async def test_a_service_that_is_no_replica_does_not_start_beside_living_ones(
    shared: Database, shared_url: str
) -> None:
    await require_none(shared)
    await replica(shared, seen_ago=9)
    await require_none(shared)
    await replica(shared, name="west-1")
    assert await replicas(shared) == ["west-1"]
    app = build_app(Settings(database_url=shared_url), fake.engines())
    with pytest.raises(ReplicasThere, match=r"west-1.*VIVAVOCE_CLUSTER=true"):
        await runner(app).setup()


async def test_an_interview_that_a_living_replica_has_is_left_to_it(shared: Database) -> None:
    alive, dead = await replica(shared, name="west-1"), await replica(shared, seen_ago=9)
    for state in ("held", "ending"):
        session = uuid4()
        await hold(shared, session, alive, state)
        with pytest.raises(InterviewInProgress, match=rf"west-1.*DELETE /interviews/{session}"):
            await require_unheld(shared, [uuid4(), session])
    for owner, state, seconds in ((alive, "grace", 60), (dead, "held", None)):
        session = uuid4()
        await hold(shared, session, owner, state, seconds)
        await require_unheld(shared, [session])


async def test_a_file_has_no_replicas(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await require_none(database)
        await require_unheld(database, [uuid4()])
