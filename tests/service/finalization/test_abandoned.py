import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, update

from models import fake
from pipeline.journal import InterviewEnded
from service.admission.admission import Admission
from service.errors import DatabaseUnavailable, NoCapacity
from service.finalization.abandoned import LONGEST_TURN, close_abandoned
from service.finalization.closing import Finalizer
from service.storage import store
from service.storage.database import Database, open_database
from service.storage.tables import Interview, Replica, TurnEvent
from service.times import utc_now

from ..cluster.conftest import shared, shared_url
from ..cluster.rows import replica
from ..conftest import Serve
from ..held import ENTRIES, RATING, CountingLlm, held
from ..mistaken import goes_on

__all__ = ["shared", "shared_url"]

GRACE = 120.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


OFTEN = 0.01


@asynccontextmanager
async def looking(
    database: Database,
    admission: Admission,
    grace: float = GRACE,
    finalizer_type: type[Finalizer] = Finalizer,
) -> AsyncIterator[None]:
    """Inside, the look after the start has been taken."""
    early = await silent_for(database, timedelta(hours=1))
    async with asyncio.TaskGroup() as tasks:
        finalizer = finalizer_type(database, admission, CountingLlm(), tasks, assessor=RATING)
        looks = close_abandoned(database, admission, finalizer, grace, every=OFTEN)
        task = tasks.create_task(looks)
        await completed(database, early)
        yield
        task.cancel()


async def silent_for(database: Database, ago: timedelta) -> UUID:
    """An interview of which the last entry was written so long ago."""
    interview_id = await held(database)
    await age(database, interview_id, ago)
    return interview_id


async def age(database: Database, interview_id: UUID, ago: timedelta = timedelta(hours=1)) -> None:
    async with database.write() as db:
        await db.execute(
            update(TurnEvent)
            .where(TurnEvent.session_id == interview_id)
            .values(created_at=utc_now() - ago)
        )


async def status(database: Database, interview_id: UUID) -> str:
    async with database.read() as db:
        found = await store.interview(db, interview_id)
    assert found
    return found.status


async def completed(database: Database, interview_id: UUID) -> None:
    async with asyncio.timeout(30):
        while await status(database, interview_id) != "completed":  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def looked(database: Database) -> None:
    """Wait until all interviews have been looked at at least once from now on."""
    await completed(database, await silent_for(database, timedelta(hours=1)))


async def test_an_interview_that_nobody_comes_back_to_is_finished(database: Database) -> None:
    interview_id = await silent_for(database, timedelta(hours=1))
    async with looking(database, Admission(1, GRACE)):
        await completed(database, interview_id)
    async with database.read() as db:
        row = await store.interview(db, interview_id)
    assert row
    assert row.overall_score == 80


async def test_one_that_goes_on_or_may_go_on_is_left_alone(database: Database) -> None:
    clock = Clock()
    admission = Admission(4, GRACE, clock=clock)
    async with looking(database, admission):
        live, lost = [await silent_for(database, timedelta(0)) for _ in range(2)]
        async with admission.seat(live):
            async with admission.seat(lost):
                pass
            for interview_id in (live, lost):
                await age(database, interview_id)
            await looked(database)
            assert await status(database, live) == await status(database, lost) == "in_progress"
            clock.now += GRACE
            await completed(database, lost)
            assert await status(database, live) == "in_progress"


async def test_after_a_restart_clients_have_the_whole_grace_period(database: Database) -> None:
    clock = Clock()
    admission = Admission(1, GRACE, clock=clock)
    talking = await silent_for(database, timedelta(seconds=GRACE) + LONGEST_TURN / 2)
    async with looking(database, admission):
        await looked(database)
        assert await status(database, talking) == "in_progress"
        with pytest.raises(NoCapacity):  # its place is kept, too
            await admission.promise(uuid4())
        await admission.promise(talking)
        clock.now += GRACE
        await completed(database, talking)


async def test_beside_replicas_that_started_later_nothing_is_finished(
    shared: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with looking(shared, Admission(1, GRACE)):
        theirs = await replica(shared, name="west-1")
        interview_id = await silent_for(shared, timedelta(hours=1))
        async with asyncio.timeout(30):
            while "west-1" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(OFTEN)
        assert await status(shared, interview_id) == "in_progress"
        async with shared.write() as db:
            await db.execute(delete(Replica).where(Replica.id == theirs))
        await completed(shared, interview_id)


async def test_one_of_which_nothing_is_on_record_is_left_alone(database: Database) -> None:
    interview_id = uuid4()
    async with database.write() as db:
        began = utc_now() - timedelta(days=1)
        db.add(Interview(id=interview_id, status="in_progress", started_at=began))
    async with looking(database, Admission(1, GRACE)):
        await looked(database)
    assert await status(database, interview_id) == "in_progress"


async def test_one_that_cannot_be_finished_does_not_keep_the_others_from_it(
    database: Database,
) -> None:
    broken = await silent_for(database, timedelta(hours=2))
    async with database.write() as db:
        await store.append(db, broken, len(ENTRIES), [InterviewEnded(130_000, "no such reason")])
    await age(database, broken)

    class Mistaken(Finalizer):
        async def finish(self, interview_id: UUID) -> dict[str, Any]:
            if interview_id == broken:
                raise KeyError("a mistake")
            return await super().finish(interview_id)

    async with looking(database, Admission(1, GRACE), finalizer_type=Mistaken):
        await looked(database)
    assert await status(database, broken) == "in_progress"


async def test_the_service_looks_for_them_by_itself(serve: Serve, sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        interview_id = await silent_for(database, timedelta(hours=1))
        await serve(fake.engines(llm=CountingLlm()))
        await completed(database, interview_id)


async def test_a_bug_while_it_looks_ends_nothing_else() -> None:
    admission = Admission(1, GRACE)

    async def look(database: Database) -> None:
        async with asyncio.TaskGroup() as tasks:
            finalizer = Finalizer(database, admission, CountingLlm(), tasks, assessor=RATING)
            await close_abandoned(database, admission, finalizer, GRACE, every=OFTEN)

    await goes_on(look)


async def test_a_database_that_takes_nothing_is_one_warning_and_no_traceback(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        await silent_for(database, timedelta(hours=1))
    enough = asyncio.Event()

    class Locked(Finalizer):
        asked = 0

        async def finish(self, interview_id: UUID) -> None:
            self.asked += 1
            if self.asked == 6:
                enough.set()
            raise DatabaseUnavailable("locked")

    async with asyncio.TaskGroup() as tasks:
        finalizer = Locked(database, Admission(1, GRACE), CountingLlm(), tasks)
        looks = close_abandoned(database, Admission(1, GRACE), finalizer, GRACE, every=OFTEN)
        task = tasks.create_task(looks)
        async with asyncio.timeout(30):
            await enough.wait()
        task.cancel()
    told = [each for each in caplog.records if each.levelname in ("WARNING", "ERROR")]
    assert [each.levelname for each in told] == ["WARNING"]
    assert told[0].exc_info is None
