"""What a client may ask of a conversation. A wire protocol translates its messages into these."""

from dataclasses import dataclass
from typing import Protocol, assert_never


@dataclass(frozen=True, slots=True)
class PushAudio:
    """More of the candidate's audio: mono PCM16, little-endian, any number of bytes."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class PushText:
    """A typed answer, instead of speech."""

    text: str


@dataclass(frozen=True, slots=True)
class CommitAudio:
    """The candidate says that their utterance is over: answer now."""


@dataclass(frozen=True, slots=True)
class Mute:
    """The candidate has switched the microphone off, or on again."""

    muted: bool


ClientMessage = PushAudio | PushText | CommitAudio | Mute


class Listener(Protocol):
    """Takes what the client asks. `Session` is one."""

    def push_audio(self, pcm: bytes) -> None: ...

    def push_text(self, text: str) -> None: ...

    def commit_audio(self) -> None: ...

    def mute(self, *, muted: bool) -> None: ...


def deliver(message: ClientMessage, listener: Listener) -> None:
    """Tell `listener` what the client asks."""
    match message:
        case PushAudio(pcm):
            listener.push_audio(pcm)
        case PushText(text):
            listener.push_text(text)
        case CommitAudio():
            listener.commit_audio()
        case Mute(muted):
            listener.mute(muted=muted)
        case _:
            assert_never(message)
