"""An application on scripted engines and a fresh database of either kind."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from models import fake
from models.contracts import Engines
from scripts.measure.private_postgres import USER, cluster, programs
from service import app
from service.app import build_app, runner
from service.engine_config import assessor
from service.settings import Settings
from service.storage.database import Database, open_database, upgrade_database
from service.storage.database_engine import normalize

Client = TestClient[Any, Any]


class RealServer(TestServer):
    """Runs the application as the product does; the original cancels handlers of clients that
    have left."""

    async def _make_runner(self, **_: Any) -> web.AppRunner:
        return runner(self.app)


Serve = Callable[..., Awaitable[Client]]


@pytest.fixture(autouse=True)
def rated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application asks its scripted model for ratings, which are the shortest form to script,
    whatever form the weights of the settings have."""
    monkeypatch.setattr(app, "assessor", lambda given: replace(assessor(given), form="rating"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a private server, with `{name}` for the database."""
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    with cluster(installed, durable=False) as url:
        yield url


def apart(work: Coroutine[Any, Any, object]) -> None:
    """Run it in a loop of its own: the one of the tests may be running."""
    thread = Thread(target=asyncio.run, args=[work])
    thread.start()
    thread.join()


@contextmanager
def new_database(postgres: str, template: str = "template1") -> Iterator[str]:
    """URL of one more on the private server. It goes at the end: hundreds of them would take
    gigabytes."""
    name = f"t{uuid4().hex}"
    folder = parse_qs(urlsplit(postgres).query)["host"][0]

    async def execute(sql: str) -> None:
        connection = await asyncpg.connect(user=USER, database="postgres", host=folder)
        await connection.execute(sql)
        await connection.close()

    apart(execute(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield postgres.format(name=name)
    apart(execute(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    apart(upgrade_database(normalize(f"sqlite:///{path}")))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    with new_database(postgres) as url:
        apart(upgrade_database(normalize(url)))
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with the tables."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("sqlite_url"))
        return
    template = request.getfixturevalue("postgres_template")
    with new_database(request.getfixturevalue("postgres"), template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/empty.db"
        return
    with new_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A database with the tables."""
    shutil.copy(sqlite_template, tmp_path / "test.db")
    return f"sqlite+aiosqlite:///{tmp_path}/test.db"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


@pytest.fixture
def serve(aiohttp_client: Any, sqlite_url: str) -> Serve:
    """Start the application with these settings, on SQLite unless they say otherwise; `change` puts
    something else in a part's place."""

    async def start(
        engines: Engines | None = None,
        *,
        change: Callable[[web.Application], object] = lambda app: None,
        **settings: Any,
    ) -> Client:
        given = {"database_url": sqlite_url, "autocreate_interviews": True, **settings}
        app = build_app(Settings(**given), engines or fake.engines())
        change(app)
        client: Client = await aiohttp_client(RealServer(app))
        return client

    return start
