"""`vivavoce serve` where another program is just as fast."""

import contextlib
from pathlib import Path

import pytest

from models import fake
from scripts.measure.private_pgbouncer import pooler, program
from scripts.measure.server import free_port
from service.api_keys import hash_key
from service.commands.serve import run
from service.errors import PoolerUnsuitable, RecordingsNotShared, SettingInvalid
from service.http.listening import PortTaken, bound
from service.operations.stopping import Stop
from service.recording.shared_folder import require_shared
from service.serving import serve
from service.settings import Settings, load
from service.storage.database import Database

from ..cluster.conftest import shared, shared_url
from ..cluster.rows import replica

__all__ = ["shared", "shared_url"]

REPLICA = {
    "CLUSTER": "true",
    "DATABASE_URL": "postgresql+asyncpg://u@127.0.0.1:1/n",
    "API_KEYS": "k" * 32,
    "GRANTS_KEY": "g" * 32,
}


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
async def test_of_two_that_start_at_once_the_slower_one_is_told_in_a_sentence(
    sqlite_url: str, host: str
) -> None:
    settings = Settings(host=host, port=free_port(), database_url=sqlite_url)
    with contextlib.closing(bound(settings)) as faster, contextlib.closing(bound(settings)) as mine:
        faster.listen()
        with pytest.raises(PortTaken, match=r"Something else is listening on .* already; stop it"):
            await serve(settings, fake.loaded(fake.engines()), mine, Stop())


@pytest.mark.parametrize("lacks", ["DATABASE_URL", "API_KEYS", "GRANTS_KEY"])
async def test_a_replica_that_lacks_something_is_refused_before_it_listens(lacks: str) -> None:
    env = {f"VIVAVOCE_{name}": value for name, value in REPLICA.items() if name != lacks}
    with pytest.raises(SettingInvalid, match=f"VIVAVOCE_CLUSTER is true, but VIVAVOCE_{lacks}"):
        await run(load(env))


async def test_a_replica_behind_a_pooler_in_transaction_mode_is_refused(postgres: str) -> None:
    if program() is None:
        pytest.skip("no PgBouncer here: apt-get install pgbouncer")
    with pooler(postgres, "transaction") as url:
        env = {f"VIVAVOCE_{name}": value for name, value in REPLICA.items()}
        env["VIVAVOCE_DATABASE_URL"] = url.format(name="postgres")
        with pytest.raises(PoolerUnsuitable):
            await run(load(env))


async def test_a_replica_with_another_recordings_folder_is_told_in_a_sentence(
    shared: Database, shared_url: str, tmp_path: Path
) -> None:
    made = {name.lower(): value for name, value in REPLICA.items()}
    made |= {"cluster": True, "api_keys": (hash_key("k" * 32),), "database_url": shared_url}
    settings = Settings(**made, port=free_port(), recording=True, recordings_dir=tmp_path / "own")
    elsewhere = Settings(cluster=True, recording=True, recordings_dir=tmp_path / "theirs")
    await require_shared(shared, elsewhere, await replica(shared))
    told = pytest.raises(RecordingsNotShared, match="mount the same volume on all of them")
    with contextlib.closing(bound(settings)) as listener, told:
        await serve(settings, fake.loaded(fake.engines()), listener, Stop())
