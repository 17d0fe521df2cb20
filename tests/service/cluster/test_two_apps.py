"""Two applications on one Postgres: what one has begun, the other one knows."""

import math
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from models import fake
from models.engine_state import EngineState
from service.admission.admission import ADMISSION
from service.api_keys import hash_key
from service.app import may_sweep
from service.cluster.replica import ALIVE_SECONDS
from service.cluster.sentinel import SENTINEL
from service.errors import ClientLeft
from service.live.conversations import ConversationOpening
from service.recording import recordings
from service.storage.database import DATABASE

from ..conftest import Client, Serve
from ..held import held
from ..operations.test_monitoring_files import asked_for

KEY = "k" * 32
HEADER = {"X-API-Key": KEY}
REPLICA: dict[str, Any] = {
    "cluster": True,
    "api_keys": (hash_key(f"jo:{KEY}"),),
    "grants_key": "g" * 32,
    "max_sessions": 2,
    "grace_seconds": 0,
}


class Elsewhere(fake.SteadyVoice):
    state = EngineState(alive=True, servers=1)


@pytest.fixture
async def two(serve: Serve, shared_url: str, tmp_path: Path) -> tuple[Client, Client]:
    settings = REPLICA | {"database_url": shared_url, "recordings_dir": tmp_path}
    engines = fake.engines(voice=Elsewhere())
    return await serve(engines, **settings), await serve(engines, **settings)


async def get(client: Client, path: str, **headers: str) -> Any:
    async with client.get(path, headers=HEADER | headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def started(client: Client) -> UUID:
    interview_id = uuid4()
    body = {"interview_id": str(interview_id)}
    async with client.post("/start-database-interview", json=body) as answer:
        assert answer.status == 200
    return interview_id


async def test_each_tells_its_own_places_and_those_of_all(two: tuple[Client, Client]) -> None:
    one, other = two
    async with one.ws_connect(f"/ws/interview/{await started(one)}") as socket:
        await socket.receive()
        mine, theirs = await get(one, "/health"), await get(other, "/health")
        assert (mine["sessions"], mine["free"]) == (1, 1)
        assert (theirs["sessions"], theirs["free"]) == (0, 2)
        for health in (mine, theirs):
            assert health["cluster"] == {"replicas": 2, "sessions": 1, "free": 3}
        live = await get(other, "/sessions")
        assert (live["total"], live["free"]) == (1, 3)
        assert live["sessions"][0]["replica"] == one.app[SENTINEL].me.name


async def test_a_client_that_leaves_while_its_session_is_taken_takes_it_from_nobody(
    two: tuple[Client, Client],
) -> None:
    one, other = two
    interview_id = await started(one)
    asked: list[bool] = []

    def left() -> bool:
        """It is there when it is asked for first, and gone once that is written."""
        asked.append(bool(asked))
        return asked[-1]

    with pytest.raises(ClientLeft):
        async with (
            ConversationOpening(other.app, interview_id, left=left) as opening,
            other.app[ADMISSION].seat(interview_id, opening),
        ):
            pass
    assert asked == [False, True]
    assert (await get(other, "/health"))["sessions"] == 0
    async with one.ws_connect(f"/ws/interview/{interview_id}") as socket:
        assert (await socket.receive_json())["type"] != "error"


async def test_a_full_replica_is_ready(two: tuple[Client, Client]) -> None:
    one, _ = two
    for _ in range(2):
        await started(one)
    ready = await get(one, "/readyz")
    assert ready["checks"]["cluster"]["ok"]
    assert ready["status"] == "ready"


async def test_the_metrics_have_the_places_of_all_and_need_a_key(
    two: tuple[Client, Client],
) -> None:
    one, _ = two
    async with one.get("/metrics") as response:
        assert response.status == 401
    async with one.get("/metrics", headers=HEADER) as response:
        text = await response.text()
    assert "vivavoce_cluster_replicas 2.0" in text
    assert "vivavoce_cluster_slots_free 4.0" in text
    assert "vivavoce_cluster_in_touch 1.0" in text


@pytest.mark.parametrize("name", ["alerts-cluster.yml", "grafana-cluster.json"])
async def test_every_number_that_a_cluster_is_watched_by_is_there(
    two: tuple[Client, Client], name: str
) -> None:
    one, _ = two
    async with one.get("/metrics", headers=HEADER) as response:
        told = set(re.findall(r"^(\w+)", await response.text(), re.MULTILINE))
    assert len(asked_for(name)) > 6
    assert asked_for(name) - told == set()


async def test_a_player_may_ask_any_replica_and_counts_as_one_listening(
    two: tuple[Client, Client], tmp_path: Path
) -> None:
    interview_id = await held(two[0].app[DATABASE])
    recordings.reserve(tmp_path, interview_id)[1].write_bytes(b"OggS")
    async with two[0].get(f"/interviews/{interview_id}/recordings", headers=HEADER) as response:
        (found,) = (await response.json())["recordings"]
    for client in two:
        async with client.get(found["url"], headers=HEADER) as response:
            assert (response.status, await response.read()) == (200, b"OggS")
    entries = (await get(two[1], f"/interviews/{interview_id}/audit"))["entries"]
    assert [each["action"] for each in entries].count("play recording") == 1


async def test_one_of_them_sweeps_once_it_was_in_touch_for_long_enough(
    two: tuple[Client, Client],
) -> None:
    assert not any(may_sweep(client.app) for client in two)
    for client in two:
        client.app[SENTINEL]._since -= ALIVE_SECONDS  # as if it had started earlier
    assert [may_sweep(client.app) for client in two].count(True) == 1
    for client in two:
        client.app[SENTINEL]._last = -math.inf  # as after an outage
    assert not any(may_sweep(client.app) for client in two)
