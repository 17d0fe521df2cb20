"""Write out names spelt with signs, words joined by a slash, and roman numerals."""

import re

from ..rules import Rule, rule
from .numbers import cardinal, ordinal
from .words import EITHER, NAMES, OPENERS


def _any(words: object) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))  # type: ignore[call-overload]


_ROMAN = {
    f"{ten}{one}": tens * 10 + ones
    for tens, ten in enumerate(("", "X", "XX", "XXX"))
    for ones, one in enumerate(("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"))
    if tens or ones
}
_NUMERAL = r"(?P<roman>[IVX]+)\b"
_NUMBERED = (
    "War|Phase|Part|Parts|Chapter|Volume|Section|Act|Type|Level|Grade|Tier|Stage|Class|Title|Article|"
    "Appendix|Book|Episode|Module|Step|Round|Category|Schedule|Mark|Bowl|Unit|Division|Engineer|"
    "Developer|Analyst|Scientist|Annex|Factor|Quadrant|Form|Group|Table|Figure|Division|Option"
)
_REIGNED = (
    "Henry|Louis|Elizabeth|Charles|George|Edward|William|James|Richard|Paul|Benedict|Philip|"
    "Napoleon|Catherine|Frederick|Francis|Alexander|Nicholas|Peter|Leo|Pius|Mary|Ivan|Wilhelm|Otto|"
    "Victoria|Margaret|Carl|Gustav|Robert|Harold|Innocent|Gregory|Clement|Urban|Boniface"
)


def _numbered(found: re.Match[str]) -> str:
    number = _ROMAN.get(found["roman"])
    return f"{found['word']} {cardinal(str(number))}" if number else found[0]


def _reigned(found: re.Match[str]) -> str:
    number = _ROMAN.get(found["roman"])
    return f"{found['word']} the {ordinal(number)}" if number else found[0]


def _after_a_name(found: re.Match[str]) -> str:
    return found[0] if found["word"] in OPENERS else _numbered(found)


NAMED: tuple[Rule, ...] = (
    rule(rf"(?<![\w.$€£])(?:{_any(NAMES)})(?![\w+#/]|[.,:]\d)", lambda m: NAMES[m[0]]),
    rule(
        r"\b([48])K(?=\s(?:video|monitor|display|resolution|screen|TV|footage|stream|camera))",
        lambda m: f"{cardinal(m[1])} K",
    ),
    rule(r"(?<![\w.])\.(?=NET\b)|(?<=[A-Za-z])\.(?=NET\b)", " dot "),
    rule(r"\bdot NET\b", "dot net"),
    rule(r"(?<=[A-Za-z0-9])\.(?=[jJ][sS]\b)", " dot "),
    rule(r"\bdot js\b", "dot JS"),
    rule(
        rf"(?<![\w/])(?:{_any(EITHER)})(?![\w/])",
        lambda m: m[0].replace("/", " or "),
        re.IGNORECASE,
    ),
    rule(
        r"(?<=[a-z]{2})\.(?=(?:" + "|".join(w for w in sorted(OPENERS) if len(w) > 1) + r")\b)",
        ". ",
    ),
    rule(r"(?<=[^\W\d_]{2})\.(?=[^\W\d_]{2})", " dot "),
    rule(r"\b([AaX])[-–]([B-Zb-z])\b", r"\1 to \2"),
)
ROMAN: tuple[Rule, ...] = (
    rule(rf"\b(?P<word>{_NUMBERED})\s(?!I\b){_NUMERAL}", _numbered),
    rule(
        rf"\b(?P<word>{_NUMBERED})\s(?P<roman>I)\b(?=\s*(?:[^\w\s'’]|\Z|\s(?:of|and|or|to|is|was|in|for|trials?)\b))",
        _numbered,
    ),
    rule(rf"\b(?P<word>{_REIGNED})\s(?!I\b){_NUMERAL}", _reigned),
    rule(rf"\b(?P<word>{_REIGNED})\s(?P<roman>I)\b(?=\s*(?:[.?!]|\Z|\s(?:of|was)\b))", _reigned),
    rule(r"(?<!\w)(?P<word>[A-Z][a-z]+)\s(?P<roman>(?!X+\b)[IVX]{2,})\b", _after_a_name),
    rule(r"(?<=\b(?:one|two)\sand\s)(?P<word>)(?P<roman>I{2,3})\b", _numbered),
)
