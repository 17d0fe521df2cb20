from collections.abc import Iterator

import pytest

from scripts.measure.private_pgbouncer import pooler, program
from service.errors import DatabaseUnreachable, PoolerUnsuitable
from service.storage.database_engine import normalize
from service.storage.pooler import require_sessions

from ..conftest import new_database


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    with new_database(postgres) as url:
        yield url


@pytest.fixture
def through(empty: str, request: pytest.FixtureRequest) -> Iterator[str]:
    if program() is None:
        pytest.skip("no PgBouncer here: apt-get install pgbouncer")
    with pooler(empty, request.param) as url:
        yield url.format(name=empty.partition("@/")[2].partition("?")[0])


async def test_postgres_itself_will_do(empty: str) -> None:
    await require_sessions(normalize(empty))


@pytest.mark.parametrize("through", ["session"], indirect=True)
async def test_a_pooler_in_session_mode_will_do(through: str) -> None:
    await require_sessions(normalize(through))


@pytest.mark.parametrize("through", ["transaction"], indirect=True)
async def test_a_pooler_that_lends_its_sessions_is_refused(through: str) -> None:
    for _ in range(3):  # also when it has sessions to spare
        with pytest.raises(PoolerUnsuitable, match="a pooler in session mode"):
            await require_sessions(normalize(through))


async def test_a_database_that_is_away_is_said() -> None:
    with pytest.raises(DatabaseUnreachable):
        await require_sessions(normalize("postgresql://u@127.0.0.1:1/n"))
