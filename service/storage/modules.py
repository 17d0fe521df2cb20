"""Read an agenda of modules (title, minutes, objectives, topics, criteria, maybe questions) as the
questions of a plan: one or more for each module, in its category. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.interview.plan import (
    FOLLOW_UPS,
    NAME_CHARACTERS,
    RUBRIC_CHARACTERS,
    Question,
    one_line,
    summary,
)

from ..json_text import lenient
from .listed_questions import TITLE_KEYS, first, questions_in
from .module_wording import CLOSING, asked_of

_MODULES = ("modules", "agenda_modules")
_WRAPPERS = ("agenda", "interview_agenda", "plan", "data")
_QUESTIONS = ("questions", "sample_questions", "suggested_questions", "key_questions")
_CRITERIA = ("evaluation_criteria", "criteria", "rubric")
_MINUTES = ("duration_minutes", "duration", "minutes")
_MARKS = ("objectives", "evaluation_criteria", "duration_minutes")
"""Keys that tell a module in a bare list from a section of questions."""
_ITEM = ("name", "title", "criterion", "text", "description", "objective", "topic")
_WRITTEN = re.compile(r"\s*(\d{1,4}(?:\.\d+)?)(?!\.?\d|[eE][+-]?\d)")
_TOTAL = ("total_duration_minutes", "total_duration", "duration_minutes")
WRAPPED = 3
"""Levels of JSON written as a text inside JSON that are decoded."""
DEPTH = 3
"""Levels of nested objects that are searched."""
FOLLOW_UP_MINUTES = 3.0
"""Minutes for one follow-up: a question may have as many as its share of the module's time
allows."""
QUESTION_MINUTES = 5.0
"""Minutes for one question in a module without questions of its own, as far as it has topics."""
MOST_MADE = 4
"""The most questions that are made for one module."""


@dataclass(frozen=True, slots=True)
class Module:
    title: str
    minutes: float | None
    questions: tuple[Question, ...]
    rubric_cut: bool


def unwrap(value: Any) -> Any:
    """Decode JSON that was written into JSON as a text, even twice. Other programs may write lone
    surrogates, where a text was cut, and numbers that are none."""
    for _ in range(WRAPPED):
        if not isinstance(value, str):
            break
        value = lenient(value.strip().removeprefix("\ufeff"))
    return value


def modules_in(agenda: Any, depth: int = 0) -> tuple[list[Any], float | None] | None:
    """Return the list of modules, and the minutes of all together where that is said; None when
    this is no agenda of modules."""
    agenda = unwrap(agenda) if depth else agenda
    if isinstance(agenda, list):
        found = [item for item in agenda if isinstance(item, dict)]
        plain = any(first(m, TITLE_KEYS) and any(k in m for k in _MARKS) for m in found)
        return (agenda, None) if plain else None
    if not isinstance(agenda, dict) or depth > DEPTH:
        return None
    total = next((m for key in _TOTAL if (m := as_minutes(agenda.get(key)))), None)
    for key in _MODULES:
        match unwrap(agenda.get(key)):
            case list(listed_):
                return listed_, total
            case dict(named):
                titled = [{"title": title, **_object(value)} for title, value in named.items()]
                return titled, total
    for key in _WRAPPERS:
        if inner := modules_in(agenda.get(key), depth + 1):
            return inner[0], inner[1] or total
    return None


def module(item: Any, number: int) -> Module | None:
    """Return the item as a module; None when there is nothing in it that could be asked about."""
    if isinstance(item, str):
        item = {"title": item}
    if not isinstance(item, dict):
        return None
    title = one_line(first(item, TITLE_KEYS))
    topics, objectives = texts(item.get("topics")), texts(item.get("objectives"))
    own = [item[key] for key in _QUESTIONS if item.get(key)]
    if not (title or topics or objectives or own):
        return None
    named = summary(title, NAME_CHARACTERS) or f"Module {number}"
    minutes = next((m for key in _MINUTES if (m := as_minutes(item.get(key)))), None)
    whole = _rubric(item, objectives, topics)
    rubric = summary(whole, RUBRIC_CHARACTERS)
    found = list(questions_in(own, Question("", 1, rubric, named)))
    if not found:
        most = max(1, min(MOST_MADE, round((minutes or 0) / QUESTION_MINUTES)))
        found = [
            Question(text, int(text != CLOSING), rubric, named)
            for text in asked_of(title, topics, objectives, most)
        ]
    return Module(named, minutes, _followed_up(found, minutes, own), len(whole) > len(rubric))


def as_minutes(value: Any) -> float | None:
    """Return a number of minutes, also where it is written as a text; None for anything else."""
    if isinstance(value, str) and (written := _WRITTEN.match(value)):
        value = float(written[1])
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e4
    return float(value) if usable else None


def texts(value: Any) -> list[str]:
    """Return the texts in a list, in an object or in a single text, each as one line."""
    return [line for text in _texts(value) if (line := one_line(text))]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                if isinstance(item, str):
                    yield item
                elif isinstance(item, dict):
                    yield first(item, _ITEM) or "; ".join(_texts(item))
        case dict():
            for name, said in value.items():
                inner = ", ".join(texts(said))
                yield f"{name}: {inner}" if inner else str(name)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"topics": value}


def _rubric(item: dict[str, Any], objectives: Sequence[str], topics: Sequence[str]) -> str:
    criteria = [text for key in _CRITERIA for text in texts(item.get(key))]
    parts = (("Criteria", criteria), ("Objectives", objectives), ("Topics", topics))
    return " ".join(f"{name}: {'; '.join(found).rstrip('.')}." for name, found in parts if found)


def _followed_up(
    questions: Sequence[Question], minutes: float | None, own: Sequence[Any]
) -> tuple[Question, ...]:
    """Return the questions with as many follow-ups as the module has time for; where the agenda
    gives the number itself, it stays."""
    if minutes is None or not questions:
        return tuple(questions)
    number = min(int(minutes / len(questions) / FOLLOW_UP_MINUTES), FOLLOW_UPS[-1])
    return tuple(
        each
        if _said(own) or each.text == CLOSING
        else Question(each.text, number, each.rubric, each.category)
        for each in questions
    )


def _said(own: Any) -> bool:
    """Return whether any question of the agenda's own says how often it may be followed up."""
    match own:
        case list():
            return any(_said(inner) for inner in own)
        case dict():
            return "follow_ups" in own
    return False
