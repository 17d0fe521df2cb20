"""Interviews are ended, assessed and erased at any replica, and once."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from models import fake
from service.admission.admission import ADMISSION
from service.finalization.closing import FINALIZER
from service.recording import recordings
from service.storage import store
from service.storage.database import DATABASE, Database
from tests.waiting import until

from ..conftest import Client, Serve
from ..held import RATING, CountingLlm, held
from ..live.test_websocket import Client as Talking
from .test_two_apps import HEADER, REPLICA, get, started

Two = Callable[..., Awaitable[tuple[Client, Client]]]
BOTH = 2


class SlowLlm(CountingLlm):
    """Takes its time, so that whoever asks at the same moment finds it at work."""

    seconds = 0.3

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        """Set unless it is to wait for more than its time."""
        self.goes_on.set()

    async def fill(self, *args: Any, **kwargs: Any) -> str:
        self.called.set()
        await asyncio.sleep(self.seconds)
        await self.goes_on.wait()
        return await super().fill(*args, **kwargs)


@pytest.fixture
def llm() -> SlowLlm:
    return SlowLlm()


@pytest.fixture
async def two(serve: Serve, shared_url: str, tmp_path: Path, llm: SlowLlm) -> tuple[Client, Client]:
    """Both are asked as if their language models were one, whose calls are counted."""
    settings = REPLICA | {"database_url": shared_url, "recordings_dir": tmp_path}
    made = [await serve(fake.engines(llm=llm), **settings) for _ in range(BOTH)]
    for client in made:
        client.app[FINALIZER]._assessor = RATING
    return made[0], made[1]


async def at_both(two: tuple[Client, Client], ask: Callable[[Client], Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*(ask(client) for client in two))


async def finalized(client: Client, interview_id: UUID) -> Any:
    body = {"interviewId": str(interview_id)}
    async with client.post("/finalize-interview", json=body) as answer:
        assert answer.status == 200, await answer.text()
        return (await answer.json())["analysis"]


async def test_asked_at_two_replicas_at_once_it_is_assessed_once(
    two: tuple[Client, Client], llm: SlowLlm
) -> None:
    for _ in range(5):
        interview_id = await held(two[0].app[DATABASE])
        before = llm.fills
        one, other = await at_both(two, lambda client, id_=interview_id: finalized(client, id_))
        assert one == other
        assert one["overall_score"] == 80
        assert llm.fills == before + 1


async def test_asked_again_at_two_replicas_at_once_it_is_replaced_once(
    two: tuple[Client, Client], llm: SlowLlm
) -> None:
    interview_id = await held(two[0].app[DATABASE])
    await finalized(two[0], interview_id)
    llm.goes_on.clear()

    async def again(client: Client) -> Any:
        path = f"/interviews/{interview_id}/assessment"
        async with client.post(path, headers=HEADER) as answer:
            assert answer.status == 200, await answer.text()
            return (await answer.json())["analysis"]

    async def at_work() -> None:
        """Let both replicas begin before either is done."""
        await until(lambda: all(interview_id in client.app[ADMISSION]._ending for client in two))
        llm.goes_on.set()

    (one, other), _ = await asyncio.gather(at_both(two, again), at_work())
    assert one == other
    assert len(one["replaced"]) == 1
    assert llm.fills == BOTH
    assert len((await again(two[1]))["replaced"]) == BOTH


async def talking(client: Client) -> tuple[UUID, Talking]:
    session = await started(client)
    talker = Talking(await client.ws_connect(f"/ws/interview/{session}"))
    await talker.next("response.done")
    return session, talker


async def test_an_interview_is_finalized_at_a_replica_that_does_not_hold_it(
    two: tuple[Client, Client],
) -> None:
    here, there = two
    session, talker = await talking(here)
    await finalized(there, session)
    assert await talker.close_code() == 1000
    live = await get(there, "/sessions")
    assert live["total"] == 0
    async with here.app[DATABASE].read() as db:
        interview = store.existing(await store.interview(db, session))
    assert interview.status == "completed"


async def test_an_interview_is_erased_at_a_replica_that_does_not_hold_it(
    two: tuple[Client, Client], tmp_path: Path
) -> None:
    here, there = two
    session, talker = await talking(here)
    recordings.reserve(tmp_path, session)
    async with there.delete(f"/interviews/{session}", headers=HEADER) as answer:
        assert answer.status == 200, await answer.text()
        receipt = (await answer.json())["receipt"]
    assert [file["name"] for file in receipt["interviews"][0]["files"]] == [f"{session}/1.ogg"]
    assert await talker.close_code() == 1000
    assert not (tmp_path / str(session)).exists()
    assert await rows(here.app[DATABASE], session) == 0


async def rows(database: Database, session: UUID) -> int:
    async with database.read() as db:
        return len(await store.events(db, session))


async def test_one_that_is_erased_while_another_replica_assesses_it_is_gone(
    two: tuple[Client, Client], llm: SlowLlm
) -> None:
    here, there = two
    interview_id = await held(here.app[DATABASE])

    async def erase() -> int:
        await llm.called.wait()
        async with there.delete(f"/interviews/{interview_id}", headers=HEADER) as answer:
            return answer.status

    _, status = await asyncio.gather(finalized(here, interview_id), erase())
    assert status == 200
    async with here.app[DATABASE].read() as db:
        assert await store.interview(db, interview_id) is None
