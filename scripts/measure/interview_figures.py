"""The figures of a language model's interviews and assessments, and their table. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import graded_answers, reply_rules
from .graded_answers import Graded
from .hold_interview import Exchange


@dataclass(slots=True)
class Row:
    """A figure and what it should be."""

    name: str
    value: float | None
    unit: str = "%"
    at_least: float | None = None
    at_most: float | None = None
    count: int = 0

    def cell(self) -> str:
        if self.value is None:
            return "–"
        missed = (self.at_least is not None and self.value < self.at_least) or (
            self.at_most is not None and self.value > self.at_most
        )
        digits = 2 if self.unit == "s" else 1 if self.value % 1 else 0
        text = f"{self.value:.{digits}f}"
        return f"**{text}**" if missed else text

    def label(self) -> str:
        bar = ""
        if self.at_least is not None:
            bar = f", ≥ {self.at_least:g}"
        if self.at_most is not None:
            bar = f", ≤ {self.at_most:g}"
        return f"{self.name} ({self.unit}{bar})"


def rows(exchanges: Sequence[Exchange], graded: Sequence[Graded]) -> list[Row]:
    return [*_reply_rows(exchanges), *_assessment_rows(graded)]


def verdicts(exchanges: Sequence[Exchange]) -> list[dict[str, bool]]:
    by_interview: dict[int, list[Exchange]] = {}
    for each in exchanges:
        by_interview.setdefault(each.interview, []).append(each)
    return [v for each in by_interview.values() for v in reply_rules.judged(each)]


BARS = {
    "acknowledgement names a topic": 85,
    "keeps its role": 100,
    "question verbatim once": 100,
    "follow-up concrete": 80,
    reply_rules.ALIKE: 100,
}


def _reply_rows(exchanges: Sequence[Exchange]) -> list[Row]:
    judged = verdicts(exchanges)
    found = []
    for name in (*reply_rules.RULES, reply_rules.ALIKE, reply_rules.AGAIN):
        values = [each[name] for each in judged if name in each]
        found.append(Row(name, _percent(values), at_least=BARS.get(name), count=len(values)))
    first = [each.first_s for each in exchanges if each.first_s is not None]
    whole = [each.whole_s for each in exchanges if each.whole_s is not None]
    for name, values in (("first word", first), ("whole text", whole)):
        for part in (50, 95):
            value = float(np.percentile(values, part)) if values else None
            found.append(Row(f"{name}, p{part}", value, "s", count=len(values)))
    return found


def _assessment_rows(graded: Sequence[Graded]) -> list[Row]:
    grades = [each for each in graded if each.what in graded_answers.GRADES]
    scored = [each for each in graded if each.score is not None]
    order = graded_answers.in_order(grades)
    strict = graded_answers.all_in_order(grades)
    verbatim = [each.verbatim for each in scored]
    fault = [each.at_fault for each in graded]
    found = [
        Row("better of two answers scored higher", _percent(order), at_least=95, count=len(order)),
        Row("good above empty", _percent(order[2::3]), count=len(order) // 3),
        Row("good > medium > empty", _percent(strict), count=len(strict)),
        Row("evidence verbatim", _percent(verbatim), at_least=100, count=len(verbatim)),
        Row("not assessed by the model's fault", _percent(fault), at_most=2, count=len(fault)),
    ]
    steady = graded_answers.STEADY
    for name, pair in (
        ("rerun", ("good", "rerun")),
        ("another name", ("one name", "other name")),
        ("paraphrase", ("good", "paraphrase")),
    ):
        points = graded_answers.moved(graded, *pair)
        most = float(max(points)) if points else None
        at_most = steady if name == "rerun" else None
        found.append(Row(f"{name} moves a score, at most", most, "points", at_most=at_most))
        if criteria := graded_answers.changed(graded, *pair):
            label = f"{name} changes a criterion's verdict"
            found.append(Row(label, _percent(criteria), at_most=5, count=len(criteria)))
    seconds = [each.seconds for each in graded]
    median = float(np.median(seconds)) if seconds else None
    return [*found, Row("an assessment, p50", median, "s", count=len(seconds))]


def _percent(values: Sequence[bool]) -> float | None:
    return 100 * sum(values) / len(values) if values else None


def table(columns: dict[str, list[Row]]) -> str:
    names = list(dict.fromkeys(row.label() for rows in columns.values() for row in rows))
    by_name = [{row.label(): row.cell() for row in rows} for rows in columns.values()]
    lines = [f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {n} | {' | '.join(cells.get(n, '–') for cells in by_name)} |" for n in names]
    return "\n".join(lines)


def failures(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """Return the replies that failed a rule, those that failed most first."""
    found = []
    for each, judged in zip(exchanges, verdicts(exchanges), strict=True):
        if failed := [name for name, right in judged.items() if not right]:
            said = each.said.text if each.said else ""
            texts = {"said": said, "heard": each.heard, "written": each.written}
            found.append({"failed": failed, "act": each.act, **texts})
    return sorted(found, key=lambda each: -len(each["failed"]))
