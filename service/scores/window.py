"""The part of an analysis that a product's results window reads, made from the assessment. Pure.

The window shows `score` as "N/100" and takes a missing one for zero, so an interview that was not
assessed has words there. Modules are the categories of the questions.
"""

from collections.abc import Sequence
from typing import Any

from pipeline.assessment.assess import REASONS, AnswerAssessment, Assessment

from .review import Review

NOT_ASSESSED = "not assessed"
FIT = (
    (75, "Strong"),
    (50, "Moderate"),
    (0, "Weak"),
)
"""Lowest score, and the fit that it is called."""
FAIRNESS = (
    "Each answer was judged by its words alone, against its question and the rubric: not by accent,"
    " voice, pace, feelings or personality, and what is measured of the talk changes no score."
    " No score was adjusted for a group of people, and none was compared with other candidates."
    " Speech recognition makes mistakes, more for some speakers than for others: read the words"
    " that a score cites."
)
"""Holds for every assessment made here; it describes what `judgement.py` does."""


BY_MODEL = "What the model alone made of it: "


def analysis_of(assessment: Assessment, review: Review | None = None) -> dict[str, Any]:
    """Return the keys that the window reads and an assessment lacks, and its summary. Scores that a
    person gave count in them and are listed as adjustments; the model's scores stay in the
    assessment's own keys."""
    overall = review.overall_score if review else assessment.overall_score
    modules = _modules(assessment)
    scores = review.skill_scores if review else assessment.skill_scores
    return {
        "score": NOT_ASSESSED if overall is None else overall,
        "summary": _summary(assessment.summary, review),
        "job_fit": _fit(overall, reviewed=review is not None),
        "weaknesses": list(assessment.areas_for_improvement),
        "skills_assessment": {
            "agenda_modules": {
                title: _metrics(found, scores.get(title)) for title, found in modules.items()
            }
        },
        "module_performance": {
            title: _performance(found, scores.get(title)) for title, found in modules.items()
        },
        "assessment_fairness": {"notes": FAIRNESS + (_persons(review) if review else "")},
        "fairness_adjustments": _adjustments(assessment, review) if review else [],
    }


def _summary(stored: str, review: Review | None) -> str:
    """Return the model's summary, which states its own score, preceded by the score of the review.
    `stored` may already contain an earlier review."""
    _, _, models = stored.partition(BY_MODEL)
    models = models or stored
    if review is None:
        return models
    return (
        f"{_number(review)} scored by a person; with that the score is {review.overall_score} of"
        f" 100. {BY_MODEL}{models}"
    )


def _modules(assessment: Assessment) -> dict[str, list[AnswerAssessment]]:
    modules: dict[str, list[AnswerAssessment]] = {}
    for each in assessment.answers:
        modules.setdefault(each.category, []).append(each)
    return modules


def _fit(score: int | None, *, reviewed: bool) -> str:
    if score is None:
        return "Not assessed"
    word = next(word for least, word in FIT if score >= least)
    by = "with the scores of a person" if reviewed else "by the model's scores"
    return f"{word} ({score} of 100 {by}; advice, not a decision)"


def _metrics(answers: Sequence[AnswerAssessment], score: int | None) -> dict[str, int | str]:
    return {
        "score": NOT_ASSESSED if score is None else score,
        "questions": len(answers),
        "answered": sum(bool(each.answer) for each in answers),
        "assessed": sum(each.score is not None for each in answers),
    }


def _performance(answers: Sequence[AnswerAssessment], score: int | None) -> int | str:
    if score is not None:
        return score
    reasons = dict.fromkeys(REASONS[each.reason] for each in answers)
    return f"{NOT_ASSESSED}: {'; '.join(reasons)}"


def _persons(review: Review) -> str:
    return f" {_number(review)} scored by a person; those scores count here."


def _number(review: Review) -> str:
    number = len(review.scores)
    return f"{number} answer{' was' if number == 1 else 's were'}"


def _adjustments(assessment: Assessment, review: Review) -> list[dict[str, str]]:
    category = {str(each.question): each.category for each in assessment.answers}
    machine = {str(each.question): each.score for each in assessment.answers}
    return [
        {
            "module": category[question],
            "adjustment": f"Question {given.question + 1}: a person gave {given.score} of 100,"
            f" the model {_or_none(machine[question])}. {given.reason}",
        }
        for question, given in review.scores.items()
        if question in category
    ]


def _or_none(score: int | None) -> str:
    return "none" if score is None else str(score)
