"""The messages that a client may send to a conversation. A wire protocol translates its own into
these."""

from dataclasses import dataclass
from typing import Protocol, assert_never

from ..errors import RateUnsupported
from .turn_steps import Tuning

RATES = (8_000, 16_000, 24_000, 48_000)
"""Sample rates in Hz that a client may send and receive."""


@dataclass(frozen=True, slots=True)
class PushAudio:
    """More of the candidate's audio: mono PCM16, little-endian, any number of bytes."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class PushText:
    """A typed answer, in place of speech."""

    text: str


@dataclass(frozen=True, slots=True)
class CommitAudio:
    """The candidate's utterance is over: answer now."""


@dataclass(frozen=True, slots=True)
class Mute:
    """The candidate has switched the microphone off, or on again."""

    muted: bool


@dataclass(frozen=True, slots=True)
class TestEcho:
    """Find out whether the interviewer's voice comes back through the microphone."""


@dataclass(frozen=True, slots=True)
class ClearAudio:
    """Forget the open turn, as if it was never said."""


@dataclass(frozen=True, slots=True)
class CreateResponse:
    """Say something now: the answer to the open turn, if there is one."""


@dataclass(frozen=True, slots=True)
class CancelResponse:
    """Stop the reply that is being heard."""


@dataclass(frozen=True, slots=True)
class TruncateResponse:
    """The client has played only this much of a reply, and plays no more of it."""

    item: str
    played_ms: int


@dataclass(frozen=True, slots=True)
class Configure:
    """New settings for listening and speaking; None leaves a setting as it is. Raises
    `RateUnsupported`."""

    tuning: Tuning | None = None
    input_rate: int | None = None
    output_rate: int | None = None
    """Takes effect with the next reply."""

    def __post_init__(self) -> None:
        for rate in (self.input_rate, self.output_rate):
            if rate is not None and rate not in RATES:
                raise RateUnsupported(rate, RATES)


ClientMessage = (
    PushAudio
    | PushText
    | CommitAudio
    | ClearAudio
    | Mute
    | TestEcho
    | CreateResponse
    | CancelResponse
    | TruncateResponse
    | Configure
)


class Listener(Protocol):
    """The receiver of a client's messages. `Session` is one."""

    def push_audio(self, pcm: bytes) -> None: ...

    def push_text(self, text: str) -> None: ...

    def commit_audio(self) -> None: ...

    def clear_audio(self) -> None: ...

    def mute(self, *, muted: bool) -> None: ...

    def test_echo(self) -> None: ...

    def create_response(self) -> None: ...

    def cancel_response(self) -> None: ...

    def truncate_response(self, item: str, played_ms: int) -> None: ...

    def configure(self, wanted: Configure) -> None: ...


def deliver(message: ClientMessage, listener: Listener) -> None:
    """Call the method of `listener` that the message asks for."""
    match message:
        case PushAudio(pcm):
            listener.push_audio(pcm)
        case PushText(text):
            listener.push_text(text)
        case CommitAudio():
            listener.commit_audio()
        case ClearAudio():
            listener.clear_audio()
        case Mute(muted):
            listener.mute(muted=muted)
        case TestEcho():
            listener.test_echo()
        case CreateResponse():
            listener.create_response()
        case CancelResponse():
            listener.cancel_response()
        case TruncateResponse(item, played_ms):
            listener.truncate_response(item, played_ms)
        case Configure():
            listener.configure(message)
        case _:
            assert_never(message)
