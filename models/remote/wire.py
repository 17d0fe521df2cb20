"""The messages between a service and its engine servers: MessagePack, one message in each binary
frame, PCM as it is (16 bits, little-endian). Pure.

A request carries everything that it needs, so that it can be repeated at any server. Fields and
types are added, never changed.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from ..contracts import HEARING_RATE, Samples
from ..errors import EngineError

VERSION = 1
PATH = "/engines"
"""Path of the wire on a server."""
LARGEST = 4 * 1024 * 1024
"""Bytes of the largest frame: more than a minute of audio."""
JUDGED = 8 * HEARING_RATE
"""Samples at the end of a turn that are sent to be judged; no known model hears more."""


class Final(msgspec.Struct, frozen=True, tag="final"):
    """A request for a final transcript."""

    call: int
    """Number of the request on this connection; the answer carries it."""
    session: int
    """Number of the session on this connection: of two partials, the newer replaces the other."""
    language: str
    terms: tuple[str, ...]
    context: str
    audio: bytes


class Partial(msgspec.Struct, frozen=True, tag="partial"):
    """A request for a partial transcript."""

    call: int
    session: int
    language: str
    terms: tuple[str, ...]
    context: str
    audio: bytes
    urgent: bool = False


class Judge(msgspec.Struct, frozen=True, tag="judge"):
    """A question whether a turn is over."""

    call: int
    language: str
    audio: bytes


class Speak(msgspec.Struct, frozen=True, tag="speak"):
    """A request for a clause as speech."""

    call: int
    text: str
    ahead: bool


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Nobody waits any more for the answer to this call; there will be none."""

    call: int


class Close(msgspec.Struct, frozen=True, tag="close"):
    """The session has ended."""

    session: int


Request = Final | Partial | Judge | Speak
"""A message that gets an answer."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first message of a server: what it has."""

    version: int
    server: str
    """Id of the process; one behind a balancer may be met twice."""
    recognizer: str
    """Id of the model, as those below."""
    languages: tuple[str, ...]
    max_seconds: float
    voice: str
    voice_languages: tuple[str, ...]
    """Languages of the voice; empty when not known."""
    end_of_turn: str
    """Empty: this server judges no turns."""
    most: int
    """Calls that may be in progress on this connection at once."""


class Heard(msgspec.Struct, frozen=True, tag="heard"):
    call: int
    text: str
    language: str
    confidence: float
    usual: float
    spoken: dict[str, float] = {}
    """`Transcript.spoken`; empty from an older server, too."""
    sound: float | None = None
    """`Transcript.sound`; None from an older server, too."""


class Dropped(msgspec.Struct, frozen=True, tag="dropped"):
    """A partial transcript was not made: a newer one replaced it, or there was no time."""

    call: int


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    call: int
    probability: float


class Spoken(msgspec.Struct, frozen=True, tag="spoken"):
    call: int
    audio: bytes


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    call: int
    code: str
    """`EngineError.code`."""
    says: str


class Leaving(msgspec.Struct, frozen=True, tag="leaving"):
    """The server is about to stop: it answers the calls in progress and wants no more."""


Answer = Heard | Dropped | Judged | Spoken | Failed

_encoder = msgspec.msgpack.Encoder()
_requests = msgspec.msgpack.Decoder(Final | Partial | Judge | Speak | Cancel | Close)
_answers = msgspec.msgpack.Decoder(Hello | Heard | Dropped | Judged | Spoken | Failed | Leaving)


class NotOnTheWire(EngineError):
    """The frame holds no message that this side knows."""


def encode(message: msgspec.Struct) -> bytes:
    return _encoder.encode(message)


def decode_request(frame: bytes) -> Request | Cancel | Close:
    """Decode what a client sent. Raises `NotOnTheWire`."""
    message: Request | Cancel | Close = _decoded(_requests, frame)
    return message


def decode_answer(frame: bytes) -> Hello | Answer | Leaving:
    """Decode what a server sent. Raises `NotOnTheWire`."""
    message: Hello | Answer | Leaving = _decoded(_answers, frame)
    return message


def _decoded(decoder: Any, frame: bytes) -> Any:
    try:
        return decoder.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise NotOnTheWire(f"a frame of {len(frame)} bytes is no message of the wire") from exc


def pcm(audio: Samples) -> bytes:
    return audio.astype("<i2", copy=False).tobytes()


def samples(audio: bytes) -> Samples:
    """Return PCM as samples, which nobody may change. Raises `NotOnTheWire`."""
    if len(audio) % 2:
        raise NotOnTheWire("PCM of 16 bits has an even number of bytes")
    return np.frombuffer(audio, dtype="<i2").astype(np.int16, copy=False)


def _known(kind: type[EngineError]) -> Sequence[type[EngineError]]:
    return (kind, *(each for sub in kind.__subclasses__() for each in _known(sub)))


def error_of(failed: Failed) -> EngineError:
    """Return the error that the engine raised on the server, as the same type if it has a code of
    its own."""
    kinds = {kind.code: kind for kind in _known(EngineError) if "code" in vars(kind)}
    return kinds.get(failed.code, EngineError)(failed.says)
