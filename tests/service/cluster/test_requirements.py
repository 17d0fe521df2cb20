import pytest

from service.api_keys import hash_key
from service.cluster.requirements import require
from service.errors import SettingInvalid
from service.settings import Settings, load

POSTGRES = "postgresql+asyncpg://u@localhost/n"
REPLICA = {
    "VIVAVOCE_CLUSTER": "true",
    "VIVAVOCE_DATABASE_URL": POSTGRES,
    "VIVAVOCE_API_KEYS": "k" * 32,
    "VIVAVOCE_GRANTS_KEY": "g" * 32,
}


def test_a_service_that_is_alone_needs_nothing() -> None:
    require(Settings())
    require(Settings(database_url=POSTGRES))


def test_a_limit_for_all_replicas_is_refused_where_there_are_none() -> None:
    with pytest.raises(SettingInvalid, match="VIVAVOCE_CLUSTER is not true"):
        require(load({"VIVAVOCE_CLUSTER_SESSIONS": "10"}))
    require(load(REPLICA | {"VIVAVOCE_CLUSTER_SESSIONS": "10"}))


def test_a_replica_with_everything_may_start() -> None:
    require(load(REPLICA))
    require(load(REPLICA | {"VIVAVOCE_API_KEYS": "", "VIVAVOCE_JWT_SECRET": "j" * 32}))


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("DATABASE_URL", "a SQLite file"),
        ("API_KEYS", "give a key"),
        ("GRANTS_KEY", "give all the same secret"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(lacks: str, said: str) -> None:
    with pytest.raises(SettingInvalid, match=said) as refused:
        require(load(REPLICA | {f"VIVAVOCE_{lacks}": ""}))
    assert str(refused.value).startswith(f"VIVAVOCE_CLUSTER is true, but VIVAVOCE_{lacks}")


def test_a_secret_is_not_shown() -> None:
    assert "g" * 32 not in repr(Settings(cluster=True, api_keys=(hash_key("k" * 32),)))
    with pytest.raises(SettingInvalid) as refused:
        load({"VIVAVOCE_GRANTS_KEY": "short"})
    assert "short" not in str(refused.value)
