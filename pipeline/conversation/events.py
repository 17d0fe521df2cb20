"""The events of turn-taking: what happened. `commands.py` has what to do about it.

`at` is the sample position in the incoming 16 kHz audio, the only clock of turn-taking. A number
called `generation`, `reply` or `item` names one piece of work; an event about a piece that is no
longer wanted is ignored.
"""

from dataclasses import dataclass, field

from .interruption import Sound


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The client is connected; the interviewer may speak."""

    at: int


@dataclass(frozen=True, slots=True)
class PossibleSpeech:
    """There is voice that may become speech; `onset` is its first sample."""

    at: int
    onset: int


@dataclass(frozen=True, slots=True)
class PossibleSpeechEnded:
    """The possible speech turned out not to be speech."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    at: int
    onset: int


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Soft end: silence since `until`, perhaps the end of the turn."""

    at: int
    until: int
    voiced: int | None = field(default=None, compare=False)
    """Samples of voice since speech began, without pauses; None where they were not counted."""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The requested deadline has been reached."""

    at: int
    voiced: int = 0
    """Samples of voice since speech began, without pauses."""
    quiet: int = 0
    """The quietest place lately, where a long speech may be cut; 0 if it is not known."""
    faint: bool = False
    """True if what is heard is the end of a sound that dies away."""


@dataclass(frozen=True, slots=True)
class TextTyped:
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class AudioCommitted:
    """The candidate says that they have finished."""

    at: int


@dataclass(frozen=True, slots=True)
class Muted:
    """The candidate has switched the microphone off because they want a pause."""

    at: int


@dataclass(frozen=True, slots=True)
class Unmuted:
    at: int


@dataclass(frozen=True, slots=True)
class AudioCleared:
    """The client has taken back what the candidate is saying, as if it was never said."""

    at: int


@dataclass(frozen=True, slots=True)
class ReplyRequested:
    """The client wants a reply now."""

    at: int


@dataclass(frozen=True, slots=True)
class ReplyCancelled:
    """The client does not want to hear any more of the reply that is being played."""

    at: int


@dataclass(frozen=True, slots=True)
class UserLeft:
    """The client has left, and no more audio comes. What it has said still counts."""

    at: int


@dataclass(frozen=True, slots=True)
class Transcribed:
    at: int
    generation: int
    text: str
    spare: bool = True
    """True if the engines have time for work that may be thrown away."""
    failure: str = ""
    """Code of what kept the recognizer from transcribing; the text is then what the captions agreed
    on, most often nothing."""
    confidence: float = 1.0
    """The recognizer's confidence, 0..1; 0 for words that are not from its final transcript."""
    own: bool = False
    """True if these are words that the interviewer has just said: an echo."""
    sound: Sound = Sound.UNCLEAR
    shown: str = ""
    """The words that captions agreed on, if the final transcript has none but somebody did
    speak."""


# docs/decisions/040-end-of-turn-event.md: an engine may be slow, or never answer
@dataclass(frozen=True, slots=True)
class EndOfTurnJudged:
    """An engine has judged a pause. This may come after the words, before them, or when the pause
    is long past."""

    at: int
    generation: int
    """Generation of the stretch that ended with the pause."""
    probability: float
    """Probability (0..1) that the turn is over."""


# docs/decisions/071-sentence-end.md: it is asked where the others do not tell
@dataclass(frozen=True, slots=True)
class SentenceJudged:
    """A language model has read the words before a pause; may come at any time, too."""

    at: int
    generation: int
    probability: float
    """Probability (0..1) that a sentence ends after them."""


@dataclass(frozen=True, slots=True)
class PartialTranscribed:
    at: int
    item: int
    text: str
    start: int = 0
    """First sample of the stretch that these words are from."""
    confidence: float = 1.0
    voiced: int | None = None
    """Samples of voice that were looked at, as in `SpeechPaused`."""
    own: bool = False
    """True if these are words that the interviewer has just said: an echo."""
    ours: bool = False
    """True if one of the words is the interviewer's, so that by itself it may be an echo."""
    sound: Sound = Sound.UNCLEAR
    until: int | None = None
    """End of the audio that was transcribed; None if it is `at`."""
    quieter_since: int | None = None
    """Time since which the voice has been quieter than the candidate; None unless it is so for a
    while."""
    wordless: float | None = None
    """Probability that it is a sound without words, by the recognizer; None if it cannot tell."""
    alone: bool = False
    """True if nobody talked while the interviewer spoke, or only more quietly, so that it may well
    be the candidate's."""


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The reply was played to its end."""

    at: int
    reply: int
    last: bool = False
    """True for the closing words, after which nothing follows."""


StateEvent = (
    SessionStarted
    | PossibleSpeech
    | PossibleSpeechEnded
    | SpeechBegan
    | SpeechPaused
    | DeadlineReached
    | AudioCommitted
    | PartialTranscribed
)
"""Events for which each state has its own rule."""
UserEvent = TextTyped | Muted | Unmuted | UserLeft
ClientRequest = AudioCleared | ReplyRequested | ReplyCancelled
Judged = EndOfTurnJudged | SentenceJudged
Event = StateEvent | UserEvent | ClientRequest | Transcribed | Judged | ReplyFinished
