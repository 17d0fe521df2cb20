"""The opinion of a model on one answer, criterion by criterion, and the score that follows. Pure.

The score is the mean of the criteria's credits, to the whole point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from ..interview.plan import one_line

Met = Literal["yes", "partly", "no"]
Failure = Literal["model_failed", "out_of_time", "unusable", "no_evidence"]

CREDIT: dict[Met, int] = {"yes": 100, "partly": 50, "no": 0}
"""Credit for a verdict of a model that gives nothing finer."""
YES = 55
"""Least credit that is called "yes"."""
PARTLY = 25
"""Least credit that is called "partly"."""
REMARKS = 3
"""Most strengths, and most improvements, that are shown of one answer."""
REMARK_CHARACTERS = 100
"""Length of a remark in a model's own words."""


class NotUsable(Exception):
    """A form that was filled in so that it cannot be used."""

    def __init__(self, reason: Failure, why: str) -> None:
        super().__init__(why)
        self.reason = reason


class Verdict(msgspec.Struct, frozen=True):
    """The judgement of an answer by one criterion."""

    criterion: str
    met: Met
    credit: int
    """0..100; what the criterion adds to the mean."""
    evidence: str = ""
    """The sentence of the answer that it rests on; empty for "no"."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """A judgement of one answer, before it is known which reading of the answer stands."""

    score: int
    evidence: tuple[str, ...]
    strengths: tuple[str, ...] = ()
    improvements: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


def verdict(criterion: str, credit: int, sentence: str) -> Verdict:
    """Return the verdict for a credit. One without a sentence that it rests on is a "no"."""
    if not sentence:
        credit = 0
    met: Met = "yes" if credit >= YES else "partly" if credit >= PARTLY else "no"
    return Verdict(criterion, met, credit, sentence if met != "no" else "")


def opinion(verdicts: Sequence[Verdict], fallback: str) -> Opinion:
    """Compose the opinion of at least one verdict. `fallback` is a sentence of the answer, shown
    where no criterion is met: a score has to be comparable with what was said."""
    evidence = distinct(each.evidence for each in verdicts if each.evidence)
    fully = [each.criterion for each in verdicts if each.met == "yes"]
    partly, missing = (
        [f"{how}: {_lower(each.criterion)}" for each in verdicts if each.met == met]
        for how, met in (("Only in part", "partly"), ("Missing", "no"))
    )
    return Opinion(
        score=round(sum(each.credit for each in verdicts) / len(verdicts)),
        evidence=tuple(evidence or [fallback]),
        strengths=tuple(fully[:REMARKS]),
        improvements=tuple([*missing, *partly][:REMARKS]),
        verdicts=tuple(verdicts),
    )


def remarks(written: Sequence[str]) -> tuple[str, ...]:
    """Return the remarks that are kept of those that a model wrote."""
    lines = (one_line(remark)[:REMARK_CHARACTERS] for remark in written)
    return tuple(distinct(line for line in lines if line)[:REMARKS])


def gained(before: Sequence[Verdict], after: Sequence[Verdict]) -> int:
    """Return how many verdicts are better than before."""
    return sum(CREDIT[new.met] > CREDIT[old.met] for old, new in zip(before, after, strict=False))


def distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _lower(criterion: str) -> str:
    """Return the criterion as it goes on after a colon; a name or an abbreviation stays."""
    first, _, _ = criterion.partition(" ")
    plain = first[1:].islower() or len(first) == 1
    return criterion[:1].lower() + criterion[1:] if plain else criterion
