"""What the conversation may ask of an engine.

An engine is shared by all sessions; what `open()` returns belongs to one session and is closed
with it. Audio in is 16 kHz mono PCM16, audio out 24 kHz mono PCM16, both as numpy int16 arrays.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

HEARING_RATE = 16_000
"""Samples a second of everything that listens."""
SPEAKING_RATE = 24_000
"""Samples a second of everything that speaks, and of the wire in both directions."""
FRAME = 320
"""Samples in the 20 ms frame that voice activity is judged on."""

Samples = NDArray[np.int16]


class VadStream(Protocol):
    """The voice activity of one session; state is kept between frames."""

    def probability(self, frame: Samples) -> float:
        """Probability 0..1 that a person speaks in this frame of `FRAME` samples. Costs < 0.2 ms
        and may be called on the event loop."""
        ...


VadKind = Literal["webrtc", "silero", "both"]
"""Which judge of voice activity is asked; `vad.choose` makes it."""


class Vad(Protocol):
    def open(self) -> VadStream: ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood of one stretch of speech. `text` is empty when nothing was said."""

    text: str
    language: str
    confidence: float = 1.0
    """exp of the mean log-probability of the text's tokens, 0..1."""


class TranscriptStream(Protocol):
    """The speech of one session. Finals go before the partials of all sessions."""

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        """Transcribe a stretch of at most `Transcriber.max_seconds`. `context` is text said just
        before, or words to expect. Cancelling the call drops the job if it has not started."""
        ...

    async def partial(self, audio: Samples, context: str = "") -> Transcript | None:
        """Like `final`, at low priority. None when a newer request of this session replaced it
        or there is no time for partials now."""
        ...

    def close(self) -> None: ...


class Transcriber(Protocol):
    @property
    def languages(self) -> tuple[str, ...]:
        """What `open` accepts, as ISO 639-1 codes."""
        ...

    @property
    def max_seconds(self) -> float:
        """The longest stretch of speech that is transcribed as a whole."""
        ...

    def open(self, language: str) -> TranscriptStream: ...


class EndOfTurnStream(Protocol):
    """The turns of one session."""

    async def probability(self, audio: Samples, text: str) -> float:
        """Probability 0..1 that the speaker has finished: `audio` is the turn's last stretch up to
        the pause, `text` what was understood of the turn, empty while that is not known. It may
        take as long as it takes: whoever asks does not wait with anything else, and ignores an
        answer about a turn that went on meanwhile. Cancelling the call drops the job."""
        ...

    def close(self) -> None: ...


class EndOfTurn(Protocol):
    def open(self, language: str) -> EndOfTurnStream: ...


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


class LlmStream(Protocol):
    """The dialogue of one session.

    The whole list of messages is given each time. An engine keeps what it computed before: the
    longest common run of messages costs nothing again, and an assistant message that equals, or
    is the beginning of, what was generated there is not tokenized anew.
    """

    # docs/decisions/005-stateless-llm.md: speculation and resumption are the same call
    def reply(self, messages: Sequence[Message], *, max_tokens: int = 120) -> AsyncIterator[str]:
        """Yield the assistant's next message in pieces of text. Closing the iterator, or
        cancelling the task that reads it, stops the generation within one step. A second call
        while one runs stops the first."""
        ...

    async def warm(self, messages: Sequence[Message]) -> None:
        """Compute these messages ahead, at low priority, so that a later `reply` that begins
        with them starts sooner."""
        ...

    def close(self) -> None: ...


class Llm(Protocol):
    def open(self) -> LlmStream: ...

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """One JSON text that fits the JSON schema, at lower priority than any dialogue."""
        ...


class Voice(Protocol):
    async def speak(self, text: str) -> Samples:
        """The clause as 24 kHz speech, silence trimmed at both ends. Empty when the text has
        nothing to pronounce. Cancelling the call drops the job if it has not started."""
        ...


@dataclass(slots=True)
class Reasoning:
    """What the replies of a language model have shown of its reasoning."""

    unopened: bool | None = False
    """Whether its text begins within reasoning, because its template wrote the opening tag. None
    until a reply has shown it."""
    seen: bool = False
    unclear: int = 0
    """Replies in a row that did not show it."""

    def learn_from(self, other: "Reasoning") -> None:
        """Take over what another session found: that there is reasoning, not that there is none,
        as the server may change its model."""
        self.seen = self.seen or other.seen
        self.unopened = other.unopened or self.unopened


@dataclass(frozen=True, slots=True)
class Engines:
    """All that a conversation needs of the machine."""

    vad: Vad
    transcriber: Transcriber
    llm: Llm
    voice: Voice
    reasoning: Reasoning = field(default_factory=Reasoning)
