"""What the interviewer does next: a deterministic plan, with the LLM as its voice. Pure.

(Interface only so far.)
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from models.contracts import Message

from .plan import Plan
from .record import AnyEntry


class Act(enum.StrEnum):
    GREET = "greet"
    WELCOME_BACK = "welcome_back"
    ASK = "ask"
    FOLLOW_UP = "follow_up"
    ANSWER = "answer"
    ASK_AGAIN = "ask_again"
    NUDGE = "nudge"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the interview stands."""

    asked: int = 0
    """Questions of the plan that the candidate has heard."""
    follow_ups: int = 0
    """Follow-ups asked about the last of them."""
    nudges: int = 0
    repeats: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    act: Act
    note: str
    """The director's note to the LLM."""
    must_say: str
    """The plan's question that the reply has to contain; empty when there is none."""
    fallback: str
    """Said when the LLM fails or is too slow."""
    question: int | None
    after: Progress
    """Where the interview stands once this was heard."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything to go on from: at the start, after a reconnect, after a restart."""

    progress: Progress = Progress()
    messages: tuple[Message, ...] = ()
    """The dialogue as the LLM sees it: system prompt, then user, note and assistant messages; only
    what was heard."""
    elapsed_ms: int = 0


def begin(plan: Plan) -> Standing:
    raise NotImplementedError


def resume(plan: Plan, entries: Sequence[AnyEntry]) -> Standing:
    raise NotImplementedError


def open_floor(plan: Plan, standing: Standing) -> Move:
    """Greet, or after a reconnect ask the interrupted question again."""
    raise NotImplementedError


def answer(plan: Plan, standing: Standing, text: str, elapsed_ms: int) -> Move:
    """The candidate said `text` (empty: not understood)."""
    raise NotImplementedError


def silence(plan: Plan, standing: Standing, elapsed_ms: int) -> Move:
    """The candidate has said nothing for a while: nudge, then move on."""
    raise NotImplementedError


def heard(standing: Standing, move: Move, said: str, user: str | None) -> Standing:
    """A reply ended; `said` is what was heard of it, `user` the candidate's turn it answered."""
    raise NotImplementedError


def missing(move: Move, said: str) -> str:
    """What must still be said after the LLM ended with `said`: the question, if it is not in it."""
    raise NotImplementedError
