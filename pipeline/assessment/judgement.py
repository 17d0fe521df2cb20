"""Judge one answer by itself, against its rubric.

How the model is asked follows from the model (`assessor.py`); whatever it is asked, a score stands
only on words that the candidate said, and words that seem meant for the assessor never move it by
more than `MOVED`.
"""

import logging
from collections.abc import Sequence
from typing import Literal

import msgspec

from models.contracts import Llm
from models.errors import EngineError

from ..errors import code_of
from ..interview.injection import without_steering, without_suspects
from ..interview.plan import Plan, one_line
from ..interview.wording import question_text
from ..language.known import heard_as
from ..language.language import Language
from ..matching import placed_words, quotes
from .answer_form import judge_by_form
from .assessor import Assessor
from .criteria import DEFAULT_RUBRIC, criteria
from .opinion import Failure, NotUsable, Opinion, Verdict, gained
from .rating import rate
from .sentences import beginning, sentences
from .transcript import Answered
from .weighing import judge_by_sentences

log = logging.getLogger(__name__)

ANSWER_CHARACTERS = 3000
"""Characters of an answer that the model reads: about four minutes of speech."""
MOVED = 5
"""Points by which words that may be meant for the assessor may move a score; if they move it by
more, or a verdict for the better, the score is given without them."""

Reason = Literal[
    "",
    "not_asked",
    "not_answered",
    "steering",
    "model_failed",
    "out_of_time",
    "unusable",
    "no_evidence",
]

MODELS_FAULT: tuple[Reason, ...] = ("model_failed", "out_of_time", "unusable", "no_evidence")
"""Reasons that say nothing of the answer; another try may go well."""

REASONS: dict[Reason, str] = {
    "not_asked": "the question was not asked",
    "not_answered": "the question was not answered",
    "steering": "all that was said seems meant for the assessor",
    "model_failed": "the model could not be asked",
    "out_of_time": "the model was too slow, and the time ran out",
    "unusable": "the model's answer could not be read",
    "no_evidence": "the model cited words that were not said",
}


class AnswerAssessment(msgspec.Struct, frozen=True):
    """The judgement of one question: what was said, and what the model thinks of it."""

    question: int
    text: str
    category: str
    rubric: str
    status: Literal["assessed", "not_assessed"]
    reason: Reason
    """Reason why the answer was not assessed, in one word; empty when it was."""
    answer: str
    score: int | None = None
    """0..100."""
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    """The candidate's words that the score rests on; they occur in `answer`."""
    criteria: tuple[Verdict, ...] = ()
    """The judgement by each criterion, where the model was asked for it."""
    steering: tuple[str, ...] = ()
    """Words that the candidate addressed to the assessor; the score does not rest on them."""
    with_steering: int | None = None
    """Score that the model gave when it read such words; it is not used."""
    cut: bool = False
    """True if the model read only the beginning, because the answer is very long."""
    asked_ms: int | None = None
    answered_ms: int | None = None


async def judge(llm: Llm, plan: Plan, answered: Answered, assessor: Assessor) -> AnswerAssessment:
    """Have the model judge an answer. Raises nothing."""
    question = plan.questions[answered.question]
    language = heard_as(plan.language, answered.language)
    kept, steering = without_steering(one_line(answered.answer), language)
    plain, suspects = without_suspects(kept, language)
    blank = AnswerAssessment(
        answered.question,
        question_text(plan, answered.question),
        question.category,
        one_line(question.rubric) or DEFAULT_RUBRIC,
        "not_assessed",
        "",
        answered.answer,
        steering=steering,
        cut=len(kept) > ANSWER_CHARACTERS,
        asked_ms=answered.asked_ms,
        answered_ms=answered.answered_ms,
    )
    if answered.asked_ms is None:
        return _unassessed(blank, "not_asked")
    if not _has_words(answered.answer):
        return _unassessed(blank, "not_answered")
    if not _has_words(plain):
        every = msgspec.structs.replace(blank, steering=(*steering, *suspects))
        return _unassessed(every, "steering")
    without = await _opinion(llm, assessor, blank, _said(plain, answered.answer), language)
    if not suspects:
        return without
    whole = await _opinion(llm, assessor, blank, _said(kept, answered.answer), language)
    return _settled(without, whole, suspects)


def _said(read: str, answer: str) -> list[str]:
    """Return the sentences that the model reads. Where words were taken out, what stood before and
    after them looks like one sentence; that was never said, so it is cut there."""
    found = sentences(beginning(read, ANSWER_CHARACTERS))
    return [part for sentence in found for part in _verbatim(sentence, answer)]


def _verbatim(sentence: str, answer: str) -> list[str]:
    if quotes(sentence, answer):
        return [sentence]
    ends = (word.end for word in placed_words(sentence))
    said = [end for end in ends if quotes(sentence[:end], answer)]
    if not said:
        return [sentence]
    return [sentence[: said[-1]], *_verbatim(sentence[said[-1] :].strip(), answer)]


def _settled(
    without: AnswerAssessment, whole: AnswerAssessment, suspects: tuple[str, ...]
) -> AnswerAssessment:
    """Choose between two readings: the one with the suspects only if they make no difference."""
    if (
        without.score is not None
        and whole.score is not None
        and abs(whole.score - without.score) <= MOVED
        and not gained(without.criteria, whole.criteria)
    ):
        return whole
    return msgspec.structs.replace(
        without, steering=(*without.steering, *suspects), with_steering=whole.score
    )


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


async def _opinion(
    llm: Llm, assessor: Assessor, blank: AnswerAssessment, said: Sequence[str], language: Language
) -> AnswerAssessment:
    """Ask the model; once more, for less, if that fails."""
    reason: Failure = "model_failed"
    for again in (False, True):
        try:
            found = await _asked(llm, assessor, blank, said, language, again=again)
        except NotUsable as exc:
            log.info("question %d: the form is unusable (%s)", blank.question + 1, exc)
            reason = exc.reason
        except (EngineError, TimeoutError) as exc:
            number, code = blank.question + 1, code_of(exc)
            log.warning("question %d: the form failed (%s: %s)", number, code, exc)
            reason = "out_of_time" if isinstance(exc, TimeoutError) else "model_failed"
        except Exception:  # the other answers, and what is known of the interview, stand without it
            log.exception("question %d: a bug in asking the model", blank.question + 1)
            return _unassessed(blank, "model_failed")
        else:
            return _assessed(blank, found)
    return _unassessed(blank, reason)


async def _asked(
    llm: Llm,
    assessor: Assessor,
    blank: AnswerAssessment,
    said: Sequence[str],
    language: Language,
    *,
    again: bool,
) -> Opinion:
    """Ask the model in its form. What is asked `again` is less: at the same request, a model
    that chooses the likeliest word would fail in the same way."""
    read = said[: max(1, (len(said) + 1) // 2)] if again else said
    wanted = criteria(blank.rubric)
    match assessor.form:
        case "rating":
            return await rate(llm, blank.text, blank.rubric, read, short=again)
        case "sentences":
            return await judge_by_sentences(llm, blank.text, wanted, said, language)
        case "answers":
            return await judge_by_form(llm, blank.text, wanted, read, own=not again)


def _assessed(blank: AnswerAssessment, found: Opinion) -> AnswerAssessment:
    return msgspec.structs.replace(
        blank,
        status="assessed",
        score=found.score,
        strengths=found.strengths,
        improvements=found.improvements,
        evidence=found.evidence,
        criteria=found.verdicts,
    )


def _unassessed(blank: AnswerAssessment, reason: Reason) -> AnswerAssessment:
    return msgspec.structs.replace(blank, reason=reason)
