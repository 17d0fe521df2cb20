"""List the texts that the interviewer may say next, so that they can be synthesized ahead. Pure."""

from models.contracts import Form

from ..matching import joined
from . import tasks, wording
from .plan import Plan
from .state import InterviewState

QUESTIONS = 2
"""Number of the plan's next questions: a short answer to the first leaves little time for the
second."""


def upcoming(plan: Plan, state: InterviewState, form: Form = "tasks") -> tuple[str, ...]:
    """Return the texts, the likeliest first."""
    progress, said, known = state.progress, state.said, wording.sentences(plan)
    notices = joined(*(wording.notice(plan, notice) for notice in state.outstanding))
    greeting = joined(wording.named(plan, known.greeting), notices)
    closes = progress.asked == len(plan.questions)
    after = (
        tasks.lead_in(plan, said, form=form, closes=closes),
        *_closings(plan, progress.asked, QUESTIONS),
        tasks.planned_follow_up(plan, progress.asking, said),
        tasks.planned_acknowledgement(plan, said, settled=False, closes=closes),
        tasks.planned_acknowledgement(plan, said, settled=True, closes=closes),
        tasks.considering(plan, said),
        tasks.planned_answer(plan, "", said),
        notices,
        known.not_heard,
        progress.asking,
    )
    texts = after if progress.greeted else (greeting, *after)
    return tuple(text for text in dict.fromkeys(texts) if text)


def _closings(plan: Plan, index: int, count: int) -> list[str]:
    """Return the next questions, and after the last one the goodbye."""
    last = len(plan.questions)
    questions = [wording.question_text(plan, n) for n in range(index, min(index + count, last))]
    if index + count > last:
        questions.append(wording.named(plan, wording.sentences(plan).goodbye))
    return questions
