"""Questions that somebody listed, in JSON of any shape. Pure."""

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
_QUESTION_KEYS = ("text", "question", "question_text")
_LIST_KEYS = ("questions", "sections", "topics", "items", "agenda")
DEPTH = 6
"""Lists in objects in lists are looked into so far."""


def questions_in(item: Any, usual: Question, depth: int = 0) -> Iterator[Question]:
    """The questions in it: texts in lists, objects that have a text, and objects with lists of
    those; what such an object is called is then the questions' category. What an item does not say
    is as in `usual`."""
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
    """The first of these that is a text with something in it."""
    texts = (item.get(key) for key in keys)
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _with(usual: Question, text: str) -> Question:
    return Question(text, usual.follow_ups, usual.rubric, usual.category)


def _with_details(text: str, item: dict[str, Any], usual: Question) -> Question:
    """With what else the object says of it, where a plan can have that."""
    asked = item.get("follow_ups")
    return Question(
        text,
        asked if type(asked) is int and asked in FOLLOW_UPS else usual.follow_ups,
        summary(first(item, ("rubric",)), RUBRIC_CHARACTERS) or usual.rubric,
        first(item, ("category",))[:NAME_CHARACTERS] or usual.category,
    )
