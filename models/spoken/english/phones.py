"""Write out telephone numbers and other groups of digits that are not quantities."""

import re

from ..rules import Rule, rule
from .numbers import digits

_NOT_WITHIN = r"(?<![\w.,/$€£-])"
_NOR_BEFORE = r"(?![\w/]|[-.,]\d)"
_GROUP = re.compile(r"\d+")


def _groups(found: re.Match[str]) -> str:
    said = ", ".join(map(digits, _GROUP.findall(found[0])))
    return f"plus {said}" if found[0].startswith("+") else said


def _seven(found: re.Match[str]) -> str:
    """Read 555-1234 as a telephone number, but 500-1000 as a range."""
    low, high = map(int, _GROUP.findall(found[0]))
    return found[0] if low < high and high % 10 == 0 and low % 10 == 0 else _groups(found)


PHONES: tuple[Rule, ...] = (
    rule(rf"(?<![\w+])\+\d[\d ().-]{{5,18}}\d{_NOR_BEFORE}", _groups),
    rule(rf"(?<!\w)\(0?\d{{2,4}}\)\s?\d{{3,4}}[-. ]?\d{{3,5}}{_NOR_BEFORE}", _groups),
    rule(rf"{_NOT_WITHIN}(?:1[-. ])?\d{{3}}([-. ])\d{{3}}\1\d{{4}}{_NOR_BEFORE}", _groups),
    rule(rf"{_NOT_WITHIN}\d{{3}}-\d{{4}}{_NOR_BEFORE}", _seven),
    rule(rf"{_NOT_WITHIN}0\d{{1,4}}(?:[ /-]\d{{2,}})+{_NOR_BEFORE}", _groups),
    rule(rf"{_NOT_WITHIN}\d+(?:-\d+){{2,}}{_NOR_BEFORE}", _groups),
    rule(rf"{_NOT_WITHIN}\d{{4}}(?:[ -]\d{{4}}){{2,}}{_NOR_BEFORE}", _groups),
    rule(
        rf"{_NOT_WITHIN}\d{{1,3}}(?:\.\d{{1,3}}){{3}}{_NOR_BEFORE}",
        lambda m: " dot ".join(map(digits, m[0].split("."))),
    ),
)
