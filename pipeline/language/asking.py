"""Tell what kind of answer a question calls for. Pure."""

import enum

from ..matching import sentences_in, words
from .english import ENGLISH
from .language import Language


class Asked(enum.Enum):
    NOTHING = enum.auto()
    """It is not known what was asked."""
    EXPLANATION = enum.auto()
    SHORT = enum.auto()
    """Yes or no, a number, a date, a name."""


def kind_of(question: str, language: Language = ENGLISH) -> Asked:
    """Return what kind of answer the last sentence calls for."""
    line = _last_line(question)
    if not line:
        return Asked.NOTHING
    short = is_yes_or_no(question, language) or language.questions.number.match(line)
    return Asked.SHORT if short else Asked.EXPLANATION


def is_yes_or_no(question: str, language: Language = ENGLISH) -> bool:
    """Return True if "yes" or "no" answers the question in full, which is not so for "Can you tell
    me about …"."""
    line = _last_line(question)
    known = language.questions
    return bool(known.closed.match(line)) and not known.invites.match(line)


def _last_line(text: str) -> str:
    return " ".join(words((sentences_in(text) or [""])[-1]))
