"""The vocabulary of turn-taking: what happened, and what to do about it.

`at` is the sample position in the incoming 16 kHz audio, the only clock that turns know. A number
called `generation`, `reply` or `item` names one piece of work; an event about a piece that is no
longer wanted is ignored.
"""

from dataclasses import dataclass

# What happened


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
    """The possible speech did not become speech."""

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


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The deadline that was asked for is here."""

    at: int
    voiced: int = 0
    """How much voice there has been since speech began, in samples; pauses are left out."""


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
    """The candidate has switched the microphone off: they want a pause."""

    at: int


@dataclass(frozen=True, slots=True)
class Unmuted:
    at: int


@dataclass(frozen=True, slots=True)
class AudioCleared:
    """The client has taken back what the candidate is saying: it was never said."""

    at: int


@dataclass(frozen=True, slots=True)
class ReplyRequested:
    """The client wants a reply now."""

    at: int


@dataclass(frozen=True, slots=True)
class ReplyCancelled:
    """The client wants to hear no more of the reply that is being played."""

    at: int


@dataclass(frozen=True, slots=True)
class UserLeft:
    """The client has left; no audio comes any more. What it has said still counts."""

    at: int


@dataclass(frozen=True, slots=True)
class Transcribed:
    at: int
    generation: int
    text: str
    spare: bool = True
    """Whether the engines have time for work that may be thrown away."""
    failure: str = ""
    """The code of what kept the recognizer from it; the text is then what the captions agreed on,
    most often nothing."""
    confidence: float = 1.0
    """The recognizer's, 0..1; 0 for words that are not from its final transcript."""


@dataclass(frozen=True, slots=True)
class EndOfTurnJudged:
    """An engine has heard a pause. It says so when it can: after the words, before them, or when
    the pause is long past."""

    at: int
    generation: int
    """Of the stretch that ended with the pause."""
    probability: float
    """That the turn is over."""


@dataclass(frozen=True, slots=True)
class PartialTranscribed:
    at: int
    item: int
    text: str
    start: int = 0
    """First sample of the stretch that these words are from."""


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """The reply was played to its end."""

    at: int
    reply: int
    last: bool = False
    """Nothing follows: these were the closing words."""


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
"""What has a rule of its own in each state."""
UserEvent = TextTyped | Muted | Unmuted | UserLeft
ClientRequest = AudioCleared | ReplyRequested | ReplyCancelled
Event = StateEvent | UserEvent | ClientRequest | Transcribed | EndOfTurnJudged | ReplyFinished

# What to do


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Find out what was said from `start` to `end`; answer with `Transcribed`."""

    generation: int
    start: int
    end: int
    cut: bool = False
    """Whether the audio may break off in the middle of a word, because nothing follows it."""


@dataclass(frozen=True, slots=True)
class TranscribePartial:
    """The same, if there is time; answer with `PartialTranscribed`, or not at all."""

    item: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Caption:
    """Show the words of an unfinished turn, those of the stretch that begins at `start`."""

    item: int
    text: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """The interviewer speaks first: a greeting, or the question that was interrupted."""

    reply: int


@dataclass(frozen=True, slots=True)
class Nudge:
    """The candidate has said nothing for a while; say something."""

    reply: int


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Work out the reply to `text` up to its first clause, and hold it."""

    reply: int
    text: str
    overlong: bool = False
    """Whether the turn was ended for its length, which the reply says."""


@dataclass(frozen=True, slots=True)
class CancelTranscription:
    """Stop transcribing a stretch whose words are not needed any more."""

    generation: int


@dataclass(frozen=True, slots=True)
class DiscardReply:
    """Throw away a prepared reply. Nobody will have heard of it."""

    reply: int


@dataclass(frozen=True, slots=True)
class AcceptCaptions:
    """Transcribe this no longer: the words that its captions agreed on have to do. Answered with
    `Transcribed` at once, if it is still under way."""

    generation: int


@dataclass(frozen=True, slots=True)
class CommitTurn:
    """The candidate's turn is over and a fact."""

    item: int
    text: str
    onset: int
    until: int
    typed: bool = False
    broken_off: bool = False
    """Whether the client left while the candidate was speaking."""
    confidence: float = 1.0
    """The recognizer's in the words that were spoken; 1 where none were."""


@dataclass(frozen=True, slots=True)
class DropTurn:
    """What was announced as speech was none."""

    item: int


@dataclass(frozen=True, slots=True)
class PlayReply:
    """Let the prepared reply be heard."""

    reply: int


@dataclass(frozen=True, slots=True)
class PauseReply:
    reply: int


@dataclass(frozen=True, slots=True)
class ResumeReply:
    reply: int


@dataclass(frozen=True, slots=True)
class StopReply:
    """The candidate has taken the floor; nothing more of this reply may be heard."""

    reply: int


@dataclass(frozen=True, slots=True)
class AnnounceSpeech:
    """Tell the client that the candidate has the floor, since `onset`."""

    item: int
    onset: int


@dataclass(frozen=True, slots=True)
class EndConversation:
    """The closing words were played."""


TranscriptionCommand = (
    Transcribe | TranscribePartial | Caption | CancelTranscription | AcceptCaptions
)
TurnCommand = AnnounceSpeech | CommitTurn | DropTurn
ReplyCommand = (
    OpenConversation
    | Nudge
    | PrepareReply
    | DiscardReply
    | PlayReply
    | PauseReply
    | ResumeReply
    | StopReply
)
Command = TranscriptionCommand | TurnCommand | ReplyCommand | EndConversation
