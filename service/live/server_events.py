"""The events that a client of `/ws/interview/{session_id}` is sent, and which of them tell it of
what the conversation puts out. Pure; docs/protocol.md has an example of each."""

import itertools
import secrets
from collections.abc import Iterator

import msgspec

from pipeline.conversation import output


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
