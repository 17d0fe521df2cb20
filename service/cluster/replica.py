"""One replica: its identity, and its row in the table `replicas`, which says that it is alive."""

import hashlib
import random
import socket
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ..observability.metrics import running_version
from ..settings import Settings

ALIVE_SECONDS = 8.0
"""Seconds after its last heartbeat for which a replica counts as alive, by the database's clock."""
ALIVE = f"seen_at > clock_timestamp() - interval '{ALIVE_SECONDS} seconds'"
"""The same as a condition on a row of `replicas`."""

LIVES = int.from_bytes(b"vvlv")
"""First key of the advisory locks by which a replica shows that it has not died suddenly; the
second key is its `lock_key`."""

_REGISTER = text(
    "INSERT INTO replicas (id, lock_key, name, version, models_fingerprint, slots, draining,"
    " started_at, seen_at) VALUES (:id, :lock_key, :name, :version, :models_fingerprint, :slots,"
    " :draining, clock_timestamp(), clock_timestamp())"
    " ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, draining = excluded.draining"
)
_LEAVE = text(
    "UPDATE replicas SET draining = true,"
    f" seen_at = clock_timestamp() - interval '{ALIVE_SECONDS} seconds' WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity of this process among the replicas. A restarted one is another replica."""

    slots: int
    """Sessions that it may hold at once."""
    models_fingerprint: str = ""
    """Hash of the names of its models: replicas with other ones speak with another voice."""
    name: str = field(default_factory=socket.gethostname)
    """Name for people; on Kubernetes that of the pod."""
    id: UUID = field(default_factory=uuid4)
    lock_key: int = field(default_factory=lambda: random.getrandbits(31))
    version: str = field(default_factory=running_version)


def identity(settings: Settings) -> Identity:
    """Return a new identity for a process with these settings."""
    models = (
        settings.stt_model,
        settings.llm_model,
        settings.llm_base_url,
        settings.tts_voice,
        settings.end_of_turn_model,
    )
    digest = hashlib.sha256("\n".join(models).encode()).hexdigest()
    return Identity(settings.places, digest[:16])


async def register(connection: AsyncConnection, me: Identity, *, draining: bool) -> None:
    """Write the replica's row, or bring back one that was deleted as long dead."""
    fields = ("id", "lock_key", "name", "version", "models_fingerprint", "slots")
    row = {name: getattr(me, name) for name in fields}
    await connection.execute(_REGISTER, row | {"draining": draining})


async def leave(connection: AsyncConnection, replica: UUID) -> None:
    """Make the replica count as dead from now on. Its row stays: from there count the seconds for
    which clients of sessions that it still had may come back."""
    await connection.execute(_LEAVE, {"id": replica})
