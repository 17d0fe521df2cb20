"""The dialogue form: the LLM gets the whole conversation and a note on what to say next. Pure.

The plan's question and the goodbye are said in the plan's words after it, so of its own text only
what comes before them is used.
"""

from collections.abc import Callable
from functools import partial

from ..conversation.agent import LlmTask
from ..language.language import Language
from ..matching import says, was_heard, words
from .meaning import asked_in, sentences_in
from .state import Act, InterviewState, Move, beginning, prompt

__all__ = ["beginning", "task"]

FOLLOW_UP_TOKENS = 60
"""Maximum tokens of a follow-up: nothing of it is voiced before all of it is there."""
OVERLAP = 3
"""Number of words from which a sentence that occurs in the planned question counts as a part of
it."""


def task(state: InterviewState, move: Move, user: str | None) -> LlmTask:
    """Return what the LLM is asked for this move."""
    messages = prompt(state, move, user)
    check: Callable[[str], str]
    if move.act is Act.FOLLOW_UP:
        check = partial(with_question, language=move.language)
        return LlmTask(messages, check, FOLLOW_UP_TOKENS)
    check = partial(before_closing, closing=move.closing, language=move.language)
    return LlmTask(messages, check, whole=False)


# docs/decisions/006-question-from-plan.md: every candidate gets the same questions
def before_closing(sentence: str, *, closing: str, language: Language) -> str:
    """Return the sentence; empty if it asks something, is a part of the planned question, or goes
    round in circles."""
    said = words(sentence)
    asks = asked_in(sentence, language) or was_heard(closing, sentence)
    planned = len(said) >= OVERLAP and says(closing, sentence)
    return "" if not said or asks or planned or _circles(said) else sentence


def with_question(text: str, *, language: Language) -> str:
    """Return the text up to its first question; empty if it asks nothing."""
    before: list[str] = []
    for sentence in sentences_in(text):
        before.append(sentence)
        if _circles(words(sentence)):
            return ""
        if asked_in(sentence, language):
            return " ".join(before)
    return ""


def _circles(said: list[str]) -> bool:
    """Return True if the same words come again and again. A small model does not always end by
    itself."""
    return any(
        said[at : at + n] * times == said[at : at + times * n]
        for n, times in ((1, 4), *((n, 3) for n in range(2, 8)))
        for at in range(len(said) - times * n + 1)
    )
