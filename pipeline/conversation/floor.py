"""The states of the turn machine: who has the floor, and what is known while they have it. Values
only; `turns.py` has the rules. Times are samples of the incoming audio.
"""

from dataclasses import dataclass, field, replace

from .interruption import Evidence


@dataclass(frozen=True, slots=True)
class Part:
    """A transcribed stretch of a turn; `text` is None while the recognizer is at it."""

    generation: int
    start: int
    end: int
    text: str | None = None
    confidence: float = 0.0

    def understood(self, text: str, confidence: float) -> "Part":
        return replace(self, text=text, confidence=confidence)


@dataclass(frozen=True, slots=True)
class Turn:
    """The candidate's turn in the making."""

    item: int
    onset: int
    start: int
    """First sample that is not in `parts`."""
    parts: tuple[Part, ...] = ()
    tries: int = 0

    @property
    def text(self) -> str | None:
        """All words, or None while some are still to come."""
        texts = [part.text for part in self.parts]
        return None if None in texts else " ".join(text for text in texts if text)

    @property
    def confidence(self) -> float:
        """The recognizer's, as the mean over the stretches with words, each by its length; of a
        turn without any, over them all. 1 if nothing was transcribed."""
        parts = [part for part in self.parts if part.text] or self.parts
        weights = [max(1, part.end - part.start) for part in parts]
        sure = sum(part.confidence * w for part, w in zip(parts, weights, strict=True))
        return sure / sum(weights) if weights else 1.0

    def transcribed(self, generation: int, text: str, confidence: float) -> "Turn":
        """The turn with the words of that part; the same turn if it has no such part."""
        parts = (
            part.understood(text, confidence) if part.generation == generation else part
            for part in self.parts
        )
        return replace(self, parts=tuple(parts))


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody speaks; the candidate may."""

    since: int


@dataclass(frozen=True, slots=True)
class UserSpeaking:
    """The candidate speaks."""

    turn: Turn
    next_partial: int


@dataclass(frozen=True, slots=True)
class Endpointing:
    """The candidate paused: is their turn over? Its last part is what was said up to here."""

    turn: Turn
    until: int
    """End of the last voice."""
    latest: int
    """When to answer at the latest."""
    prepared: int | None = None
    """The reply that is being worked out, unheard."""
    prepare_at: int | None = None
    """When to work a reply out all the same, although the sentence looks unfinished."""
    not_before: int = 0
    """There is possible speech; wait until here for what becomes of it."""
    judged: float | None = None
    """Probability that the turn is over, by an engine; None until it has said so."""


@dataclass(frozen=True, slots=True)
class AgentSpeaking:
    """The agent speaks, or is about to."""

    reply: int


@dataclass(frozen=True, slots=True)
class PossibleBargeIn:
    """There is voice over the reply, which is paused: a barge-in, or a cough?"""

    reply: int
    onset: int
    turn: Turn | None = None
    next_partial: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    resumed: bool = False
    """No word came for so long that the reply goes on; words may still interrupt it."""


@dataclass(frozen=True, slots=True)
class ClassifyingBargeIn:
    """The voice over the reply was short and is over; its words decide: barge-in or backchannel?"""

    reply: int
    turn: Turn
    until: int


@dataclass(frozen=True, slots=True)
class EndingLastTurn:
    """The client has left in the middle of a turn; the recognizer still owes words of it."""

    turn: Turn
    until: int
    over_reply: bool = False
    """It began over a reply and was not confirmed as an interruption: its words decide."""
    broken_off: bool = False
    """They were speaking, and had not paused."""
    typed: str = ""
    """What they typed then."""


@dataclass(frozen=True, slots=True)
class EndingTypedTurn:
    """The candidate typed something while they were speaking: it is taken together with what they
    said, as soon as those words are known."""

    turn: Turn
    until: int
    """When they typed it. What they say from then on is no part of the turn."""
    text: str
    by: int | None
    """When the words have to be known; None once they were asked for."""
    over_reply: bool = False
    """As in `EndingLastTurn`."""
    next: Turn | None = None
    """What the candidate says meanwhile; None while they are silent."""


@dataclass(frozen=True, slots=True)
class EndingLongTurn:
    """The candidate's turn was ended for its length; the agent breaks in as soon as its words are
    known."""

    turn: Turn
    until: int
    next: Turn | None
    """What the candidate says meanwhile; None while they are silent."""


@dataclass(frozen=True, slots=True)
class AgentInterrupting:
    """The agent breaks in: no voice stops this reply, else a television never lets it be heard."""

    reply: int
    next: Turn | None
    """What the candidate says meanwhile; None while they are silent. It is their next turn if
    they still speak when the reply is over."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The interview is over, or the client has left."""


Floor = (
    Idle
    | UserSpeaking
    | Endpointing
    | AgentSpeaking
    | PossibleBargeIn
    | ClassifyingBargeIn
    | EndingLongTurn
    | AgentInterrupting
    | EndingTypedTurn
    | EndingLastTurn
    | Closed
)
