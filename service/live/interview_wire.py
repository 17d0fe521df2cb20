"""The interview protocol of `/ws/interview/{session_id}`: JSON in text frames. Pure;
docs/protocol.md has an example of every message."""

import itertools
import secrets
from collections.abc import Iterator, Mapping
from typing import assert_never

import msgspec

from models.contracts import SPEAKING_RATE
from pipeline.conversation import input as asked
from pipeline.conversation import output

from ..json_text import repair
from .wire import BadMessage, Close, Frame, Received, Why

MAX_AUDIO_FRAME = 256 * 1024
"""Largest client frame that is read, in bytes: 4 s of audio in base64."""
MAX_TEXT = 4_000
"""Most characters of a typed answer: about five minutes of talking."""

LINGER_S = 20.0
"""Seconds that an ended interview waits for the client to close; it finalizes 2 s after the
event."""
ON_ITS_WAY_S = 0.25
"""Seconds for which audio may still be on its way. A client finalizes on a connection of its own:
what it sent over the socket just before may arrive so much later and still counts."""

NORMAL = 1000
ABUSE = 1008
"""The code of RFC 6455 for a client that breaks the rules of the service."""
RESUME = 1011
"""Close code after which clients reconnect. Clients of this protocol take any other code below 4000
for the end of the interview, and connect again to the same session after 1006 or 1011 only. So this
is also the code for a restart (for which 1012 would be more exact) and for a session that failed:
its journal is whole."""
NOT_FOUND = 4004
REPLACED = 4409
"""Codes from 4000 are the application's own; these end as HTTP's 404 and 409 do."""

CLOSES: Mapping[Why, Close] = {
    Why.CLIENT_LEFT: Close(NORMAL, ""),
    Why.COMPLETED: Close(NORMAL, "interview ended", LINGER_S),
    Why.REPLACED: Close(REPLACED, "continued in a newer connection"),
    Why.FINALIZED: Close(NORMAL, "interview finalized", ON_ITS_WAY_S),
    Why.SHUTDOWN: Close(RESUME, "service restarting"),
    Why.FAILED: Close(RESUME, "failed"),
    Why.BUG: Close(RESUME, "internal error"),
    Why.SLOW_CONSUMER: Close(RESUME, "slow consumer"),
    Why.ABUSE: Close(ABUSE, "too many bad messages"),
    Why.SESSION_UNKNOWN: Close(NOT_FOUND, "session not found"),
    Why.SESSION_OVER: Close(NORMAL, "interview over"),
    Why.CONSENT_MISSING: Close(NORMAL, "consent missing"),
}


class InterviewWire:
    input_rate = SPEAKING_RATE

    def __init__(self, closes: Mapping[Why, Close] = CLOSES) -> None:
        self._ids = event_ids()
        self._closes = closes

    def open(self) -> tuple[Frame, ...]:
        return ()

    def decode(self, frame: Frame) -> Received:
        if frame.binary:
            raise BadMessage("binary_frame", "Send JSON in text frames, not binary ones.")
        match decode(frame.data):
            case Ping(ts=ts):
                return Received(answer=(Frame(encode(Pong(next(self._ids), ts))),))
            case Audio(audio=pcm):
                return Received(asked.PushAudio(pcm))
            case AudioEnd():
                return Received(asked.CommitAudio())
            case Text(content=content):
                return Received(asked.PushText(content))
            case Mute(muted=muted):
                return Received(asked.Mute(muted))
            case EchoTest():
                return Received(asked.TestEcho())
            case message:
                assert_never(message)

    def encode(self, said: output.Output) -> list[Frame]:
        return [Frame(encode(event)) for event in translate(said, self._ids)]

    def close(self, why: Why) -> Close:
        return self._closes[why]


class Audio(msgspec.Struct, tag="audio"):
    audio: bytes
    """24 kHz mono PCM16, little-endian; base64 on the wire."""


class Ping(msgspec.Struct, tag="ping"):
    ts: int | float | str | None = None


class AudioEnd(msgspec.Struct, tag="audio_end"): ...


class Text(msgspec.Struct, tag="text"):
    content: str


class Mute(msgspec.Struct, tag="mute"):
    muted: bool


class EchoTest(msgspec.Struct, tag="echo_test"): ...


ClientMessage = Audio | Ping | AudioEnd | Text | Mute | EchoTest

_client: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_WANTED = {
    "audio": "'audio' must be a string: base64 of 24 kHz mono PCM16, little-endian.",
    "ping": "'ts' must be a number; it comes back in the pong.",
    "audio_end": "audio_end has no other fields.",
    "text": "'content' must be a string with the typed answer.",
    "mute": "'muted' must be true or false.",
    "echo_test": "echo_test has no other fields.",
}


def decode(frame: bytes) -> ClientMessage:
    """Decode one text frame into a typed message. Raises `BadMessage`; its sentence names field and
    fix."""
    if len(frame) > MAX_AUDIO_FRAME:
        raise BadMessage(
            "message_too_large",
            f"A message of {len(frame)} bytes was dropped; send audio in messages of at most"
            f" {MAX_AUDIO_FRAME} bytes, best 20 to 100 ms each.",
        )
    try:
        message = _decoded(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _explained(frame) from None
    if isinstance(message, Text):
        _check_text(message.content)
    return message


def _decoded(frame: bytes) -> ClientMessage:
    try:
        return _client.decode(frame)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # a lone surrogate: clients cut texts anywhere
        return _client.decode(repair(frame))


def _check_text(content: str) -> None:
    if not content.replace("\0", "").strip():  # NUL cannot be stored
        raise BadMessage("text_empty", "'content' is empty; write the answer into it.")
    if len(content) > MAX_TEXT:
        raise BadMessage(
            "text_too_long",
            f"'content' has {len(content)} characters; send at most {MAX_TEXT} at a time.",
        )


def _explained(frame: bytes) -> BadMessage:
    """Explain why the frame is not a message: decode it again without types, only in this case of
    failure."""
    try:
        message = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return BadMessage(
            "malformed_json", "The message is not JSON; send one JSON object in a text frame."
        )
    if not isinstance(message, dict):
        return BadMessage("not_an_object", "The message is JSON, but not an object with a 'type'.")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _WANTED:
        known = ", ".join(_WANTED)
        return BadMessage("unknown_type", f"'type' must be one of {known}.")
    if kind == "audio" and isinstance(message.get("audio"), str):
        return BadMessage("bad_base64", "'audio' is not base64 (RFC 4648, with padding).")
    return BadMessage("wrong_field", f"In a message of type {kind}, {_WANTED[kind]}")


class Event(msgspec.Struct):
    """A server event. `event_id` is unique among all events of all connections."""

    event_id: str


class Pong(Event, tag="pong"):
    ts: int | float | str | None


class Error(Event, tag="error"):
    code: str
    message: str


class SpeechStarted(Event, tag="input_audio_buffer.speech_started"):
    item_id: str
    audio_start_ms: int


class SpeechStopped(Event, tag="input_audio_buffer.speech_stopped"):
    item_id: str
    audio_end_ms: int


class TranscriptionDelta(Event, tag="conversation.item.input_audio_transcription.delta"):
    item_id: str
    delta: str


class TranscriptionCompleted(Event, tag="conversation.item.input_audio_transcription.completed"):
    item_id: str
    transcript: str


class ReplyEvent(Event):
    """An event about one reply of the interviewer."""

    response_id: str
    item_id: str


class ResponseCreated(ReplyEvent, tag="response.created"): ...


class AudioDelta(ReplyEvent, tag="response.audio.delta"):
    delta: bytes
    """24 kHz mono PCM16, little-endian; base64 on the wire."""


class AudioTranscriptDelta(ReplyEvent, tag="response.audio_transcript.delta"):
    delta: str


class AudioDone(ReplyEvent, tag="response.audio.done"): ...


class AudioTranscriptDone(ReplyEvent, tag="response.audio_transcript.done"):
    transcript: str


class TextDone(ReplyEvent, tag="response.text.done"):
    text: str


class ResponseDone(ReplyEvent, tag="response.done"):
    status: str
    timing: dict[str, float]


class Progress(Event, tag="interview.progress"):
    question: int
    questions: int
    seconds_left: int


class MicrophoneTrouble(Event, tag="microphone.trouble"):
    trouble: str
    message: str


class LanguageChanged(Event, tag="language.changed"):
    item_id: str
    language: str
    followed: bool
    message: str


class EchoTested(Event, tag="echo_test.completed"):
    echo: bool
    delay_ms: int | None
    level_db: float | None


class InterviewEnded(Event, tag="interview_ended_by_ai"):
    reason: str


ServerEvent = (
    Pong
    | Error
    | SpeechStarted
    | SpeechStopped
    | TranscriptionDelta
    | TranscriptionCompleted
    | ResponseCreated
    | AudioDelta
    | AudioTranscriptDelta
    | AudioDone
    | AudioTranscriptDone
    | TextDone
    | ResponseDone
    | Progress
    | MicrophoneTrouble
    | LanguageChanged
    | EchoTested
    | InterviewEnded
)


InterviewOutput = (
    output.Progress
    | output.MicrophoneTrouble
    | output.LanguageChanged
    | output.EchoTested
    | output.InterviewEnded
    | output.Failed
)
"""Outputs about the interview as a whole."""


def event_ids() -> Iterator[str]:
    """Yield the ids of one connection's events; a client keeps them over a reconnect."""
    connection = secrets.token_hex(4)
    return (f"event_{connection}_{n}" for n in itertools.count(1))


def translate(said: output.Output, ids: Iterator[str]) -> list[ServerEvent]:
    """Return the events that tell a client of `said`, in the order in which they are sent."""
    match said:
        case output.AudioDelta(response=response, item=item, audio=audio):
            pcm = audio.astype("<i2", copy=False).tobytes()
            return [AudioDelta(next(ids), response, item, pcm)]
        case output.SpeechStarted(item=item, at_ms=at_ms):
            return [SpeechStarted(next(ids), item, at_ms)]
        case output.SpeechStopped(item=item, at_ms=at_ms):
            return [SpeechStopped(next(ids), item, at_ms)]
        case output.TranscriptDelta(item=item, text=text):
            return [TranscriptionDelta(next(ids), item, text)]
        case output.TranscriptCompleted(item=item, text=text):
            return [TranscriptionCompleted(next(ids), item, text)]
        case output.ResponseCreated(response=response, item=item):
            return [ResponseCreated(next(ids), response, item)]
        case output.AudioTranscriptDelta(response=response, item=item, text=text):
            return [AudioTranscriptDelta(next(ids), response, item, text)]
        case output.ResponseDone():
            return _reply_ended(said, ids)
        case _:
            return [_about_interview(said, next(ids))]


def _about_interview(said: InterviewOutput, event_id: str) -> ServerEvent:
    match said:
        case output.Progress(question=question, questions=questions, seconds_left=seconds_left):
            return Progress(event_id, question, questions, seconds_left)
        case output.MicrophoneTrouble(trouble=trouble, message=message):
            return MicrophoneTrouble(event_id, trouble, message)
        case output.LanguageChanged(item, language, followed, message):
            return LanguageChanged(event_id, item, language, followed, message)
        case output.EchoTested(echo=echo, delay_ms=delay_ms, level_db=level_db):
            return EchoTested(event_id, echo, delay_ms, level_db)
        case output.InterviewEnded(reason=reason):
            return InterviewEnded(event_id, reason)
        case output.Failed(code=code, message=message):
            return Error(event_id, code, message)


def _reply_ended(said: output.ResponseDone, ids: Iterator[str]) -> list[ServerEvent]:
    """Return the events that end a reply: every part of it is closed before it is; its final text
    is what was heard."""
    response, item = said.response, said.item
    text = said.text if said.status == "completed" else said.heard
    return [
        AudioDone(next(ids), response, item),
        AudioTranscriptDone(next(ids), response, item, text),
        TextDone(next(ids), response, item, text),
        ResponseDone(next(ids), response, item, said.status, said.timing),
    ]


def encode(event: ServerEvent) -> bytes:
    """Encode the event as the bytes of one text frame."""
    return _encoder.encode(event)


_encoder = msgspec.json.Encoder()
