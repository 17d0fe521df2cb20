"""Find out what a person is called from the single field that holds their name. Pure.

The field also holds titles, credentials, pronouns, e-mail addresses and "Last, First". Everything
else is removed here; `nameparser` knows titles, particles and the order of names in each script.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nameparser import Parser, Policy

from .plan import UNNAMED_CANDIDATE


@dataclass(frozen=True, slots=True)
class Name:
    first: str
    """The given names; the whole name where it cannot be divided."""
    last: str
    """The family name, without titles and credentials; empty where it cannot be determined."""
    spoken: str
    """The name by which the interviewer addresses the person; empty where nothing in the field can
    be said."""


@lru_cache(maxsize=256)
def name_of(written: str) -> Name:
    """Return the name in the text of the name field."""
    if written == UNNAMED_CANDIDATE:
        return Name(written, "", "")
    text = _tidy(written)
    found = _parser.parse(text)
    given, family = _joined(found.given, found.middle), found.family
    whole = _joined(*sorted((given, family), key=text.find))
    if _SAID_WHOLE.fullmatch(whole):
        return Name(given or whole, family if given else "", whole)
    words = (word.strip(_MARKS) for word in (given or found.nickname).split())
    spoken = next(filter(_can_be_called, words), "")
    if text.isupper() and len(spoken) > 2:  # a voice may spell capitals out
        spoken = spoken.title()
    if given or (family and found.title):
        return Name(given, family, spoken)
    return Name(spoken or family or written, family if spoken else "", spoken)


def _tidy(written: str) -> str:
    """Return the text without brackets, addresses, symbols and anything behind a dash or a
    slash."""
    text = "".join(c for c in written if unicodedata.category(c) != "Cc" or c.isspace())
    while (without := _BRACKETS.sub(" ", text)) != text:  # one in another
        text = without
    text = _ASIDE.split(text, maxsplit=1)[0]
    words = [word for word in text.split() if not _ADDRESS.search(word)]
    text = re.sub(r"(?<=\w\w)\.(?=\w\w)|_", " ", " ".join(words))  # Dr.Weber, maria.lopez
    words = [word for word in text.split() if "," in word or any(map(str.isalpha, word))]
    return " ".join(words).rstrip(_MARKS)


def _can_be_called(word: str) -> bool:
    """Return True if the word is a name, not an initial and not something with digits or
    symbols."""
    kinds = {unicodedata.category(c)[0] for c in word if c not in "'’‘-·"}
    return "L" in kinds and kinds <= {"L", "M"} and len(word) > 1


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))


_parser = Parser(policy=Policy(segment_scripts=frozenset()))
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>|（[^（）]*）|【[^【】]*】")
_ASIDE = re.compile(r"(?<=\w)\s+[-–—/·]\s+|[|•]")
_ADDRESS = re.compile(r"[@/]")
"""Marks of e-mail and web addresses, and of pronouns ("she/her")."""
_MARKS = ".,;:!?\"'’‘"
_SAID_WHOLE = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\s·]+")
"""Chinese, Japanese and Korean names in their own scripts, which are said whole: the given name
alone is for friends."""
