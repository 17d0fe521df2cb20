"""One job for the language model: a reply, a computation ahead, or a form."""

import asyncio
import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol

from ..contracts import Message
from ..errors import EngineError
from .batch_plan import Priority
from .sampling import Chooser
from .slots import Slot
from .token_log import Generated, TokenLog


class Sink(Protocol):
    """The receiver of a job's output. Called on the event loop that it names."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    def text(self, piece: str) -> None: ...

    def end(self, error: EngineError | None) -> None: ...


class Writing:
    """The text generated so far, in whole characters and without leading white space."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tokens: list[int] = []
        self._ends: list[int] = []
        self.text = ""

    def add(self, token: int, piece: bytes) -> str:
        """Add a token; return the characters that it completes."""
        new = self._decoder.decode(piece)
        if not self.text:
            new = new.lstrip()
        self.text += new
        self._tokens.append(token)
        self._ends.append(len(self.text))
        return new

    @property
    def begun(self) -> bool:
        return bool(self._tokens)

    @property
    def generated(self) -> Generated:
        return Generated(self.text, tuple(self._tokens), tuple(self._ends))


@dataclass(slots=True, eq=False)
class Job:
    """A job. Once it is started, everything but `stopped` belongs to the scheduler's thread."""

    priority: Priority
    log: TokenLog
    messages: Sequence[Message]
    limit: int
    """Maximum number of tokens in the messages."""
    budget: int
    """Maximum number of tokens to generate."""
    chooser: Callable[[], Chooser] | None
    """Makes the object that chooses the tokens; without one, none are generated."""
    sink: Sink
    goes_on: bool = False
    """True if what follows continues the last message."""
    head: bool = False
    """True for the beginning of prompts that is kept for all conversations."""
    stopped: bool = False
    """True when nobody waits any more. May be set from any thread; obeyed before the next step."""
    held: bool = False
    """True when the job had to give up its memory: it waits until another job has ended."""
    asked: float = field(default_factory=monotonic)
    tokens: list[int] = field(default_factory=list)
    """The prompt, followed by the generated tokens."""
    choosing: Chooser | None = None
    slot: Slot | None = None
    writing: Writing = field(default_factory=Writing)

    @property
    def pending(self) -> int:
        """Return how many tokens the model has not read."""
        return len(self.tokens) - (len(self.slot.tokens) if self.slot else 0)


def again(job: Job) -> Job:
    """Return the same job, not started yet."""
    return replace(
        job, tokens=[], choosing=None, slot=None, writing=Writing(), stopped=False, held=False
    )
