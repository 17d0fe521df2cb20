"""What programs ask about the service."""

import asyncio
import base64
import itertools
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from models import fake
from models.engine_state import EngineState
from service.admission.admission import ADMISSION
from service.api_keys import hash_key
from service.errors import DatabaseUnavailable
from service.operations.probes import (
    FRESH_SECONDS,
    PROBES,
    STUCK_SECONDS,
    DatabaseProbe,
    Probes,
    recording,
)
from service.settings import SETTINGS, Settings
from service.storage.database import Database

from ..altered import altered
from ..conftest import Client, Serve

KEY, WATCHER = "k" * 32, "w" * 32
ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


async def ready(client: Client, path: str = "/readyz") -> tuple[int, dict[str, Any]]:
    async with client.get(path) as response:
        told = await response.json()
        assert told["status"] == ("ready" if response.status == 200 else "not ready")
        for check in told["checks"].values():
            assert check["says"].endswith(".")
        return response.status, told["checks"]


async def scraped(client: Client, **headers: str) -> int:
    async with client.get("/metrics", headers=headers) as response:
        return response.status


class Voice(fake.SteadyVoice):
    """An engine that tells how it is."""

    state = EngineState(alive=True)


@pytest.mark.parametrize("base_path", ["", "/iv"])
async def test_a_service_that_works_lives_and_is_ready_for_anybody_who_asks(
    serve: Serve, base_path: str
) -> None:
    client = await serve(
        fake.engines(voice=Voice()), api_keys=(hash_key(KEY),), base_path=base_path
    )
    async with client.get(f"{base_path}/livez", headers=ELSEWHERE) as response:
        assert (response.status, await response.json()) == (200, {"status": "alive"})
    async with client.get(f"{base_path}/readyz", headers=ELSEWHERE) as response:
        assert response.status == 200
        checks = (await response.json())["checks"]
    assert list(checks) == ["admission", "database", "voice"]
    assert all(check["ok"] for check in checks.values())


async def test_a_service_that_is_full_is_ready(serve: Serve) -> None:
    client = await serve(max_sessions=1)
    async with client.post("/start-interview", json={"job_description": "x"}) as response:
        assert response.status == 200
    assert (await ready(client))[0] == 200


async def test_a_service_that_is_stopping_lives_and_is_not_ready(serve: Serve) -> None:
    client = await serve()
    await client.app[ADMISSION].drain(0)
    status, checks = await ready(client)
    assert (status, checks["admission"]["ok"]) == (503, False)
    async with client.get("/livez") as response:
        assert response.status == 200
    async with client.get("/health") as response:
        assert (await response.json())["status"] == "healthy"
    async with client.post("/start-interview", json={"job_description": "x"}) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
        assert (await response.json())["code"] == "shutting_down"


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (EngineState(alive=False), "has stopped"),
        (EngineState(alive=True, working=1, working_seconds=STUCK_SECONDS + 1), "stuck"),
    ],
)
async def test_an_engine_that_stopped_or_hangs_is_said(
    serve: Serve, state: EngineState, says: str
) -> None:
    voice = Voice()
    voice.state = state
    status, checks = await ready(await serve(fake.engines(voice=voice)))
    assert (status, checks["voice"]["ok"]) == (503, False)
    assert says in checks["voice"]["says"]
    assert checks["database"]["ok"]


async def test_a_database_that_is_away_is_said(serve: Serve) -> None:
    client = await serve()

    def away() -> Any:
        raise DatabaseUnavailable("away")

    class AwayProbe(DatabaseProbe):
        async def _ask(self, database: Database) -> str:
            return await super()._ask(altered(database, read=away))

    client.app[PROBES].database = AwayProbe()
    status, checks = await ready(client)
    assert (status, checks["database"]["ok"]) == (503, False)


async def test_the_database_is_asked_once_however_many_ask(database: Any) -> None:
    asked = 0

    class Counting(DatabaseProbe):
        async def _ask(self, database: Any) -> str:
            nonlocal asked
            asked += 1
            return await super()._ask(database)

    probe = Counting()
    assert await asyncio.gather(*(probe.fault(database) for _ in range(20))) == [""] * 20
    assert asked == 1


async def test_a_database_that_hangs_is_not_waited_for() -> None:
    class Hanging:
        def read(self) -> Any:
            return self

        async def __aenter__(self) -> None:
            await asyncio.Event().wait()

        async def __aexit__(self, *exc: object) -> None: ...

    assert await DatabaseProbe(within=0.02).fault(Hanging())  # type: ignore[arg-type]


async def test_a_folder_of_recordings_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    async def told(**given: Any) -> list[bool]:
        settings = Settings(**given)
        return [check.ok for check in await recording(Probes(settings).recordings)]

    here = {"recording": True, "recordings_dir": tmp_path / "here"}
    assert await told(**here) == []
    (tmp_path / "here").mkdir()
    assert await told(**here) == [True]
    assert list((tmp_path / "here").iterdir()) == []
    (tmp_path / "file").touch()
    assert await told(recording=True, recordings_dir=tmp_path / "file") == [False]
    assert await told(recordings_dir=tmp_path / "file") == []


@contextmanager
def locked(url: str) -> Iterator[None]:
    """What another process does that writes for long."""
    with closing(sqlite3.connect(url.partition(":///")[2], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_database_that_somebody_keeps_locked_is_said(serve: Serve, sqlite_url: str) -> None:
    now = [0.0]
    client = await serve()
    client.app[PROBES].database = DatabaseProbe(within=3.0, clock=lambda: now[0])
    with locked(sqlite_url):
        status, checks = await ready(client)
    assert (status, checks["database"]["ok"]) == (503, False)
    assert "locked" in checks["database"]["says"]
    assert (await ready(client))[0] == 503  # what was found out holds for some seconds
    now[0] += FRESH_SECONDS
    assert (await ready(client))[0] == 200


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """As on a full disk: no file of this process gets larger."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_a_disk_that_takes_nothing_more_is_said(serve: Serve, tmp_path: Path) -> None:
    later = itertools.count(0.0, FRESH_SECONDS)  # every look at the clock is late enough

    def probe_always(app: web.Application) -> None:
        app[PROBES] = Probes(app[SETTINGS], clock=lambda: next(later))

    client = await serve(change=probe_always, recording=True, recordings_dir=tmp_path)
    assert (await ready(client))[0] == 200
    with small_files(100_000):
        status, checks = await ready(client)
    assert status == 503
    assert not checks["database"]["ok"]
    assert not checks["recordings"]["ok"]
    assert (await ready(client))[0] == 200


async def test_what_is_tried_can_be_written_to_either_kind_of_database(database: Any) -> None:
    assert await DatabaseProbe().fault(database) == ""


async def test_on_the_server_itself_metrics_need_no_key(serve: Serve) -> None:
    assert await scraped(await serve()) == 200
    assert await scraped(await serve(api_keys=(hash_key(KEY),))) == 200


async def test_a_page_of_a_strange_site_reads_no_metrics(serve: Serve) -> None:
    client = await serve(allowed_origins=("*",))
    assert await scraped(client, Origin="https://evil.example") == 403


async def test_elsewhere_metrics_need_a_key_of_theirs_or_one_that_opens_everything(
    serve: Serve,
) -> None:
    basic = base64.b64encode(f"prometheus:{WATCHER}".encode()).decode()
    client = await serve(api_keys=(hash_key(KEY),), metrics_keys=(hash_key(WATCHER),))
    assert await scraped(client, **ELSEWHERE) == 401
    assert await scraped(client, **ELSEWHERE, Authorization="Bearer " + "x" * 32) == 401
    assert await scraped(client, **ELSEWHERE, Authorization=f"Bearer {WATCHER}") == 200
    assert await scraped(client, **ELSEWHERE, Authorization=f"Basic {basic}") == 200
    assert await scraped(client, **ELSEWHERE, Authorization=f"Bearer {KEY}") == 200


async def test_without_any_key_metrics_are_for_the_server_itself(serve: Serve) -> None:
    assert await scraped(await serve(), **ELSEWHERE) == 403


async def test_a_key_for_metrics_opens_nothing_else(serve: Serve) -> None:
    client = await serve(metrics_keys=(hash_key(WATCHER),), api_keys=(hash_key(KEY),))
    headers = {**ELSEWHERE, "Authorization": f"Bearer {WATCHER}"}
    async with client.get("/interviews", headers=headers) as response:
        assert response.status == 401
