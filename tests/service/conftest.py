"""An application on scripted engines and a fresh database of either kind."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from models import fake
from models.contracts import Engines
from scripts.private_postgres import USER, cluster, programs
from service.app import build_app, runner
from service.database import Database, opened
from service.settings import Settings

Client = TestClient[Any, Any]


class RealServer(TestServer):
    """Runs the application as the product does; the original cancels handlers of clients that
    have left."""

    async def _make_runner(self, **_: Any) -> web.AppRunner:
        return runner(self.app)


Serve = Callable[..., Awaitable[Client]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a private server, with `{name}` for the database."""
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with cluster(installed, durable=False) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/test.db"
    url: str = request.getfixturevalue("postgres")
    name = f"t{uuid4().hex}"
    folder = parse_qs(urlsplit(url).query)["host"][0]
    connection = await asyncpg.connect(user=USER, database="postgres", host=folder)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return url.format(name=name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/test.db"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with opened(database_url) as database:
        yield database


@pytest.fixture
def serve(aiohttp_client: Any, sqlite_url: str) -> Serve:
    """Start the application with these settings, on SQLite unless they say otherwise."""

    async def start(engines: Engines | None = None, **settings: Any) -> Client:
        given = {"database_url": sqlite_url, "autocreate_interviews": True, **settings}
        app = build_app(Settings(**given), engines or fake.engines())
        client: Client = await aiohttp_client(RealServer(app))
        return client

    return start
