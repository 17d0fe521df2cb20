"""The requirements of a service that is one replica of many. Pure.

Alone, a service can do without: loopback callers are trusted, and grants are signed with a key of
the process. Among replicas both would be wrong without anybody noticing.
"""

from ..errors import SettingInvalid
from ..settings import PREFIX, Settings


def require(settings: Settings) -> None:
    """Require what a replica needs, and where the service is alone, that nothing is set which only
    replicas heed. Raises `SettingInvalid`."""
    if not settings.cluster:
        if settings.cluster_sessions is not None:
            raise SettingInvalid(
                f"{PREFIX}CLUSTER_SESSIONS limits the interviews of all replicas together, but"
                f" {PREFIX}CLUSTER is not true; set it, or {PREFIX}MAX_SESSIONS for one process."
            )
        return
    if not settings.database_url.startswith("postgres"):
        raise _missing(
            "DATABASE_URL names a SQLite file, which one process writes to; give a Postgres, such"
            " as postgresql+asyncpg://user:password@host/name"
        )
    if not (settings.api_keys or settings.jwt_secret or settings.jwt_public_key_file):
        raise _missing(
            "API_KEYS is empty: behind a load balancer everybody would count as somebody on this"
            " machine; give a key (openssl rand -hex 32), or your sign-in's tokens"
        )
    if not settings.grants_key:
        raise _missing(
            "GRANTS_KEY is empty: no replica could play a recording for a report that another one"
            " has shown; give all the same secret (openssl rand -hex 32)"
        )


def _missing(what: str) -> SettingInvalid:
    return SettingInvalid(f"{PREFIX}CLUSTER is true, but {PREFIX}{what}.")
