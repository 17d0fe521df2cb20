"""A person's view of a machine's assessment: both scores side by side, neither in the other's
place. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from pipeline.assessment.assess import Assessment, mean
from pipeline.matching import places

Piece = tuple[str, bool]
"""Some text, and whether a score rests on it."""


class Override(msgspec.Struct, frozen=True):
    """A score that a person gave."""

    question: int
    """Its number in the assessment's `answers`, from 0."""
    score: int
    """0..100."""
    reason: str
    by: str
    """The person, as they gave their name."""
    who: str
    """The key or token that it came with."""
    at: datetime


class Review(msgspec.Struct, frozen=True):
    """What follows where the persons' scores count instead of the machine's."""

    overall_score: int | None
    """Mean; None when there is no score at all."""
    skill_scores: dict[str, int]
    scores: dict[str, Override]
    """By the question's number (as text, for JSON), the newest that a person gave."""
    history: list[Override]
    """All of them, the oldest first."""


def assessment_of(analysis: dict[str, Any] | None) -> Assessment | None:
    """The stored analysis; None when there is none that was made here."""
    try:
        return msgspec.convert(analysis, Assessment)
    except msgspec.ValidationError:
        return None


def make_review(assessment: Assessment | None, history: Sequence[Override]) -> Review | None:
    """None while no person has given a score, or there is nothing that it would stand beside."""
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
    """The text in pieces, those that are quoted apart from the others. Case and punctuation may
    differ, as they may where quotations are checked."""
    found: list[Piece] = []
    at = 0
    for start, end in sorted(place for quote in quotes for place in places(quote, text)):
        if start >= at:
            found += [(text[at:start], False), (text[start:end], True)]
            at = end
    return [piece for piece in [*found, (text[at:], False)] if piece[0]]
