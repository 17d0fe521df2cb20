"""The engines, queues and names that all replies of one session share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from models.contracts import LlmStream, Reasoning

from ..language.english import ENGLISH
from ..language.language import Language
from .jitter import Jitter
from .journal_writer import JournalWriter
from .output_queue import OutputQueue
from .ready_speech import ReadySpeech
from .stats import ConversationStats


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """Everything that the replies of a session need."""

    llm: LlmStream
    voice: ReadySpeech
    outputs: OutputQueue
    journal: JournalWriter
    clock: Callable[[], int]
    """The session's clock in ms."""
    stats: ConversationStats = field(default_factory=ConversationStats)
    names: tuple[str, str] = ("", "")
    """Names of the agent and the user."""
    language: Language = ENGLISH
    known: Reasoning = field(default_factory=Reasoning)
    """Evidence of all sessions about the model's reasoning."""
    reasoning: Reasoning = field(default_factory=Reasoning)
    """Evidence of this session."""
    jitter: Jitter = field(default_factory=Jitter)
    """Irregularity with which the client's audio comes."""
