"""The interface between a live connection and its wire protocol.

A wire translates: the client's frames into messages for the conversation, the conversation's
outputs into frames, and the reasons for which a connection ends into close codes. Each connection
has a new one; it does no input or output, and knows neither socket nor session.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.conversation.input import ClientMessage
from pipeline.conversation.output import Output
from pipeline.errors import PipelineError


class BadMessage(PipelineError):
    """The client sent something that the protocol does not allow; the session lives on."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket message."""

    data: bytes
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """The decoded meaning of a client's frame."""

    message: ClientMessage | None = None
    """The message for the conversation, if the frame concerns it."""
    answer: Sequence[Frame] = ()
    """The frames that the wire itself answers with at once, such as a pong."""


class Why(enum.Enum):
    """A reason for which a connection ends, or is declined."""

    CLIENT_LEFT = "the client has left"
    COMPLETED = "the conversation has ended"
    REPLACED = "a newer connection has taken over"
    FINALIZED = "somebody has ended the session by another way"
    SHUTDOWN = "the service stops"
    FAILED = "the session cannot go on in this connection"
    BUG = "a mistake in this program"
    SLOW_CONSUMER = "the client does not read what it is sent"
    ABUSE = "the client sends too many bad messages"
    SESSION_UNKNOWN = "there is no such session"
    SESSION_OVER = "the session was ended before"
    CONSENT_MISSING = "the candidate has not agreed to what the operator asks for"


@dataclass(frozen=True, slots=True)
class Close:
    """The close code and its sentence."""

    code: int
    reason: str
    after_s: float = 0.0
    """Seconds for which the connection goes on before it is closed for this reason."""


# docs/decisions/039-wire-translates.md: protocols come and go, the conversation stays the same
class Wire(Protocol):
    @property
    def input_rate(self) -> int:
        """Return the sample rate of the audio that the client sends now."""
        ...

    def open(self) -> Sequence[Frame]:
        """Return the frames that a new connection begins with."""
        ...

    def decode(self, frame: Frame) -> Received:
        """Decode one frame of the client's. Raises `BadMessage`; its sentence names the field and
        the fix."""
        ...

    def encode(self, said: Output) -> Sequence[Frame]:
        """Return the frames that tell a client of `said`, in the order in which they are sent;
        errors are `Failed`."""
        ...

    def close(self, why: Why) -> Close: ...
