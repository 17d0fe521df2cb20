"""The contract between a conversation and its agent, which decides what is said next, one move at a
time. Protocols only.

The session has the floor, the engines and the clock; the agent has the dialogue and its aims. The
interviewer (`pipeline/interview/agent.py`) is one; nothing in this package knows which kind of
agent it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from models.contracts import Message

from ..journal import ReplyPlanned
from ..language.language import Language
from .microphone import Trouble
from .output import Progress


@dataclass(frozen=True, slots=True)
class LlmTask:
    """One part of a reply, as the LLM is asked to word it."""

    messages: tuple[Message, ...]
    check: Callable[[str], str] = field(compare=False)
    """Returns the words of a text that may be said; empty if none may. Pure and quick. What it
    gets is already without markup and stage directions."""
    max_tokens: int = 120
    choices: Sequence[str] = ()
    """Texts of which the words are to be one; empty if the LLM words them itself."""
    whole: bool = True
    """True for a short text, which is checked as a whole before a word of it is voiced. False for
    the dialogue form: each sentence is checked and voiced by itself, and the first of which no
    word may be said ends the text."""


class Move(Protocol):
    """A reply as it was decided on, before anybody has worded it.

    It is said in this order: `opening`, then the LLM's words (`task`), then `closing`. Where there
    is no task, or its words failed, were refused or came too late, `lead` and `instead` are said in
    their place; where they are only not there yet, `lead` is said at once and they follow it if
    they come in the same breath. Moves are made speculatively, so making one changes nothing: it
    counts once it was heard.
    """

    @property
    def opening(self) -> str:
        """Return what is said before anything else, word for word; empty when there is nothing."""
        ...

    @property
    def lead(self) -> str:
        """Return a lead-in, a second of speech or so that fits in front of whatever follows ("I
        see."); empty when there is none."""
        ...

    @property
    def task(self) -> LlmTask | None:
        """Return what the LLM words; None if it is left out."""
        ...

    @property
    def instead(self) -> str:
        """Return what is said after the lead-in when the LLM's words are not; may be empty."""
        ...

    @property
    def closing(self) -> str:
        """Return what is said at the end in any case, word for word: the plan's question, or the
        goodbye; empty when there is nothing."""
        ...

    @property
    def last(self) -> bool:
        """True if the conversation is over once this was heard to its end."""
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
        """Language of the conversation: what is said and listened for."""
        ...

    @property
    def own_language(self) -> str:
        """Code of the language that the conversation is held in, whatever is spoken meanwhile."""
        return self.language.code

    @property
    def spoken(self) -> str:
        """Code of the language that the user spoke last, if it is another; else empty."""
        return ""

    @property
    def follows_language(self) -> bool:
        """True if the user may speak any language, because nobody has set one: they are understood
        in the one that they speak."""
        return False

    def speaks(self, language: str) -> None:
        """Take note that the user now speaks this language (a code; empty: the conversation's
        own). What `language` says is listened for is that language's from now on."""

    @property
    def names(self) -> tuple[str, str]:
        """Names of the agent and the user, because an LLM may label lines with them. Empty where
        unknown."""
        ...

    @property
    def terms(self) -> Sequence[str]:
        """Names and terms that the user may say. The recognizer prefers them to words that sound
        like them."""
        return ()

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

    def upcoming(self) -> Sequence[str]:
        """Return texts that may be said next word for word, the likeliest first, so that they can
        be synthesized ahead. Each is an `opening`, `lead`, `instead` or `closing` of a move that
        may come, or a part of an `opening`."""
        ...

    def anticipate(self, partial: str) -> tuple[Message, ...]:
        """Return the beginning of the messages from which the LLM will probably word the next
        move, so that it can read them ahead. `partial` is the beginning of the turn that the user
        is speaking; empty while nothing of it is known."""
        ...

    @property
    def reason(self) -> str:
        """Reason why the conversation is over, once it is."""
        ...

    def be_recorded(self) -> None:
        """Take note that this session is recorded. The agent decides what the user is told about
        it."""
        ...

    def advise(self, trouble: Trouble | None) -> None:
        """Take note of what is wrong with the user's microphone, or that all is well again. The
        agent decides whether and when the user is told."""
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
