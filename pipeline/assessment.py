"""What a model makes of the answers, checked in code, beside what can be counted.

Each answer is read alone, against its own rubric. A score stands only if it cites words that the
candidate said. The model writes scores and short remarks; the summary is composed here, so nothing
in it is the model's invention.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from models.contracts import Llm, Message
from models.errors import EngineError

from .matching import quotes
from .measures import Measures, measure
from .plan import Plan, one_line
from .record import AnyEntry
from .steering import without_steering
from .transcript import Answered, answers
from .wording import question_text

PROMPT_VERSION = "answers-1"
"""Changes with every change to what the model is asked and how its answer is read."""
SYSTEM = "You assess interview answers."
ANSWER_CHARACTERS = 3000
"""Of an answer, so much is read by the model: about four minutes of speech."""
REMARKS = 3
REMARK_CHARACTERS = 100
EVIDENCE_CHARACTERS = 200
MAX_TOKENS = 240
DEFAULT_RUBRIC = "A good answer is specific, gives an example and states a result."
WEAK = 50
"""An answer with a lower score is worth asking about again."""
ADVICE = (
    "This assessment was made by a machine to advise a person; it does not decide. Check each "
    "score against the words that it cites before you use it."
)

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "score": {"type": "integer", "minimum": 0, "maximum": 100},
        "strengths": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": REMARK_CHARACTERS},
            "maxItems": REMARKS,
        },
        "improvements": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": REMARK_CHARACTERS},
            "maxItems": REMARKS,
        },
        "evidence": {"type": "string", "minLength": 1, "maxLength": EVIDENCE_CHARACTERS},
    },
    "required": ["score", "strengths", "improvements", "evidence"],
    "additionalProperties": False,
}

Reason = Literal["", "not_asked", "not_answered", "model_failed", "unusable", "no_evidence"]

REASONS: dict[Reason, str] = {
    "not_asked": "the question was not asked",
    "not_answered": "the question was not answered",
    "model_failed": "the model could not be asked",
    "unusable": "the model's answer could not be read",
    "no_evidence": "the model cited words that were not said",
}


class AnswerAssessment(msgspec.Struct, frozen=True):
    """One question: what was said, and what the model thinks of it."""

    question: int
    text: str
    category: str
    rubric: str
    status: Literal["assessed", "not_assessed"]
    reason: Reason
    """Why not, in one word; empty when it was assessed."""
    answer: str
    score: int | None = None
    """0..100."""
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    """The candidate's words that the score rests on; they are in `answer`."""
    steering: tuple[str, ...] = ()
    """What the candidate said to the assessor; the model did not see it."""
    cut: bool = False
    """Whether the model read only the beginning, because the answer is very long."""
    asked_ms: int | None = None
    answered_ms: int | None = None


class Versions(msgspec.Struct, frozen=True):
    prompt: str
    rubric: str
    """The first 16 hexadecimal digits of the SHA-256 of all questions and rubrics."""
    model: str


class Assessment(msgspec.Struct, frozen=True):
    """The `analysis` of a finished interview."""

    advice: str
    summary: str
    overall_score: int | None
    """Mean of the scores; None when no answer was assessed."""
    skill_scores: dict[str, int]
    """Mean by category."""
    strengths: list[str]
    areas_for_improvement: list[str]
    recommendations: list[str]
    answers: list[AnswerAssessment]
    measures: Measures
    versions: Versions


async def assess(
    llm: Llm, plan: Plan, entries: Sequence[AnyEntry], *, model: str = ""
) -> Assessment:
    """Assess an interview. A model that fails leaves answers unassessed and raises nothing; `model`
    is its id, to be stamped on the result."""
    judged = [await _judge(llm, plan, each) for each in answers(plan, entries)]
    return compose(plan, judged, measure(plan, entries), model)


def compose(
    plan: Plan, judged: Sequence[AnswerAssessment], measures: Measures, model: str
) -> Assessment:
    """Everything that follows from the single answers."""
    scores = {each.question: each.score for each in judged if each.score is not None}
    by_category: dict[str, list[int]] = {}
    for each in judged:
        if each.score is not None:
            by_category.setdefault(each.category, []).append(each.score)
    overall = mean(list(scores.values())) if scores else None
    strengths = _distinct(s for each in _best(judged) for s in each.strengths)
    improvements = _distinct(s for each in _best(judged)[::-1] for s in each.improvements)
    return Assessment(
        advice=ADVICE,
        summary=_summary(judged, measures, overall),
        overall_score=overall,
        skill_scores={category: mean(found) for category, found in by_category.items()},
        strengths=strengths,
        areas_for_improvement=improvements,
        recommendations=_recommendations(judged),
        answers=list(judged),
        measures=measures,
        versions=Versions(PROMPT_VERSION, rubric_hash(plan), model),
    )


def rubric_hash(plan: Plan) -> str:
    """Which questions and rubrics were assessed: equal for equal ones."""
    rubrics = msgspec.json.encode([(q.text, q.rubric, q.category) for q in plan.questions])
    return hashlib.sha256(rubrics).hexdigest()[:16]


class _Opinion(msgspec.Struct, frozen=True):
    """What the model wrote."""

    score: int
    strengths: list[str]
    improvements: list[str]
    evidence: str


async def _judge(llm: Llm, plan: Plan, answered: Answered) -> AnswerAssessment:
    question = plan.questions[answered.question]
    kept, steering = without_steering(one_line(answered.answer))
    read = kept[:ANSWER_CHARACTERS]
    blank = AnswerAssessment(
        answered.question,
        question_text(plan, answered.question),
        question.category,
        one_line(question.rubric) or DEFAULT_RUBRIC,
        "not_assessed",
        "",
        answered.answer,
        steering=steering,
        cut=len(kept) > len(read),
        asked_ms=answered.asked_ms,
        answered_ms=answered.answered_ms,
    )
    if answered.asked_ms is None:
        return _unassessed(blank, "not_asked")
    if not any(map(str.isalnum, read)):
        return _unassessed(blank, "not_answered")
    content = f"Question: {blank.text}\nAnswer: {read}\nRubric: {blank.rubric}"
    messages = [Message("system", SYSTEM), Message("user", content)]
    try:
        written = await llm.fill(messages, SCHEMA, max_tokens=MAX_TOKENS)
    except (EngineError, TimeoutError):
        return _unassessed(blank, "model_failed")
    return _checked(blank, written, read)


def _checked(blank: AnswerAssessment, written: str, read: str) -> AnswerAssessment:
    try:
        opinion = msgspec.json.decode(written, type=_Opinion)
    except (msgspec.MsgspecError, UnicodeError):
        return _unassessed(blank, "unusable")
    if not 0 <= opinion.score <= 100:
        return _unassessed(blank, "unusable")
    evidence = one_line(opinion.evidence)[:EVIDENCE_CHARACTERS]
    if not quotes(evidence, read):
        return _unassessed(blank, "no_evidence")
    return msgspec.structs.replace(
        blank,
        status="assessed",
        score=opinion.score,
        strengths=_remarks(opinion.strengths),
        improvements=_remarks(opinion.improvements),
        evidence=(evidence,),
    )


def _unassessed(blank: AnswerAssessment, reason: Reason) -> AnswerAssessment:
    return msgspec.structs.replace(blank, reason=reason)


def _remarks(written: Sequence[str]) -> tuple[str, ...]:
    lines = (one_line(remark)[:REMARK_CHARACTERS] for remark in written)
    return tuple(_distinct(line for line in lines if line)[:REMARKS])


def _summary(judged: Sequence[AnswerAssessment], measures: Measures, overall: int | None) -> str:
    assessed = sum(each.score is not None for each in judged)
    sentences = [
        f"{measures.questions_asked} of {measures.questions_planned} questions were asked and "
        f"{measures.questions_answered} answered in {_minutes(measures.duration_s)}.",
        f"{assessed} answers were assessed; their mean score is {overall} of 100."
        if overall is not None
        else "No answer was assessed, so there is no score.",
    ]
    best = _best(judged)
    if len(best) > 1 and best[0].score != best[-1].score:
        sentences.append(f"The best answer was to: {best[0].text} ({best[0].score})")
        sentences.append(f"The weakest was to: {best[-1].text} ({best[-1].score})")
    if any(each.steering for each in judged):
        sentences.append("Some words seemed meant for the assessor; they were left out.")
    return " ".join(sentences)


def _recommendations(judged: Sequence[AnswerAssessment]) -> list[str]:
    """What a person should do next; never whether to hire."""
    advised = []
    for each in judged:
        if each.score is None:
            reason = REASONS[each.reason]
            advised.append(f"Not assessed, because {reason}; judge it yourself: {each.text}")
        elif each.score < WEAK:
            advised.append(f"Ask more about this, the answer was weak: {each.text}")
        if each.steering:
            advised.append(f"Read what was said to the assessor in the answer to: {each.text}")
    return [*advised, "Read the cited words in the transcript before you rely on a score."]


def _best(judged: Sequence[AnswerAssessment]) -> list[AnswerAssessment]:
    """The assessed answers, best first."""
    return sorted(
        (each for each in judged if each.score is not None), key=lambda each: -(each.score or 0)
    )


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def mean(scores: Sequence[int]) -> int:
    """Of at least one score, to the whole point."""
    return round(sum(scores) / len(scores))


def _minutes(seconds: float) -> str:
    minutes = max(round(seconds / 60), 1)
    return f"{minutes} minute" if minutes == 1 else f"{minutes} minutes"
