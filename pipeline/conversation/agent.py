"""The contract between a conversation and its agent, which decides what is said next, one move at a
time. Protocols only.

The session has the floor, the engines and the clock; the agent has the dialogue and its aims. The
interviewer (`pipeline/interview/agent.py`) is one; nothing in this package knows which kind of
agent it is.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from models.contracts import Message

from ..journal import ReplyPlanned
from ..language.language import Language
from .output import Progress


class Move(Protocol):
    """A reply as it was decided on, before anybody has worded it.

    Moves are made speculatively, so making one changes nothing: it counts once it was heard.
    """

    @property
    def messages(self) -> Sequence[Message]:
        """Return the messages from which the LLM words the move."""
        ...

    @property
    def opening(self) -> str:
        """Return what is said before anything else, word for word; empty when there is nothing."""
        ...

    @property
    def fixed(self) -> bool:
        """True if the LLM is left out: then `missing("")` is all that is said after the opening."""
        ...

    @property
    def last(self) -> bool:
        """True if the conversation is over once this was heard to its end."""
        ...

    def missing(self, said: str) -> str:
        """Return what must still be said after the LLM ended with `said`, which is empty where it
        failed or was too slow."""
        ...

    def is_complete(self, said: str) -> bool:
        """Return True once the LLM need not be read any further. A small model does not always end
        by itself."""
        ...

    def notices_heard(self, said: str) -> tuple[str, ...]:
        """Return the notices that were heard in `said`, for the journal."""
        ...

    def planned(self, at_ms: int, response: str, item: str) -> ReplyPlanned:
        """Return the move's entry in the journal, written before a word of it is heard."""
        ...


MoveT = TypeVar("MoveT", bound=Move)
"""An agent's own kind of move."""


# docs/decisions/038-agent-decides-words.md: turn-taking is the same for every kind of dialogue
class Agent(Protocol[MoveT]):
    """Decides what is said next, at once and without waiting for anything. Positions are the
    conversation's clock in milliseconds, over all of its connections."""

    @property
    def language(self) -> Language:
        """Language of the conversation."""
        ...

    @property
    def names(self) -> tuple[str, str]:
        """Names of the agent and the user, because an LLM may label lines with them. Empty where
        unknown."""
        ...

    @property
    def elapsed_ms(self) -> int:
        """The clock's position when the session begins; more than 0 after a reconnect."""
        ...

    @property
    def latest_ms(self) -> int | None:
        """Time at which a turn of the user that still goes on is ended; None if only its length
        counts."""
        ...

    @property
    def messages(self) -> Sequence[Message]:
        """The dialogue so far, as the LLM sees it."""
        ...

    @property
    def reason(self) -> str:
        """Reason why the conversation is over, once it is."""
        ...

    def be_recorded(self) -> None:
        """Take note that this session is recorded. The agent decides what the user is told about
        it."""
        ...

    def open(self) -> MoveT:
        """Return the move for a conversation in which nobody has spoken yet, or whose connection
        was lost and is back."""
        ...

    def answer(self, text: str, at_ms: int) -> MoveT:
        """Return the move after the user said `text` (empty: not understood)."""
        ...

    def silence(self, at_ms: int) -> MoveT:
        """Return the move after the user has said nothing for a while."""
        ...

    def break_in(self, text: str, at_ms: int) -> MoveT:
        """Return the move after the user's turn was ended for its length."""
        ...

    def heard(self, move: MoveT, said: str, user: str | None) -> None:
        """Take in that a reply has ended; `said` is what was heard of it, `user` the turn it
        answered, if any."""
        ...

    def heard_less(self, move: MoveT, said: str, user: str | None) -> None:
        """Correct the latest `heard`: only `said` was heard of that reply. Nothing was decided
        since then."""
        ...

    def progress(self, move: MoveT, at_ms: int) -> Progress | None:
        """Return what the client is told about the progress of the conversation once the move is
        heard."""
        ...
