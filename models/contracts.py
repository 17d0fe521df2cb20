"""Contracts between the conversation and its engines.

An engine is shared by all sessions; what `open()` returns belongs to one session and is closed with
it. Audio in is 16 kHz mono PCM16, audio out 24 kHz mono PCM16, both as numpy int16 arrays.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

HEARING_RATE = 16_000
"""Sample rate in Hz of the audio that engines listen to."""
SPEAKING_RATE = 24_000
"""Sample rate in Hz of synthesized speech, and of audio on the wire in both directions."""
FRAME = 320
"""Samples in the 20 ms frame that voice activity detection works on."""

Samples = NDArray[np.int16]


class VadStream(Protocol):
    """The voice activity detector of one session; it keeps state between frames."""

    def probability(self, frame: Samples) -> float:
        """Return the probability (0..1) that this frame of `FRAME` samples contains speech. Costs <
        0.2 ms, so it may be called on the event loop."""
        ...


VadKind = Literal["webrtc", "silero", "both"]
"""Which voice activity detector to use; `vad.detector.choose` makes it."""


class Vad(Protocol):
    def open(self) -> VadStream: ...


@dataclass(frozen=True, slots=True)
class Transcript:
    """The recognized text of one stretch of speech; `text` is empty when nothing was said."""

    text: str
    language: str
    confidence: float = 1.0
    """exp of the mean log-probability of the text's tokens, 0..1."""
    usual: float = field(default=0.0, compare=False)
    """Seconds that audio of this length takes on this machine when nothing else is computed; 0 if
    not known."""
    spoken: Mapping[str, float] = field(default_factory=dict, compare=False)
    """The likeliest languages of the speech by ISO 639-1 code, with their probabilities (0..1),
    whatever language it was transcribed in. Empty where that was not judged: by a recognizer of one
    language, in a partial transcript, and where there is too little voice to tell."""
    sound: float | None = field(default=None, compare=False)
    """Probability (0..1) that the audio is a sound without words, such as a cough, by the
    recognizer; None if it cannot tell, or was not asked: it is in urgent partials."""


class TranscriptStream(Protocol):
    """The transcriptions of one session. Finals are served before the partials of all sessions,
    unless those are urgent."""

    async def final(self, audio: Samples, context: str = "") -> Transcript:
        """Transcribe a stretch of at most `Transcriber.max_seconds`. `context` is text said just
        before, or words to expect. Cancelling the call drops the job if it has not started."""
        ...

    async def partial(
        self, audio: Samples, context: str = "", *, urgent: bool = False
    ) -> Transcript | None:
        """Transcribe like `final`, at low priority, or with `urgent` at once, because a reply is
        held up for it. Return None when a newer request of this session replaced this one, or when
        there is no time for partials at the moment."""
        ...

    def close(self) -> None: ...


class Transcriber(Protocol):
    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that `open` accepts, as ISO 639-1 codes."""
        ...

    @property
    def max_seconds(self) -> float:
        """Length of the longest stretch of speech that is transcribed as a whole."""
        ...

    def open(self, language: str, terms: Sequence[str] = ()) -> TranscriptStream:
        """Start a session's transcriptions. `terms` are names and terms that may be said: they are
        preferred in final transcripts to words that sound like them."""
        ...


class EndOfTurnStream(Protocol):
    """The end-of-turn judgements of one session."""

    async def probability(self, audio: Samples) -> float:
        """Return the probability (0..1) that the speaker has finished, by the sound. `audio` is the
        turn up to the pause, and a little of that; its words are still being transcribed. There is
        no deadline: the caller holds nothing up meanwhile, and ignores an answer about a turn that
        went on. Cancelling the call drops the job."""
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
    longest common prefix of messages costs nothing again, and an assistant message that equals the
    text generated there, or its beginning, is not tokenized again.
    """

    # docs/decisions/005-stateless-llm.md: speculation and resumption are the same call
    def reply(
        self, messages: Sequence[Message], *, max_tokens: int = 120, choices: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        """Yield the assistant's next message in pieces of text. Closing the iterator, or cancelling
        the task that reads it, stops the generation within one step. A second call while one is
        running stops the first. Where there are `choices`, the message is one of them, word for
        word; an engine that cannot see to that ignores them, so the caller checks the text."""
        ...

    async def warm(self, messages: Sequence[Message]) -> None:
        """Compute these messages ahead, at low priority, so that a later `reply` that begins with
        them starts sooner."""
        ...

    def close(self) -> None: ...


class Llm(Protocol):
    def open(self) -> LlmStream: ...

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """Return a JSON text that fits the JSON schema. Runs at lower priority than any
        dialogue."""
        ...

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        """Return how likely the assistant's next message begins with each of the options, as shares
        that add up to 1. The options begin with different tokens, such as "Yes" and "No". Runs at
        the priority of `fill`."""
        ...

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        """Compute these beginnings of prompts once and keep them for good: whatever starts with one
        of them, in any session, costs only what comes after it. Called once, before anybody talks;
        a second call replaces the heads."""
        ...


# docs/decisions/071-sentence-end.md: only a model in this process can
@runtime_checkable
class SentenceEnd(Protocol):
    """A language model that can tell where a sentence ends; one behind a server's interface
    cannot."""

    async def ends(self, messages: Sequence[Message]) -> float:
        """Return the probability (0..1) that the last message, which may break off anywhere, has a
        sentence's end or its own end next. Goes before all work ahead. Cancelling the call drops
        the job."""
        ...


class Voice(Protocol):
    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        """Return the clause as 24 kHz speech, with silence trimmed at both ends; empty when the
        text has nothing to pronounce. Nobody waits yet for what is spoken `ahead`: it is not begun
        while anything else waits. Cancelling the call drops the job if it has not started."""
        ...


Form = Literal["tasks", "dialogue"]
"""Form in which a language model takes part in an interview: small tasks, which any model can do,
or a dialogue that it words itself."""


@dataclass(slots=True)
class Reasoning:
    """Evidence from a language model's replies that it writes out its reasoning."""

    unopened: bool | None = False
    """True if the text begins inside the reasoning because the chat template already wrote the
    opening tag. None until a reply has shown it."""
    seen: bool = False
    unclear: int = 0
    """Number of replies in a row that did not show it."""

    def learn_from(self, other: "Reasoning") -> None:
        """Adopt another session's finding that the model reasons. That it does not reason is never
        adopted, because the server may change its model."""
        self.seen = self.seen or other.seen
        self.unopened = other.unopened or self.unopened


@dataclass(frozen=True, slots=True)
class Engines:
    """All the engines that a conversation needs."""

    vad: Vad
    transcriber: Transcriber
    llm: Llm
    voice: Voice
    reasoning: Reasoning = field(default_factory=Reasoning)
    form: Form = "tasks"
    end_of_turn: EndOfTurn | None = None
    """None: the words alone decide."""
    voice_languages: tuple[str, ...] = ()
    """Languages that the voice speaks; empty if they are not known."""
    sentence_end: SentenceEnd | None = None
    """None: what is said of a sentence's end by its words is left out."""
