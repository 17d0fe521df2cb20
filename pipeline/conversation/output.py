"""The events that a conversation sends to the outside, in order. A wire protocol translates them.

`item` names a turn of either side, `response` a reply of the interviewer. Times are milliseconds on
the session's clock (timeline.py); audio positions are samples of the response at 24 kHz.
"""

from dataclasses import dataclass, field
from typing import Literal

from models.contracts import Samples


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The candidate has the floor: whatever is playing must stop."""

    item: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The candidate's turn is over."""

    item: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """More words of the turn that is being spoken, to be appended to those before."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class TranscriptCompleted:
    """The whole turn, which replaces its deltas."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseCreated:
    response: str
    item: str


@dataclass(frozen=True, slots=True)
class AudioDelta:
    response: str
    item: str
    start: int
    audio: Samples


@dataclass(frozen=True, slots=True)
class AudioTranscriptDelta:
    """The clause whose audio begins now."""

    response: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class ResponseDone:
    """Sent once for every `ResponseCreated`, after its last audio was played or cut off."""

    response: str
    item: str
    status: Literal["completed", "cancelled"]
    text: str
    """All that was said, heard or not."""
    heard: str
    timing: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage, see docs/protocol.md."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of the interview as of the reply that begins to be heard now."""

    question: int
    """Number of the plan's question that is being asked or talked about, from 1; 0 before the
    first."""
    questions: int
    seconds_left: int
    """Seconds left of the plan's time; never below 0."""


@dataclass(frozen=True, slots=True)
class MicrophoneTrouble:
    """Something is wrong with the candidate's microphone, or is not any more."""

    trouble: str
    """One of `microphone.Trouble`; empty when all is well again."""
    message: str
    """A sentence for the candidate; empty when all is well again."""


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """The candidate speaks another language from this turn on."""

    item: str
    language: str
    """Its code."""
    followed: bool
    """True if they are understood in it; always true for the interview's own language."""
    message: str
    """A sentence for the candidate; empty for the interview's own language."""


@dataclass(frozen=True, slots=True)
class EchoTested:
    """The test of whether the interviewer's voice comes back through the microphone is over."""

    echo: bool
    """True if it does, so that the client does not cancel it."""
    delay_ms: int | None
    """Time after which the sound came back; None if it did not."""
    level_db: float | None
    """Loudness with which it came back, against that of what was sent."""


@dataclass(frozen=True, slots=True)
class InterviewEnded:
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Something went wrong that a person should read about; the session goes on."""

    code: str
    message: str


Output = (
    SpeechStarted
    | SpeechStopped
    | TranscriptDelta
    | TranscriptCompleted
    | ResponseCreated
    | AudioDelta
    | AudioTranscriptDelta
    | ResponseDone
    | Progress
    | MicrophoneTrouble
    | LanguageChanged
    | EchoTested
    | InterviewEnded
    | Failed
)
