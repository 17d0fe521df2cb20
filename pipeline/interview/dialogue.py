"""The dialogue form: the LLM gets the whole conversation and a note on what to say next. Pure.

The plan's question and the goodbye are said in the plan's words after it, so of its own text only
what comes before them is used.
"""

import re
from functools import partial

from ..conversation.agent import LlmTask
from ..matching import joined, sentences_in
from . import wording
from .meaning import asked_in
from .plan import Plan
from .rules import Given, fault, statement_fault
from .state import InterviewState, Move, Wanted, prompt

FOLLOW_UP_TOKENS = 60
"""Maximum tokens of a follow-up: nothing of it is voiced before all of it is there."""
TOKENS = 90
"""Maximum tokens of anything else."""
_QUOTATION_MARKS = '"“”„«»'


def task(plan: Plan, state: InterviewState, move: Move, user: str | None) -> LlmTask:
    """Return what the LLM is asked for this move."""
    messages = prompt(state, move, user)
    questions = (wording.question_text(plan, n) for n in range(len(plan.questions)))
    given = Given(
        move.language,
        answer=joined(state.unanswered, user),
        planned=(*questions, move.closing),
        last=state.said[-1] if state.said else "",
    )
    if move.wanted is Wanted.FOLLOW_UP:
        return LlmTask(messages, partial(with_question, given=given), FOLLOW_UP_TOKENS)
    return LlmTask(messages, partial(before_closing, given=given), TOKENS, whole=False)


# docs/decisions/006-question-from-plan.md: every candidate gets the same questions
def before_closing(sentence: str, *, given: Given) -> str:
    """Return the sentence; empty if it asks something, or breaks another rule."""
    return "" if statement_fault(sentence, given) else _whole_quotes(sentence)


def with_question(text: str, *, given: Given) -> str:
    """Return the text up to its first question; empty if it asks nothing, or breaks a rule."""
    before: list[str] = []
    for sentence in sentences_in(text):
        before.append(sentence)
        if asked_in(sentence, given.language):
            return "" if fault(sentence, given) else _whole_quotes(" ".join(before))
        if statement_fault(sentence, given):
            return ""
    return ""


def _whole_quotes(text: str) -> str:
    """Return the text without a quotation mark at either end that has lost its counterpart, because
    the model put all of its text in quotes and not all of that is said."""
    unpaired = len(re.findall(f"[{_QUOTATION_MARKS}]", text)) % 2
    return text.strip(_QUOTATION_MARKS) if unpaired else text
