"""What the modules of the languages are made of: patterns, and what is said instead."""

import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]


def rule(
    pattern: str, instead: Callable[[re.Match[str]], str] | str, flags: int | re.RegexFlag = 0
) -> Rule:
    return re.compile(pattern, flags), instead


def apply(rules: Iterable[Rule], text: str) -> str:
    """One after the other; each sees what those before it have left."""
    for pattern, instead in rules:
        text = pattern.sub(instead, text)
    return text
