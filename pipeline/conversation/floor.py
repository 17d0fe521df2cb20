"""The states of the turn machine: who has the floor, and what is known meanwhile. Values only;
`turns.py` has the rules. Times are samples of the incoming audio."""

from dataclasses import dataclass, field, replace

from .completeness import Signs
from .interruption import BELIEVED_AT_LAST, Evidence, Heard, Sound
from .stalling import Words


@dataclass(frozen=True, slots=True)
class Part:
    """A transcribed stretch of a turn; `text` is None while the recognizer is working on it."""

    generation: int
    start: int
    end: int
    text: str | None = None
    confidence: float = 0.0
    sound: Sound = Sound.UNCLEAR

    @property
    def believed(self) -> bool:
        """Return True if it has words that the recognizer does not doubt."""
        return bool(self.text) and not 0 < self.confidence < BELIEVED_AT_LAST

    @property
    def heard(self) -> Heard:
        return Heard(self.text or "", self.confidence, self.sound)

    def understood(self, heard: Heard) -> "Part":
        return replace(self, text=heard.text, confidence=heard.confidence, sound=heard.sound)


@dataclass(frozen=True, slots=True)
class Turn:
    """The candidate's turn so far."""

    item: int
    onset: int
    start: int
    """First sample that is not in `parts`."""
    parts: tuple[Part, ...] = ()
    tries: int = 0
    over_reply: bool = field(default=False, compare=False)
    """True if it began as voice over a reply, which may be that reply's echo."""
    known: Part | None = field(default=None, compare=False)
    """The latest transcript with believable words of a stretch that is to be transcribed again,
    because the turn went on."""

    @property
    def text(self) -> str | None:
        """Return all words, or None while some are still to come."""
        texts = [part.text for part in self.parts]
        return None if None in texts else " ".join(text for text in texts if text)

    @property
    def finals(self) -> dict[int, str]:
        """Return the final transcripts so far, by the first sample of each stretch."""
        return {part.start: part.text for part in self.parts if part.text is not None}

    @property
    def confidence(self) -> float:
        """Return the recognizer's confidence: the mean over the stretches with words, weighted by
        length, or over all stretches if none has words. 1 if nothing was transcribed."""
        parts = [part for part in self.parts if part.text] or self.parts
        weights = [max(1, part.end - part.start) for part in parts]
        sure = sum(part.confidence * w for part, w in zip(parts, weights, strict=True))
        return sure / sum(weights) if weights else 1.0

    @property
    def sound(self) -> Sound:
        """Return what all stretches with words sound like."""
        sounds = {part.sound for part in self.parts if part.text}
        return sounds.pop() if len(sounds) == 1 else Sound.UNCLEAR

    @property
    def heard(self) -> Heard:
        """Return the words, once all are known, and how far to believe them."""
        return Heard(self.text or "", self.confidence, self.sound)

    def transcribed(self, generation: int, heard: Heard, shown: str = "") -> "Turn":
        """Return the turn with the words of that part, or unchanged if it has no such part.
        `shown`: words of it that captions agreed on."""
        parts = (
            self._worded(part, heard, shown) if part.generation == generation else part
            for part in self.parts
        )
        return replace(self, parts=tuple(parts))

    def _worded(self, part: Part, heard: Heard, shown: str) -> Part:
        """Return the part with these words. Where there are none, but were before the turn went on,
        or were shown, it has those: neither more audio nor another try unsays them."""
        if not heard.text and self.known and self.known.start == part.start:
            heard = self.known.heard
        elif not heard.text and shown:
            heard = Heard(shown, 0.0)
        return part.understood(heard)


@dataclass(frozen=True, slots=True)
class Idle:
    """Nobody is speaking; the candidate may."""

    since: int


@dataclass(frozen=True, slots=True)
class UserSpeaking:
    """The candidate is speaking."""

    turn: Turn
    next_partial: int
    heard: Words = field(default_factory=Words)
    """The words of the present stretch in its partial transcripts."""


@dataclass(frozen=True, slots=True)
class Endpointing:
    """The candidate paused, and may have finished. The turn's last part is what was said up to
    here."""

    turn: Turn
    until: int
    """End of the last voice."""
    latest: int
    """Latest time to answer."""
    prepared: int | None = None
    """The reply that is being prepared, unheard."""
    prepare_at: int | None = None
    """Time to prepare a reply even though the sentence looks unfinished."""
    not_before: int = 0
    """Earliest time to answer, because possible speech is still to be judged."""
    judged: float | None = None
    """Probability that the turn is over, given by an engine; None before that."""
    sentence: float | None = None
    """Probability that a sentence ends here, given by a language model that read the words."""
    stalled: Words | None = None
    """The words of the last part if there was no pause, but no more of them for so long; otherwise
    None."""
    quieter: bool = False
    """True if that voice was quieter than the candidate: it is others' if the final transcript has
    no more words of it."""
    in_voice: bool = False
    """True while the candidate speaks on although the client has ended the turn."""

    @property
    def signs(self) -> Signs | None:
        """Return what is known of the pause; None while its words are not."""
        text = self.turn.text
        if text is None:
            return None
        return Signs(text, self.judged, self.turn.confidence, self.sentence)


@dataclass(frozen=True, slots=True)
class AgentSpeaking:
    """The agent is speaking, or is about to."""

    reply: int


@dataclass(frozen=True, slots=True)
class PossibleBargeIn:
    """There is voice over the reply, which is paused until it is clear whether this is a barge-in
    or a cough."""

    reply: int
    onset: int
    turn: Turn | None = None
    next_partial: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    resumed: bool = False
    """True if the reply goes on, because no word came for so long or the voice is over; words may
    still interrupt it."""
    voiced: int = 0
    """Samples of voice when it was looked at last."""
    next_check: int = 0
    """Time to ask whether it has died away, before the next look."""

    @property
    def may_fade(self) -> bool:
        """Return True if the reply goes on as soon as the voice dies away: it was looked at, and
        there was no word so far."""
        return self.voiced > 0 and not self.resumed and not self.evidence.seen


@dataclass(frozen=True, slots=True)
class ClassifyingBargeIn:
    """The voice over the reply was short and is over; its words decide whether it was a barge-in or
    a backchannel."""

    reply: int
    turn: Turn
    until: int
    resumed: bool = False
    """True if the reply goes on, as in `PossibleBargeIn`."""


@dataclass(frozen=True, slots=True)
class EndingLastTurn:
    """The client has left in the middle of a turn, whose last words are still being transcribed."""

    turn: Turn
    until: int
    over_reply: bool = False
    """True if the turn began over a reply and was not confirmed as an interruption: its words
    decide."""
    broken_off: bool = False
    """True if the candidate was speaking and had not paused."""
    typed: str = ""
    """Text that the candidate typed during the turn."""


@dataclass(frozen=True, slots=True)
class EndingTypedTurn:
    """The candidate typed something while they were speaking: it is taken together with what they
    said, as soon as those words are known."""

    turn: Turn
    until: int
    """Time at which the candidate typed it. What they say from then on is not part of the turn."""
    text: str
    by: int | None
    """Time by which the words have to be known; None once they were asked for."""
    over_reply: bool = False
    """True if the turn began over a reply, as in `EndingLastTurn`."""
    next: Turn | None = None
    """The turn that the candidate has begun meanwhile; None while they are silent."""


@dataclass(frozen=True, slots=True)
class EndingLongTurn:
    """The candidate's turn was ended for its length; the agent breaks in as soon as its words are
    known."""

    turn: Turn
    until: int
    next: Turn | None
    """The turn that the candidate has begun meanwhile; None while they are silent."""


@dataclass(frozen=True, slots=True)
class AgentInterrupting:
    """The agent is breaking in. No voice stops this reply, because otherwise a television could
    keep it from ever being heard."""

    reply: int
    next: Turn | None
    """The turn that the candidate has begun meanwhile; None while they are silent. It becomes their
    next turn if they are still speaking when the reply is over."""


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
