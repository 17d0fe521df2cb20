"""Two whole services on one Postgres, and a candidate who goes from one to the other."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from pipeline.journal import CandidateSpoke, Connected, ReplyPlanned
from service.admission.admission import ADMISSION
from service.cluster.leases import CLUSTER
from service.storage.database import DATABASE
from tests.service.conftest import Serve
from tests.service.live.test_websocket import Client
from tests.waiting import until

from .competing import journal

SAID = "I built bridges for ten years."
TURN = "conversation.item.input_audio_transcription.completed"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture
def two(serve: Serve, shared_url: str, tmp_path: Path) -> Any:
    async def start(**settings: Any) -> tuple[Any, Any]:
        given = {"database_url": shared_url, "cluster": True, "recordings_dir": tmp_path}
        given |= settings
        return await serve(**given), await serve(**given)

    return start


async def started(http: Any) -> UUID:
    session = uuid4()
    async with http.post("/start-database-interview", json={"interview_id": str(session)}) as told:
        assert told.status == 200
    return session


async def connected(http: Any, session: UUID) -> Client:
    return Client(await http.ws_connect(f"/ws/interview/{session}"))


async def test_a_newer_tab_at_another_replica_goes_on_where_the_older_one_was(two: Any) -> None:
    one, other = await two()
    session = await started(one)
    older = await connected(one, session)
    await older.next("response.done")
    await older.send(type="text", content=SAID)
    await older.next(TURN)
    newer = await connected(other, session)
    assert await older.close_code() == 4409
    await newer.next("response.done")
    assert one.app[ADMISSION].live == ()
    assert other.app[ADMISSION].live == (session,)
    await until(lambda: one.app[ADMISSION].capacity.used == 0)
    await newer.ws.close()
    entries = await journal(one.app[DATABASE], session)
    assert sum(isinstance(entry, Connected) for entry in entries) == 2
    assert [entry.text for entry in entries if isinstance(entry, CandidateSpoke)] == [SAID]
    acts = [entry.act for entry in entries if isinstance(entry, ReplyPlanned)]
    assert acts.count("greet") == 1


async def test_each_connection_names_its_own_recording(two: Any, tmp_path: Path) -> None:
    one, other = await two(recording=True)
    session = await started(one)
    older = await connected(one, session)
    await older.next("response.done")
    newer = await connected(other, session)
    await newer.next("response.done")
    await newer.ws.close()
    entries = await journal(one.app[DATABASE], session)
    numbers = [entry.recording for entry in entries if isinstance(entry, Connected)]
    assert numbers == [1, 2]


async def test_a_start_call_at_a_full_replica_is_for_a_place_at_the_other(two: Any) -> None:
    one, other = await two(max_sessions=1)
    first = await connected(one, await started(one))
    session = await started(one)
    assert (await one.app[CLUSTER].find(session)).here is False
    second = await connected(other, session)
    await second.next("response.audio.delta")
    async with one.post("/start-database-interview", json={"interview_id": str(uuid4())}) as told:
        assert told.status == 503
        assert told.headers["Retry-After"]
    await first.ws.close()
    await second.ws.close()


async def test_a_socket_where_there_is_no_place_is_refused_before_the_upgrade(two: Any) -> None:
    one, other = await two(max_sessions=1, recording=True)
    first = await connected(one, await started(one))
    session = await started(one)  # promised at the other one
    async with one.get(f"/ws/interview/{session}", headers=UPGRADE) as refused:
        assert refused.status == 503
    second = await connected(other, session)
    await second.next("response.audio.delta")
    await first.ws.close()
    await second.ws.close()
