"""Decide what the interviewer does next: a deterministic plan, with the LLM as its voice. Pure.

Plan, coverage, follow-ups, clock and end are decided here; the LLM only finds the words. The same
state and the same words always lead to the same decision.
"""

from ..language.asking import is_yes_or_no
from ..language.known import heard_as
from ..matching import joined, sentences_in, words
from . import tasks, wording
from .meaning import Meant, is_thin, meaning
from .moves import ask_again, ask_next, close, greet, with_notices, with_progress
from .notices import Notice
from .plan import Plan
from .replay import resume
from .state import (
    Act,
    Ending,
    InterviewState,
    Move,
    Progress,
    Wanted,
    begin,
    heard,
    prompt,
    speaks,
    troubled,
)

__all__ = [
    "Act",
    "Ending",
    "InterviewState",
    "Move",
    "Progress",
    "Wanted",
    "answer",
    "begin",
    "break_in",
    "heard",
    "latest_ms",
    "left_ms",
    "open_floor",
    "prompt",
    "resume",
    "silence",
    "speaks",
    "troubled",
]

NOT_HEARD = 2
"""Times in a row that a question is asked again because the answer was not understood."""
REPEATS = 3
"""Times in a row that a question is put off or said again. The candidate's own questions do not
count: whoever asks a lot has not refused to answer, and the plan's time ends that too."""
FIRST_WORDS = 6
"""An answer that was cut off by a broken connection and has fewer words than this had only
begun."""
SILENT_QUESTIONS = 2
"""Questions in a row left without a word, after which the candidate is taken to be gone."""
OVERTIME_MS = 120_000
"""Time that a turn may run past the end of the plan."""


def open_floor(plan: Plan, state: InterviewState) -> Move:
    """Greet the candidate, or after a reconnect ask the interrupted question again."""
    return with_notices(plan, state, _opening(plan, state))


def answer(plan: Plan, state: InterviewState, text: str) -> Move:
    """Respond to the candidate's `text` (empty: not understood)."""
    return with_notices(plan, state, _answer(plan, state, text))


def silence(plan: Plan, state: InterviewState) -> Move:
    """Respond to a long silence of the candidate: nudge, then move on."""
    return with_notices(plan, state, _silence(plan, state))


def break_in(plan: Plan, state: InterviewState) -> Move:
    """Say that the candidate's turn was ended for its length, and go on with the plan. The words of
    the turn are not looked at; they may come from a television."""
    return with_notices(plan, state, _breaking_in(plan, state))


def latest_ms(plan: Plan) -> int:
    """Return when a turn that still goes on is ended, by the session's clock."""
    return _budget_ms(plan) + OVERTIME_MS


def left_ms(plan: Plan, elapsed_ms: int) -> int:
    """Return the time left of the plan."""
    return max(0, _budget_ms(plan) - elapsed_ms)


def _opening(plan: Plan, state: InterviewState) -> Move:
    progress = state.progress
    if progress.closed:
        return close(plan, progress, progress.reason)
    if not progress.greeted:
        return greet(plan, state)
    meant = meaning(state.unanswered, progress.asking, heard_as(plan.language, state.spoken))
    if meant is Meant.STOP:
        return close(plan, progress, Ending.CANDIDATE_LEFT)
    if _is_over(plan, state):
        return close(plan, progress, Ending.TIME)
    lead = wording.sentences(plan).welcome_back
    answered = meant in _ANSWERED and not _only_begun(state, meant)
    if progress.cut or progress.cut_short or answered:
        return ask_next(plan, progress, Move(Act.WELCOME_BACK, opening=lead))
    return ask_again(plan, progress, Act.WELCOME_BACK, lead)


def _only_begun(state: InterviewState, meant: Meant) -> bool:
    """Return True if the connection ended so early in an answer, or so little of it may be on
    record, that it has to be given again."""
    few = state.incomplete or len(words(state.unanswered)) < FIRST_WORDS
    return state.broken_off and few and meant in (Meant.ANSWER, Meant.FILLER)


def _answer(plan: Plan, state: InterviewState, text: str) -> Move:
    progress = state.progress
    language = heard_as(plan.language, state.spoken)
    said = joined(state.unanswered, text)
    meant = meaning(text, progress.asking, language)
    if state.unanswered and meant in (Meant.NOTHING, Meant.FILLER, Meant.SETTLED):
        meant = meaning(said, progress.asking, language)
    if progress.closed:
        return close(plan, progress, progress.reason)
    if meant is Meant.STOP:
        return close(plan, progress, Ending.CANDIDATE_LEFT)
    if _is_over(plan, state):
        return close(plan, progress, Ending.TIME)
    if not progress.greeted:
        return greet(plan, state)
    if stay := _stay(plan, state, meant, said):
        return stay
    return _taken_up(plan, state, meant, said)


def _taken_up(plan: Plan, state: InterviewState, meant: Meant, answer: str) -> Move:
    """Take up an answer: ask about it, or acknowledge it and go on."""
    progress = state.progress
    language = heard_as(plan.language, state.spoken)
    if meant is Meant.ANSWER_AND_QUESTION:
        told = _of_itself(plan, state, _asked(plan, state, answer))
        wanted = None if told else Wanted.ANSWER
        return ask_next(plan, progress, Move(Act.ANSWER, wanted=wanted, opening=told))
    wants_more = meant is Meant.FILLER or (meant is Meant.ANSWER and is_thin(answer, language))
    if wants_more and _may_follow_up(plan, state):
        move = Move(Act.FOLLOW_UP, wording.FOLLOW_UP_NOTE, wanted=Wanted.FOLLOW_UP)
        return with_progress(progress, move)
    if meant in (Meant.NOTHING, Meant.REPEAT, Meant.SOUND_CHECK, Meant.GREETS, Meant.WAIT):
        return ask_next(plan, progress, Move(Act.ASK, opening=wording.sentences(plan).move_on))
    if meant in (Meant.SKIP, Meant.SETTLED):  # there is nothing in it to take up
        said_so = set(words(answer)) <= language.answers.fillers
        answers = said_so and is_yes_or_no(progress.asking, language)
        opening = tasks.planned_acknowledgement(
            plan, state.said, settled=not answers, closes=_is_last(plan, progress)
        )
        return ask_next(plan, progress, Move(Act.ASK, opening=opening))
    return ask_next(plan, progress, Move(Act.ASK, wanted=Wanted.ACKNOWLEDGEMENT))


def _silence(plan: Plan, state: InterviewState) -> Move:
    progress = state.progress
    if progress.closed:
        return close(plan, progress, progress.reason)
    if _is_over(plan, state):
        return close(plan, progress, Ending.TIME)
    if not progress.greeted:
        return greet(plan, state)
    if state.unanswered:
        return _answer(plan, state, "")
    leads = wording.sentences(plan)
    if progress.cut:
        return ask_next(plan, progress, Move(Act.ASK))
    if not progress.nudges:
        return ask_again(plan, progress, Act.NUDGE, leads.still_there)
    never_spoke = all(message.role != "user" for message in state.messages)
    if progress.silences >= SILENT_QUESTIONS - 1 or (never_spoke and _is_last(plan, progress)):
        return close(plan, progress, Ending.SILENCE)
    return ask_next(plan, progress, Move(Act.ASK, opening=leads.move_on))


def _breaking_in(plan: Plan, state: InterviewState) -> Move:
    progress, said = state.progress, wording.sentences(plan)
    sorry = said.sorry
    if progress.closed:
        return close(plan, progress, progress.reason, opening=sorry)
    if _is_over(plan, state) or progress.asked == len(plan.questions):
        why = Ending.TIME if _is_over(plan, state) else Ending.COMPLETED
        return close(plan, progress, why, opening=sorry)
    if not progress.greeted:
        return greet(plan, state)
    opening = joined(sorry, said.move_on)
    return ask_next(plan, progress, Move(Act.ASK, opening=opening))


def _stay(plan: Plan, state: InterviewState, meant: Meant, said: str) -> Move | None:
    """Stay with the pending question if the candidate's words were no answer to it; None if they
    were."""
    progress, leads = state.progress, wording.sentences(plan)
    if meant is Meant.NOTHING and progress.repeats < NOT_HEARD:
        return ask_again(plan, progress, Act.ASK_AGAIN, leads.not_heard)
    asked = _asked(plan, state, said) if meant is Meant.QUESTION else meant
    if told := _of_itself(plan, state, asked):
        return ask_again(plan, progress, Act.ANSWER, told)
    if meant in (Meant.QUESTION, Meant.OTHER_LANGUAGE):
        return ask_again(plan, progress, Act.ANSWER)
    if progress.repeats >= REPEATS:
        return None
    match meant:
        case Meant.REPEAT:
            return ask_again(plan, progress, Act.ASK_AGAIN, leads.repeat)
        case Meant.SOUND_CHECK:
            return ask_again(plan, progress, Act.ASK_AGAIN, leads.hearing_you)
        case Meant.GREETS:
            return ask_again(plan, progress, Act.ASK_AGAIN, wording.named(plan, leads.hello))
        case Meant.WAIT if not progress.cut:
            said = leads.take_your_time or progress.asking
            note = wording.WAIT_NOTE
            return with_progress(progress, Move(Act.ASK_AGAIN, note, closing=said))
    return None


def _asked(plan: Plan, state: InterviewState, said: str) -> Meant:
    """Return the meaning of the question that the candidate's words end with."""
    language = heard_as(plan.language, state.spoken)
    return meaning(sentences_in(said)[-1], state.progress.asking, language)


def _of_itself(plan: Plan, state: InterviewState, meant: Meant) -> str:
    """Return the answer to a question about the interview itself, which needs no facts of the job;
    empty for other meanings."""
    match meant:
        case Meant.WHO_ASKS:
            return wording.notice(plan, Notice.AUTOMATED)
        case Meant.WHETHER_RECORDED:
            return wording.of_the_recording(plan, recorded=state.recorded)
        case Meant.HOW_FAR:
            number = state.progress.asked + state.progress.cut
            return wording.how_far(plan, number, left_ms(plan, state.elapsed_ms))
        case Meant.WHO_DECIDES:
            return wording.sentences(plan).who_decides
        case Meant.OTHER_LANGUAGE:
            return wording.other_language(plan)
        case Meant.GO_BACK:
            return wording.sentences(plan).go_back
        case Meant.MUST_ANSWER:
            return wording.sentences(plan).must_answer
        case Meant.HOW_TO_STOP:
            return wording.sentences(plan).how_to_stop
        case Meant.TYPE_INSTEAD:
            return wording.sentences(plan).type_instead
    return ""


def _may_follow_up(plan: Plan, state: InterviewState) -> bool:
    """Return True if the question's budget and its share of the time allow a follow-up. The shares
    are equal unless the plan says otherwise; time that a question leaves over goes to the later
    ones."""
    progress = state.progress
    if progress.cut or progress.follow_ups >= plan.questions[progress.asked - 1].follow_ups:
        return False
    shares = plan.shares or (1,) * len(plan.questions)
    return state.elapsed_ms * sum(shares) < _budget_ms(plan) * sum(shares[: progress.asked])


def _is_last(plan: Plan, progress: Progress) -> bool:
    return progress.asked == len(plan.questions)


def _is_over(plan: Plan, state: InterviewState) -> bool:
    return state.elapsed_ms >= _budget_ms(plan)


def _budget_ms(plan: Plan) -> int:
    return plan.minutes * 60_000


_ANSWERED = frozenset(
    {Meant.ANSWER, Meant.ANSWER_AND_QUESTION, Meant.SETTLED, Meant.SKIP, Meant.FILLER}
)
"""Meanings of the candidate's last words before a reconnect after which the interview goes on."""
