"""Write English text out as people say it: the rules of each topic in turn, plain numbers after
everything that contains one."""

import re
import unicodedata

from ..rules import apply
from .abbreviations import ABBREVIATIONS
from .addresses import ADDRESSES
from .money import AMOUNTS
from .names import NAMED, ROMAN
from .numbers import IDENTIFIERS, NUMBERS, YEARS
from .phones import PHONES
from .symbols import BEFORE_NUMBERS, REST
from .times import TIMES

_OTHER_FORMS = re.compile(r"[^\x00-\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANKS = re.compile(r" {2,}| (?=[,.;:!?](?:\s|\Z))")
_RULES = (
    *ADDRESSES,
    *NAMED,
    *ABBREVIATIONS,
    *ROMAN,
    *TIMES,
    *PHONES,
    *BEFORE_NUMBERS,
    *IDENTIFIERS,
    *YEARS,
    *AMOUNTS,
    *NUMBERS,
    *REST,
)


def say(text: str, /) -> str:
    """Return `text` with everything that is not a word or punctuation written out in words."""
    plain = _SPACES.sub(" ", _OTHER_FORMS.sub(_plain, text))
    said = apply(_RULES, plain)
    return said if said == text else _BLANKS.sub("", said.replace("  ", " ")).strip(" ")


def _plain(found: re.Match[str]) -> str:
    """Return the usual form of a digit, a space, a hyphen or a full-width letter."""
    c = found[0]
    if (digit := unicodedata.decimal(c, None)) is not None:
        return str(digit)
    if c.isspace():
        return " "
    if c in "\u2010\u2011\u2212":
        return "-"
    if c in "\ufe0f\u20e3":
        return ""  # of the keycap in 1️⃣
    if unicodedata.category(c) == "No":
        form = unicodedata.normalize("NFKC", c).replace("\u2044", "/")
        return f" {form}" if "/" in form else "^" + form if c in "⁰¹²³⁴⁵⁶⁷⁸⁹" else f" {form} "
    return unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" else c
