"""What a conversation needs of whoever holds it: an agent decides what is said next, and makes it
one move at a time. Protocols only.

The session has the floor, the engines and the clock; the agent has the dialogue and its aims. The
interviewer (`pipeline/interview/agent.py`) is one; nothing in this room knows of which kind it is.
"""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from models.contracts import Message

from ..journal import ReplyPlanned
from ..language.language import Language
from .output import Progress


class Move(Protocol):
    """One reply as it was decided on, before anybody has worded it.

    It is worked out on a guess, so making one changes nothing: it counts once it was heard."""

    @property
    def messages(self) -> Sequence[Message]:
        """What the LLM is given to word it."""
        ...

    @property
    def opening(self) -> str:
        """Said before anything else, word for word; empty when there is none."""
        ...

    @property
    def fixed(self) -> bool:
        """Whether the LLM is left alone: then `missing("")` is all that is said after the
        opening."""
        ...

    @property
    def last(self) -> bool:
        """Whether the conversation is over once this was heard to its end."""
        ...

    def missing(self, said: str) -> str:
        """What must still be said after the LLM ended with `said`, which is empty where it failed
        or was too slow."""
        ...

    def is_complete(self, said: str) -> bool:
        """Whether to stop reading the LLM. A small model does not always end by itself."""
        ...

    def notices_heard(self, said: str) -> tuple[str, ...]:
        """Of what the user has to be told, what was heard in `said`, for the journal."""
        ...

    def planned(self, at_ms: int, response: str, item: str) -> ReplyPlanned:
        """Its entry in the journal, written before a word of it is heard."""
        ...


MoveT = TypeVar("MoveT", bound=Move)
"""An agent's own kind of move."""


class Agent(Protocol[MoveT]):
    """Decides at once, without waiting for anything. Positions are the conversation's clock in
    milliseconds, over all of its connections."""

    @property
    def language(self) -> Language:
        """In which the conversation is held."""
        ...

    @property
    def names(self) -> tuple[str, str]:
        """The agent's and the user's: an LLM may label lines with them. Empty where unknown."""
        ...

    @property
    def elapsed_ms(self) -> int:
        """Where the clock stands as the session begins; more than 0 after a reconnect."""
        ...

    @property
    def latest_ms(self) -> int | None:
        """When a turn of the user's that still goes on is ended; None: for its length alone."""
        ...

    @property
    def messages(self) -> Sequence[Message]:
        """The dialogue so far, as the LLM sees it."""
        ...

    @property
    def reason(self) -> str:
        """Why the conversation is over, once it is."""
        ...

    def be_recorded(self) -> None:
        """The sound of this session is kept. What the user is told about it is the agent's."""
        ...

    def open(self) -> MoveT:
        """Nobody has spoken yet, or the connection was lost and is there again."""
        ...

    def answer(self, text: str, at_ms: int) -> MoveT:
        """The user said `text` (empty: not understood)."""
        ...

    def silence(self, at_ms: int) -> MoveT:
        """The user has said nothing for a while."""
        ...

    def break_in(self, text: str, at_ms: int) -> MoveT:
        """The user's turn was ended for its length."""
        ...

    def heard(self, move: MoveT, said: str, user: str | None) -> None:
        """A reply ended; `said` is what was heard of it, `user` the turn it answered, if any."""
        ...

    def heard_less(self, move: MoveT, said: str, user: str | None) -> None:
        """Of the reply that `heard` told of last, only `said` was heard. Nothing was decided since
        then."""
        ...

    def progress(self, move: MoveT, at_ms: int) -> Progress | None:
        """What the client is told of where the conversation stands once the move was heard."""
        ...
