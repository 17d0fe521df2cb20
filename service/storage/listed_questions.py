"""Find the questions in JSON of any shape that somebody listed. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.interview.plan import (
    FOLLOW_UPS,
    NAME_CHARACTERS,
    RUBRIC_CHARACTERS,
    Question,
    summary,
)

TITLE_KEYS = ("title", "name", "section", "topic")
"""Keys that agendas use for the title of a section; the first one with a text counts."""
_QUESTION_KEYS = ("text", "question", "question_text")
_LIST_KEYS = ("questions", "sections", "topics", "items", "agenda")
DEPTH = 6
"""Levels of nesting (lists in objects in lists) that are searched."""


def questions_in(item: Any, usual: Question, depth: int = 0) -> Iterator[Question]:
    """Yield the questions in an item: texts in lists, objects that have a text, and objects with
    lists of those, whose title becomes the category of their questions. What an item does not say
    is taken from `usual`."""
    match item:
        case str() if item.strip():
            yield _with(usual, item)
        case list() if depth < DEPTH:
            for inner in item:
                yield from questions_in(inner, usual, depth + 1)
        case dict() if text := first(item, _QUESTION_KEYS):
            yield _with_details(text, item, usual)
        case dict() if depth < DEPTH:
            title = first(item, TITLE_KEYS)[:NAME_CHARACTERS] or usual.category
            titled = Question("", usual.follow_ups, usual.rubric, title)
            for key in _LIST_KEYS:
                if isinstance(inner := item.get(key), list | dict):
                    yield from questions_in(inner, titled, depth + 1)


def first(item: dict[str, Any], keys: Sequence[str]) -> str:
    """Return the first value under these keys that is a text and not blank; else an empty text."""
    texts = (item.get(key) for key in keys)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _with(usual: Question, text: str) -> Question:
    return Question(text, usual.follow_ups, usual.rubric, usual.category)


def _with_details(text: str, item: dict[str, Any], usual: Question) -> Question:
    """Return the question with the object's other details, where a plan can hold them."""
    asked = item.get("follow_ups")
    return Question(
        text,
        asked if type(asked) is int and asked in FOLLOW_UPS else usual.follow_ups,
        summary(first(item, ("rubric",)), RUBRIC_CHARACTERS) or usual.rubric,
        first(item, ("category",))[:NAME_CHARACTERS] or usual.category,
    )
