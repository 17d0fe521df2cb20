"""Assess an interview: a model judges the answers, code checks the judgements and counts what can
be counted.

Each answer is judged separately (judgement.py). The model writes scores and short remarks; the
summary is composed here, so nothing in it is made up by the model.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from models.contracts import Llm

from ..interview.injection import honest
from ..interview.plan import Plan, one_line
from ..journal import AnyEntry
from ..language.known import language_of
from .assessor import UNKNOWN, Assessor
from .judgement import MODELS_FAULT, REASONS, AnswerAssessment, judge
from .measures import Measures, measure
from .opinion import distinct
from .remembering import Remembering
from .transcript import answers

__all__ = [
    "ADVICE",
    "MODELS_FAULT",
    "REASONS",
    "AnswerAssessment",
    "Assessment",
    "Replaced",
    "Versions",
    "assess",
    "compose",
    "mean",
    "rubric_hash",
]

WEAK = 50
"""Score below which an answer is worth asking about again."""
ADVICE = (
    "This assessment was made by a machine to advise a person; it does not decide. Check each "
    "score against the words that it cites before you use it."
)


class Versions(msgspec.Struct, frozen=True):
    prompt: str
    rubric: str
    """The first 16 hexadecimal digits of the SHA-256 of all questions and rubrics."""
    model: str


class Replaced(msgspec.Struct, frozen=True):
    """The trace of an assessment that a newer one has replaced."""

    replaced_at: datetime
    overall_score: int | None
    versions: Versions


class Assessment(msgspec.Struct, frozen=True):
    """The `analysis` of a finished interview."""

    advice: str
    summary: str
    overall_score: int | None
    """Mean of the scores; None when no answer was assessed."""
    skill_scores: dict[str, int]
    """Mean score by category."""
    strengths: list[str]
    areas_for_improvement: list[str]
    recommendations: list[str]
    answers: list[AnswerAssessment]
    measures: Measures
    versions: Versions
    assessor: str = ""
    """Sentence that names the model and says how far to trust it, or that none judged; empty in
    older results."""
    demonstration: bool = False
    """True if the model that judged is too small for more than a demonstration."""
    replaced: list[Replaced] = msgspec.field(default_factory=list)
    """Earlier assessments of this interview, the oldest first."""
    profile_steering: list[str] = msgspec.field(default_factory=list)
    """Text in the candidate's profile that addresses the assessing model; no model has read it."""


async def assess(
    llm: Llm, plan: Plan, entries: Sequence[AnyEntry], assessor: Assessor = UNKNOWN
) -> Assessment:
    """Assess an interview. A model that fails leaves answers unassessed and raises nothing; the
    `assessor` says how it is asked, and is stamped on the result."""
    llm = Remembering(llm)
    judged = [await judge(llm, plan, each, assessor) for each in answers(plan, entries)]
    return compose(plan, judged, measure(plan, entries), assessor)


def compose(
    plan: Plan, judged: Sequence[AnswerAssessment], measures: Measures, assessor: Assessor
) -> Assessment:
    """Compose everything that follows from the single judgements."""
    scores = {each.question: each.score for each in judged if each.score is not None}
    by_category: dict[str, list[int]] = {}
    for each in judged:
        if each.score is not None:
            by_category.setdefault(each.category, []).append(each.score)
    overall = mean(list(scores.values())) if scores else None
    strengths = distinct(s for each in _best(judged) for s in each.strengths)
    improvements = distinct(s for each in _best(judged)[::-1] for s in each.improvements)
    profile = one_line(plan.candidate_summary)
    _, profile_steering = honest(profile, language_of(plan.language))
    return Assessment(
        advice=ADVICE,
        summary=_summary(judged, measures, overall, assessor),
        overall_score=overall,
        skill_scores={category: mean(found) for category, found in by_category.items()},
        strengths=strengths,
        areas_for_improvement=improvements,
        recommendations=_recommendations(judged),
        answers=list(judged),
        measures=measures,
        versions=Versions(assessor.prompt_version, rubric_hash(plan), assessor.model),
        assessor=_judged_by(judged, assessor),
        demonstration=assessor.demonstrates and bool(scores),
        profile_steering=list(profile_steering),
    )


def rubric_hash(plan: Plan) -> str:
    """Return a fingerprint of the assessed questions and rubrics, equal for equal ones."""
    rubrics = msgspec.json.encode([(q.text, q.rubric, q.category) for q in plan.questions])
    return hashlib.sha256(rubrics).hexdigest()[:16]


def _summary(
    judged: Sequence[AnswerAssessment],
    measures: Measures,
    overall: int | None,
    assessor: Assessor,
) -> str:
    assessed = sum(each.score is not None for each in judged)
    if not measures.duration_s:
        return "The interview was not held: nothing was asked, so there is no score."
    sentences = [
        f"{measures.questions_asked} of {measures.questions_planned} questions were asked and "
        f"{measures.questions_answered} answered in {_minutes(measures.duration_s)}.",
        _scored(assessed, overall),
        *_not_assessed(judged),
    ]
    best = _best(judged)
    if len(best) > 1 and best[0].score != best[-1].score:
        sentences.append(f"The best answer was to: {best[0].text} ({best[0].score})")
        sentences.append(f"The weakest was to: {best[-1].text} ({best[-1].score})")
    if any(each.steering for each in judged):
        sentences.append("Some words seemed meant for the assessor; no score rests on them.")
    if assessor.demonstrates and assessed:
        sentences.append(assessor.described)
    return " ".join(sentences)


def _judged_by(judged: Sequence[AnswerAssessment], assessor: Assessor) -> str:
    if any(each.score is not None for each in judged):
        return assessor.described
    if any(each.reason in MODELS_FAULT for each in judged):
        return f"The {assessor.named} was asked, but nothing that it answered could be used."
    return "There was no answer to judge, so no language model was asked."


def _scored(assessed: int, overall: int | None) -> str:
    if overall is None:
        return "No answer was assessed, so there is no score."
    if assessed == 1:
        return f"1 answer was assessed; its score is {overall} of 100."
    return f"{assessed} answers were assessed; their mean score is {overall} of 100."


def _not_assessed(judged: Sequence[AnswerAssessment]) -> list[str]:
    """Return the questions that the score does not cover, with the reason for each."""
    by_reason: dict[str, list[str]] = {}
    for number, each in enumerate(judged, 1):
        if each.score is None:
            by_reason.setdefault(REASONS[each.reason], []).append(str(number))
    return [
        f"Not assessed, because {reason}: question{'s' * (len(numbers) > 1)} {', '.join(numbers)}."
        for reason, numbers in by_reason.items()
    ]


def _recommendations(judged: Sequence[AnswerAssessment]) -> list[str]:
    """Return what a person should do next; never whether to hire."""
    advised = []
    for each in judged:
        if each.score is None:
            reason = REASONS[each.reason]
            there = each.reason not in ("not_asked", "not_answered")
            judge_it = "; judge it yourself" if there else ""
            advised.append(f"Not assessed, because {reason}{judge_it}: {each.text}")
        elif each.score < WEAK:
            advised.append(f"Ask more about this, the answer was weak: {each.text}")
        if each.steering:
            advised.append(f"Read what was said to the assessor in the answer to: {each.text}")
    if any(each.score is not None for each in judged):
        advised.append("Read the cited words in the transcript before you rely on a score.")
    return advised


def _best(judged: Sequence[AnswerAssessment]) -> list[AnswerAssessment]:
    """Return the assessed answers, best first."""
    return sorted(
        (each for each in judged if each.score is not None), key=lambda each: -(each.score or 0)
    )


def mean(scores: Sequence[int]) -> int:
    """Return the mean of at least one score, to the whole point."""
    return round(sum(scores) / len(scores))


def _minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    if not minutes:
        return "less than a minute"
    return f"{minutes} minute" if minutes == 1 else f"{minutes} minutes"
