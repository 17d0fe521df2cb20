"""A replica that is told to stop: its conversations go on at others, at the end of a turn."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import fake
from pipeline.journal import ReplyEnded
from service.admission.admission import ADMISSION
from service.cluster.leases import CLUSTER
from service.storage.database import DATABASE
from tests.service.conftest import Serve
from tests.waiting import until

from .competing import journal
from .test_two_services import connected, started


@pytest.fixture
def serving(serve: Serve, shared_url: str, tmp_path: Path) -> Any:
    async def start(**settings: Any) -> Any:
        given = {"database_url": shared_url, "cluster": True, "recordings_dir": tmp_path}
        brief = fake.engines(voice=fake.SteadyVoice(0.01))
        return await serve(brief, **given, **settings)

    return start


async def replies(http: Any, session: UUID) -> list[str]:
    entries = await journal(http.app[DATABASE], session)
    return [entry.status for entry in entries if isinstance(entry, ReplyEnded)]


async def test_a_conversation_is_handed_over_when_the_reply_is_over(serving: Any) -> None:
    one, other = await serving(), await serving()
    session = await started(one)
    client = await connected(one, session)
    await client.next("response.audio.delta")
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(one.app[ADMISSION].drain(120))
        assert await client.close_code() == 1011
        again = await connected(other, session)
        await again.next("response.audio.delta")
        await draining
    assert (one.app[ADMISSION].live, other.app[ADMISSION].live) == ((), (session,))
    assert (await replies(other, session))[0] == "completed"
    await again.ws.close()


async def test_without_room_elsewhere_a_conversation_goes_on_until_there_is_some(
    serving: Any,
) -> None:
    one, full = await serving(max_sessions=1), await serving(max_sessions=1)
    session = await started(one)
    client = await connected(one, session)
    await client.next("response.done")
    other = await connected(full, await started(full))
    await other.next("response.audio.delta")
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(one.app[ADMISSION].drain(120))
        await until(lambda: one.app[ADMISSION].capacity.closed)
        assert await client.lives()
        spare = await serving(max_sessions=1)
        assert await client.close_code() == 1011
        again = await connected(spare, session)
        await again.next("response.audio.delta")
        await draining
    await again.ws.close()
    await other.ws.close()


async def test_whoever_is_handed_over_finds_the_place_that_was_free(serving: Any) -> None:
    one, other = await serving(max_sessions=1), await serving(max_sessions=1)
    session = await started(one)
    client = await connected(one, session)
    await client.next("response.done")
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(one.app[ADMISSION].drain(120))
        assert await client.close_code() == 1011
        await draining  # it keeps nothing for the client here
        faster = {"interview_id": str(uuid4())}
        async with other.post("/start-database-interview", json=faster) as refused:
            assert refused.status == 503
        again = await connected(other, session)
        await again.next("response.audio.delta")
    await again.ws.close()


async def test_a_replica_that_drains_is_asked_by_nobody_and_promises_elsewhere(
    serving: Any,
) -> None:
    one, other = await serving(), await serving()
    async with asyncio.TaskGroup() as tasks:
        draining = tasks.create_task(one.app[ADMISSION].drain(120))
        await draining
    assert await other.app[CLUSTER].room_elsewhere() == 0
    session = await started(one)
    assert (await one.app[CLUSTER].find(session)).here is False
