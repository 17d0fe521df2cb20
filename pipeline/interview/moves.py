"""Make the interviewer's moves: each with its note for the LLM, its words and the progress that it
leads to. `interviewer.py` chooses among them. Pure."""

from dataclasses import replace

from ..language.known import language_of
from ..matching import joined
from . import wording
from .plan import Plan
from .state import Act, Ending, InterviewState, Move, Progress, Wanted, advanced


def with_notices(plan: Plan, state: InterviewState, move: Move) -> Move:
    """Return the move with what does not depend on its kind: advice about the microphone and the
    outstanding notices, before its question."""
    outstanding = state.outstanding
    texts = [wording.notice(plan, notice) for notice in outstanding]
    advice = [] if move.last else wording.advice(plan, state.troubles)
    return replace(
        move,
        language=language_of(plan.language),
        opening=joined(*dict.fromkeys((move.opening, *advice, *texts))),
        notices=tuple(zip(outstanding, texts, strict=True)),
    )


def greet(plan: Plan, state: InterviewState) -> Move:
    """Greet the candidate, in our own words where the language has them, because the greeting holds
    notices."""
    question = wording.question_text(plan, 0)
    greeting = wording.named(plan, wording.sentences(plan).greeting)
    note = wording.greet_note(plan, 0)
    worded = not greeting and wording.is_named(plan)
    wanted = Wanted.GREETING if worded else None
    move = Move(Act.GREET, note, 0, wanted, opening=greeting, closing=question)
    return with_progress(state.progress, move)


def ask_next(plan: Plan, progress: Progress, move: Move) -> Move:
    """Return the move so that it asks the plan's next question, or closes after the last."""
    index, answering = progress.asked, move.act is Act.ANSWER
    if index == len(plan.questions):
        told = move.opening if answering else ""
        closing = close(plan, progress, Ending.COMPLETED, opening=told)
        note = wording.ANSWER_AND_CLOSE_NOTE if answering else wording.CLOSE_NOTE
        return replace(closing, note=note, wanted=move.wanted)
    note = (wording.answer_note if answering else wording.ask_note)(plan, index)
    question = wording.question_text(plan, index)
    return with_progress(progress, replace(move, note=note, question=index, closing=question))


def ask_again(plan: Plan, progress: Progress, act: Act, opening: str = "") -> Move:
    """Ask the pending question once more; one that was cut off, in full."""
    index = progress.asked if progress.cut else progress.asked - 1
    planned = wording.question_text(plan, index)
    text = planned if progress.cut else progress.asking
    answering = act is Act.ANSWER
    note = wording.answer_note(plan, index, text) if answering else wording.again_note(text)
    question = index if text == planned else None
    wanted = Wanted.ANSWER if answering and not opening else None
    return with_progress(progress, Move(act, note, question, wanted, opening=opening, closing=text))


def close(plan: Plan, progress: Progress, why: str, *, opening: str = "") -> Move:
    """Say goodbye; briefly, if an earlier goodbye was interrupted."""
    leads = wording.sentences(plan)
    text = {
        Ending.TIME: leads.out_of_time,
        Ending.CANDIDATE_LEFT: leads.stopping,
        Ending.SILENCE: leads.nobody_there,
    }.get(Ending(why or Ending.COMPLETED), leads.goodbye)
    goodbye = wording.named(plan, leads.goodbye_again if progress.closed else text)
    move = Move(Act.CLOSE, wording.CLOSE_NOTE, opening=opening, closing=goodbye)
    return with_progress(progress, move, why or Ending.COMPLETED)


def with_progress(before: Progress, move: Move, reason: str = "") -> Move:
    """Return the move with the progress that it leads to."""
    after = advanced(before, move.act, move.question, move.closing, reason)
    return replace(move, after=after)
