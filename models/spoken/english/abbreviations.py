"""Write abbreviations in full, and without a dot that a voice would take for the end of a
sentence."""

import re

from ..rules import Rule, rule
from .words import ABBREVIATED, MAYBE_LAST, NUMBERED, OPENERS, TITLES, WITHOUT_A_DOT

_ENDS = re.compile(r"[\"”’')\]]*\s*(?:\n|\Z)")
_OPENS = re.compile(rf"[\"”’')\]]*\s+[\"“‘(]*(?:{'|'.join(sorted(OPENERS))})\b(?!\.)")
_A_NAME = re.compile(r"\s+[A-Z]")
_AFTER_A_NAME = re.compile(r"(?:\b[A-Z][a-z]+|\d(?:st|nd|rd|th))\s$")


def _last(text: str, end: int) -> bool:
    """Return True if the dot before `end` also ends the sentence."""
    return bool(_ENDS.match(text, end) or _OPENS.match(text, end))


def _in_full(found: re.Match[str]) -> str:
    text, word, end = found.string, found["word"].casefold(), found.end()
    dot = "." if word in MAYBE_LAST and _last(text, end) else ""
    named = _A_NAME.match(text, end) and not _OPENS.match(text, end)
    if word == "st" and named:
        return "Saint"
    if word == "dr" and not named and _AFTER_A_NAME.search(text[: found.start()]):
        return "Drive" + ("." if _last(text, end) else "")
    if word in TITLES and not named:
        return found[0]
    if word == "al" and not text[: found.start()].endswith("et "):
        return found[0]
    return ABBREVIATED[word] + dot


def _without_dot(found: re.Match[str]) -> str:
    word = found["word"]
    known = word.islower() or word.istitle()
    return ABBREVIATED[word.casefold()] if known else found[0]


def _initials(found: re.Match[str]) -> str:
    letters = found[0].replace(".", "").upper()
    ended = found[0].endswith(".") and _last(found.string, found.end())
    return f"{letters}." if ended else letters


def _initial(found: re.Match[str]) -> str:
    return found[0] if _OPENS.match(found.string, found.end()) else found["letter"]


_DOTTED = "|".join(re.escape(word) for word in ABBREVIATED if "." in word)
_WORDS = "|".join(sorted((word for word in ABBREVIATED if "." not in word), key=len, reverse=True))
ABBREVIATIONS: tuple[Rule, ...] = (
    rule(
        rf"(?<![\w.])(?P<word>{'|'.join(NUMBERED)})\.\s?(?=#?\d)",
        lambda m: f"{NUMBERED[m['word'].casefold()]} ",
        re.IGNORECASE,
    ),
    rule(r"[№Nn][ºo]\.?\s?(?=\d)(?<!\bno )(?<!\bNo )|№\s?", "number "),
    rule(rf"(?<![\w.@/-])(?P<word>{_DOTTED})(?:\.|\b)(?!\w)", _in_full, re.IGNORECASE),
    rule(rf"(?<![\w.@/-])(?P<word>{_WORDS})\.(?!\w)", _in_full, re.IGNORECASE),
    rule(
        rf"(?<![\w.@/’'-])(?<!slash )(?P<word>{'|'.join(sorted(WITHOUT_A_DOT))})(?![\w/’'-]|\.\w)",
        _without_dot,
        re.IGNORECASE,
    ),
    rule(
        r"(?<![\w.])(?:[^\W\d_]\.){2,}(?!\w)|(?<![\w.])(?:[^\W\d_]\.)+[^\W\d_](?![\w.])", _initials
    ),
    rule(r"(?<=\d)(?:[aApP]\.[mM]\.)", lambda m: f" {_initials(m)}"),
    rule(r"(?<![\w.'’])(?P<letter>[A-HJ-Z])\.(?=\s+(?:[A-Z]\.|[A-Z][a-z]))", _initial),
)
