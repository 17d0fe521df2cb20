"""Give the LLM its part in a move, and the move the words that are ready in its place. Pure.

There are two forms. In small tasks the LLM chooses something of the answer, which any model can; in
the dialogue form it sees the whole conversation and words the reply itself, which takes a larger
one, or one trained for it.
"""

import asyncio
from dataclasses import replace

from models.contracts import Form, Llm, Message, SentenceEnd

from ..conversation.agent import LlmTask
from ..conversation.end_of_turn import question
from ..language.known import LANGUAGES, language_of
from ..matching import joined, words
from . import dialogue, tasks
from .parts_of_speech import load
from .plan import Plan
from .state import InterviewState, Move, Wanted, beginning


async def warm_up(llm: Llm, form: Form, sentence_end: SentenceEnd | None = None) -> None:
    """Read the grammars, and have the LLM compute ahead what all interviews have in common. Raises
    `EngineError`."""
    for language in LANGUAGES.values():
        await asyncio.to_thread(load, language.topics.grammar)
    if form == "tasks":
        await llm.keep(tasks.heads())
    if sentence_end:
        await sentence_end.ends(question("I have worked in"))


def with_llm(form: Form, plan: Plan, state: InterviewState, move: Move, user: str | None) -> Move:
    """Return the move with the LLM's task and the ready words. `user` is the turn that it answers;
    None if there was none."""
    if move.wanted is None:
        return move
    answer = joined(state.unanswered, user)
    move = _with_ready_words(form, plan, state, move, answer)
    if form == "dialogue":
        if move.last and move.wanted is not Wanted.ANSWER:
            return move  # the LLM would say goodbye, too
        return replace(move, task=dialogue.task(plan, state, move, user))
    # words of another language do not fit into the sentences
    foreign = state.spoken not in ("", plan.language)
    task = None if foreign else _small_task(plan, state, move, answer)
    hollow = set(words(answer)) <= language_of(plan.language).answers.fillers  # nothing to take up
    if task is None and move.wanted is Wanted.ACKNOWLEDGEMENT and not hollow:
        lead = tasks.planned_acknowledgement(plan, state.said, settled=False, closes=move.last)
        return replace(move, lead=lead or move.lead)
    return replace(move, task=task)


def anticipated(form: Form, plan: Plan, state: InterviewState, partial: str) -> tuple[Message, ...]:
    """Return how the messages of the next task will probably begin."""
    if form == "dialogue":
        return beginning(state, partial or None)
    return tasks.anticipated(plan, joined(state.unanswered, partial))


def _with_ready_words(
    form: Form, plan: Plan, state: InterviewState, move: Move, answer: str
) -> Move:
    said = state.said
    lead = tasks.lead_in(plan, said, form=form, closes=state.progress.asked == len(plan.questions))
    match move.wanted:
        case Wanted.ACKNOWLEDGEMENT:
            return replace(move, lead=lead)
        case Wanted.FOLLOW_UP:
            asked = (
                tasks.planned_follow_up(plan, state.progress.asking, said) or state.progress.asking
            )
            return replace(move, lead=lead, instead=asked)
        case Wanted.ANSWER:
            told = tasks.planned_answer(plan, answer, said)
            return replace(move, lead=tasks.considering(plan, said), instead=told)
    return move


def _small_task(plan: Plan, state: InterviewState, move: Move, answer: str) -> LlmTask | None:
    match move.wanted:
        case Wanted.ACKNOWLEDGEMENT:
            return tasks.acknowledge(plan, answer, state.said)
        case Wanted.FOLLOW_UP:
            return tasks.follow_up(plan, answer, state.said)
        case Wanted.ANSWER:
            return tasks.answer_question(plan, answer, state.said)
    return None
