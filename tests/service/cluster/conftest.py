"""A Postgres with the tables, and replicas on it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from service.storage.database import Database, open_database
from tests.service.conftest import new_database


@pytest.fixture
def shared_url(postgres: str, postgres_template: str) -> Iterator[str]:
    with new_database(postgres, postgres_template) as url:
        yield url


@pytest.fixture
async def shared(shared_url: str) -> AsyncIterator[Database]:
    async with open_database(shared_url) as database:
        yield database
