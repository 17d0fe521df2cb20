"""The commands of turn-taking: what to do about what happened (`events.py`). Positions are samples
of the incoming 16 kHz audio."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Make the final transcript of the audio from `start` to `end`; answered with `Transcribed`."""

    generation: int
    start: int
    end: int
    cut: bool = False
    """True if the audio may break off in the middle of a word, because nothing follows it."""
    voice: int = field(default=0, compare=False)
    """First sample of the voice, or a little before it; soft words may come before that."""


@dataclass(frozen=True, slots=True)
class TranscribePartial:
    """Transcribe if there is time; answered with `PartialTranscribed`, or not at all."""

    item: int
    start: int
    end: int
    urgent: bool = False
    """True for a look at voice over a reply, which waits for it."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Show the words of an unfinished turn, in the stretch that begins at `start`."""

    item: int
    text: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class TakeForOthers:
    """Take the voice that has been quieter than the candidate for that of others."""


@dataclass(frozen=True, slots=True)
class OpenConversation:
    """Let the interviewer speak first: a greeting, or the question that was interrupted."""

    reply: int


@dataclass(frozen=True, slots=True)
class Nudge:
    """Say something, because the candidate has said nothing for a while."""

    reply: int


@dataclass(frozen=True, slots=True)
class PrepareReply:
    """Prepare the reply to `text` up to its first clause, and hold it."""

    reply: int
    text: str
    overlong: bool = False
    """True if the turn was ended for its length, which the reply mentions."""


@dataclass(frozen=True, slots=True)
class CancelTranscription:
    """Stop transcribing a stretch whose words are not needed any more."""

    generation: int


@dataclass(frozen=True, slots=True)
class DiscardReply:
    """Discard a prepared reply, of which nobody has heard anything."""

    reply: int


@dataclass(frozen=True, slots=True)
class AcceptCaptions:
    """Give this transcription up and make do with the words that its captions agreed on. Answered
    with `Transcribed` at once, if it is still in progress."""

    generation: int


@dataclass(frozen=True, slots=True)
class CommitTurn:
    """Commit the candidate's turn: it is over, and goes on record."""

    item: int
    text: str
    onset: int
    until: int
    typed: bool = False
    broken_off: bool = False
    """True if the client left while the candidate was speaking."""
    confidence: float = 1.0
    """The recognizer's confidence in the spoken words; 1 where there were none."""
    due: int | None = field(default=None, compare=False)
    """The end of the endpoint delay that was chosen for it, also where its words came only later;
    None for a turn that did not end with a pause. For measurements."""


@dataclass(frozen=True, slots=True)
class DropTurn:
    """Drop a turn that was announced as speech and turned out not to be."""

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
    """Stop a reply at once, because the candidate has taken the floor."""

    reply: int


@dataclass(frozen=True, slots=True)
class AnnounceSpeech:
    """Tell the client that the candidate has had the floor since `onset`."""

    item: int
    onset: int


@dataclass(frozen=True, slots=True)
class EndConversation:
    """End the conversation, because the closing words were played."""


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
Command = TranscriptionCommand | TurnCommand | ReplyCommand | TakeForOthers | EndConversation
