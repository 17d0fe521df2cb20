"""One piece of work for the language model: a reply, a warming-up, a form."""

import asyncio
import codecs
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from ..contracts import Message
from ..errors import EngineError
from .batch_plan import Priority
from .sampling import Chooser
from .slots import Slot
from .token_log import Generated, TokenLog


class Sink(Protocol):
    """Who waits for a job. Called on the event loop it names."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...

    def text(self, piece: str) -> None: ...

    def end(self, error: EngineError | None) -> None: ...


class Writing:
    """What was generated so far: whole characters, without white space in front."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._tokens: list[int] = []
        self._ends: list[int] = []
        self.text = ""

    def add(self, token: int, piece: bytes) -> str:
        """The characters that this token completes."""
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
    """Once it is started all but `stopped` belongs to the scheduler's thread."""

    priority: Priority
    log: TokenLog
    messages: Sequence[Message]
    limit: int
    """Tokens that the messages may take."""
    budget: int
    """Tokens that may be generated."""
    chooser: Callable[[], Chooser] | None
    """Makes what chooses the tokens; none are generated without."""
    sink: Sink
    stopped: bool = False
    """Nobody waits any more. May be set from any thread; obeyed before the next step."""
    held: bool = False
    """It had to make room: it waits until another job ended."""
    asked: float = field(default_factory=monotonic)
    tokens: list[int] = field(default_factory=list)
    """The prompt, then what was generated."""
    choosing: Chooser | None = None
    slot: Slot | None = None
    writing: Writing = field(default_factory=Writing)

    @property
    def pending(self) -> int:
        """Tokens that the model has not read."""
        return len(self.tokens) - (len(self.slot.tokens) if self.slot else 0)
