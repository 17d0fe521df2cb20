"""Replicas behind nginx and HAProxy, as the files in deploy/ set them up."""

import asyncio
import io
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest

from scripts.measure.balancers import BALANCERS, balancing, program
from scripts.measure.server import FAKES, free_port, launch, wait_until_ready
from service.storage.database import open_database
from service.storage.tables import Interview

from .conftest import new_database

SLOTS = 3
REPLICAS = 3
FREE, CANDIDATES = SLOTS * REPLICAS, 14
PATIENCE = 30.0
"""Seconds in which all come in who find a place: on a machine that has nothing else to do half a
second, and 5 s past a replica that hangs."""


class Replicas:
    """Services on one database."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.url = database_url
        self._settings = {
            "DATABASE_URL": database_url,
            "MAX_SESSIONS": str(SLOTS),
            "GRACE_SECONDS": "1",
            "CLUSTER": "true",
            "API_KEYS": "recruiter:" + 32 * "k",
            "GRANTS_KEY": 32 * "g",
        }
        self._folder = folder
        self._ports = [free_port() for _ in range(REPLICAS)]
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def addresses(self) -> list[str]:
        return [f"127.0.0.1:{port}" for port in self._ports]

    def signal(self, number: int, which: int = 0) -> None:
        self._children[self._ports[which]].send_signal(number)

    def kill(self) -> None:
        for child in self._children.values():
            child.kill()
            child.wait()

    async def mended(self) -> None:
        """All of them run, and nobody holds a place."""
        for port in self._ports:
            if (child := self._children.get(port)) is None or child.poll() is not None:
                self._children[port] = launch(FAKES, self._settings, port, str(self._folder))
        for port, child in self._children.items():
            url = f"http://127.0.0.1:{port}"
            child.send_signal(signal.SIGCONT)
            await asyncio.to_thread(wait_until_ready, child, url, str(self._folder))
            async with aiohttp.ClientSession() as http:
                while not await all_free(http, url):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)


async def all_free(http: aiohttp.ClientSession, url: str) -> bool:
    """Here, and in the whole cluster, in which one that was killed counts for some seconds."""
    async with http.get(f"{url}/health") as answer:
        told = await answer.json()
    together = {"replicas": REPLICAS, "sessions": 0, "free": FREE}
    return bool(told["free"] == SLOTS and told["cluster"] == together)


@pytest.fixture(scope="module")
def started(
    postgres: str, postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replicas]:
    with new_database(postgres, postgres_template) as url, ExitStack() as stack:
        made = Replicas(url, tmp_path_factory.mktemp("replicas"))
        stack.callback(made.kill)
        yield made


@pytest.fixture
async def replicas(started: Replicas) -> Replicas:
    await started.mended()
    return started


@pytest.fixture(params=sorted(BALANCERS))
def balancer(request: pytest.FixtureRequest, replicas: Replicas) -> Iterator[str]:
    if program(request.param) is None:
        pytest.skip(f"no {request.param} here: apt-get install {request.param}")
    with balancing(request.param, replicas.addresses) as url:
        yield url


async def interviews(replicas: Replicas, number: int) -> list[UUID]:
    made = [uuid4() for _ in range(number)]
    async with open_database(replicas.url) as database, database.write() as db:
        db.add_all(Interview(id=each) for each in made)
    return made


@asynccontextmanager
async def crowd(url: str, ids: list[UUID]) -> AsyncIterator[list[aiohttp.ClientWebSocketResponse]]:
    """All connect at the same moment; the sockets of those who got in. Who is told that a replica
    did not answer tries again, as clients do. Raises `TimeoutError` when one gets no answer in
    time."""
    async with aiohttp.ClientSession() as http:

        async def connect(interview: UUID) -> aiohttp.ClientWebSocketResponse | None:
            try:
                return await http.ws_connect(f"{url}/ws/interview/{interview}")
            except (aiohttp.WSServerHandshakeError, aiohttp.ServerDisconnectedError) as refused:
                status = getattr(refused, "status", 502)
            if status == 504:
                return await connect(interview)
            answers.append(status)
            return None

        answers: list[int] = []
        async with asyncio.timeout(PATIENCE):
            sockets = await asyncio.gather(*map(connect, ids))
        # Where the replica that was asked last is dead, the balancer says so with 502, or HAProxy
        # with nothing.
        assert set(answers) <= {502, 503}
        yield [socket for socket in sockets if socket]


async def test_every_free_place_is_found_and_no_more(balancer: str, replicas: Replicas) -> None:
    ids = await interviews(replicas, CANDIDATES)
    async with crowd(balancer, ids) as sockets:
        assert len(sockets) == FREE


async def test_a_replica_that_is_dead_costs_nobody_a_place(
    balancer: str, replicas: Replicas
) -> None:
    replicas.signal(signal.SIGKILL)
    ids = await interviews(replicas, CANDIDATES)
    async with crowd(balancer, ids) as sockets:
        assert len(sockets) == FREE - SLOTS


async def test_the_metrics_are_not_public(balancer: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{balancer}/metrics") as answer:
        assert answer.status == 404


async def test_a_large_body_passes_through(balancer: str, replicas: Replicas) -> None:
    (interview,) = await interviews(replicas, 1)
    noise = {"type": "response.audio.delta", "data": {"delta": "A" * 60_000}}
    body = {"interviewId": str(interview), "transcript": [noise] * 100}
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{balancer}/finalize-interview",
            data=io.BytesIO(json.dumps(body).encode()),
            headers={"Content-Type": "application/json"},
        ) as answer,
    ):
        assert answer.status == 200, await answer.text()


async def test_a_replica_that_hangs_does_not_keep_those_who_come(
    balancer: str, replicas: Replicas
) -> None:
    replicas.signal(signal.SIGSTOP)
    ids = await interviews(replicas, FREE - SLOTS)
    async with crowd(balancer, ids) as sockets:
        assert len(sockets) == FREE - SLOTS


async def test_the_sockets_of_a_replica_that_hangs_are_closed(
    balancer: str, replicas: Replicas
) -> None:
    ids = await interviews(replicas, FREE)
    async with crowd(balancer, ids) as sockets, asyncio.TaskGroup() as tasks:
        replicas.signal(signal.SIGSTOP)
        closing = [tasks.create_task(closed(socket)) for socket in sockets]
        done, others = await asyncio.wait(closing, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == [1006] * len(done)
        for task in others:
            task.cancel()


@pytest.mark.parametrize("balancer", ["nginx"], indirect=True)
async def test_nginx_keeps_the_socket_of_somebody_to_whom_nothing_is_said(
    balancer: str, replicas: Replicas
) -> None:
    async with crowd(balancer, await interviews(replicas, 1)) as (socket,):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(25):
                await closed(socket)


async def closed(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    async for _ in socket:
        pass
    return socket.close_code
