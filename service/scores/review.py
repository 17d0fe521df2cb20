"""A person's review of the model's assessment: both scores side by side, neither replacing the
other. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from pipeline.assessment.assess import Assessment, mean
from pipeline.matching import places

Piece = tuple[str, bool]
"""Some text, and whether it is quoted as evidence for a score."""


class Override(msgspec.Struct, frozen=True):
    """A score that a person gave."""

    question: int
    """Index of the answer in the assessment's `answers`, from 0."""
    score: int
    """The score, 0..100."""
    reason: str
    by: str
    """The person, by the name they gave."""
    who: str
    """The name of the API key or token that sent it."""
    at: datetime


class Review(msgspec.Struct, frozen=True):
    """The results when persons' scores count instead of the model's."""

    overall_score: int | None
    """Mean score; None when there is no score at all."""
    skill_scores: dict[str, int]
    scores: dict[str, Override]
    """The newest score that a person gave, by the question's index (as text, for JSON)."""
    history: list[Override]
    """All scores that persons gave, the oldest first."""


def assessment_of(analysis: dict[str, Any] | None) -> Assessment | None:
    """Return the stored analysis as an assessment; None when none was made here."""
    try:
        return msgspec.convert(analysis, Assessment)
    except msgspec.ValidationError:
        return None


def make_review(assessment: Assessment | None, history: Sequence[Override]) -> Review | None:
    """Return the review; None while no person has given a score, or there is no assessment beside
    which it would stand."""
    if assessment is None or not history:
        return None
    # docs/decisions/011-score-overrides.md: the stored analysis never changes
    newest = {override.question: override for override in history}
    found: dict[str, list[int]] = {}
    for each in assessment.answers:
        score = newest[each.question].score if each.question in newest else each.score
        if score is not None:
            found.setdefault(each.category, []).append(score)
    everything = [score for category in found.values() for score in category]
    return Review(
        overall_score=mean(everything) if everything else None,
        skill_scores={category: mean(scores) for category, scores in found.items()},
        scores={str(question): override for question, override in sorted(newest.items())},
        history=list(history),
    )


def mark_quotes(text: str, quotes: Sequence[str]) -> list[Piece]:
    """Split the text into pieces and mark those that are quoted. Case and punctuation may differ,
    as they may where quotations are checked."""
    found: list[Piece] = []
    at = 0
    for start, end in sorted(place for quote in quotes for place in places(quote, text)):
        if start >= at:
            found += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]
