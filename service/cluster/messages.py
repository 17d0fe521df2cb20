"""The messages that replicas send each other through Postgres (NOTIFY). Each replica listens to a
channel of its own.

A message is a hint that saves waiting. One that is lost costs time and nothing else: whoever waits
looks into the tables as well, and a replica that has lost its connection compares them with what it
knows.
"""

from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Dismissing = Literal["replaced", "finalized"]


class Yield(msgspec.Struct, frozen=True, tag="yield"):
    """Dismiss the session's socket and say when it has left: `asker` wants the session."""

    session: UUID
    asker: UUID
    why: Dismissing


class Left(msgspec.Struct, frozen=True, tag="left"):
    """The session's socket will write no more, or the session was released."""

    session: UUID


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """The session belongs to another replica now."""

    session: UUID
    epoch: int
    why: Dismissing


Message = Yield | Left | Moved
_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


def channel(replica: UUID) -> str:
    """Return the name of the channel to which a replica listens."""
    return f"vivavoce_{replica.hex}"


async def send(db: AsyncSession, replica: UUID, message: Message) -> None:
    """Send a message when the transaction commits."""
    payload = msgspec.json.encode(message).decode()
    await db.execute(_NOTIFY, {"channel": channel(replica), "payload": payload})


def decode(payload: str) -> Message | None:
    """Return the message; None if it comes from a version that knows other ones."""
    try:
        return _decoder.decode(payload)
    except msgspec.MsgspecError:
        return None
