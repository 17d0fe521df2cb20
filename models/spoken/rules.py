"""The form of a language's rules: patterns, and what is said instead."""

import re
from collections.abc import Callable, Iterable

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]


def rule(
    pattern: str, instead: Callable[[re.Match[str]], str] | str, flags: int | re.RegexFlag = 0
) -> Rule:
    return re.compile(pattern, flags), instead


def apply(rules: Iterable[Rule], text: str) -> str:
    """Apply the rules one after the other; each sees what the previous ones left."""
    for pattern, instead in rules:
        text = pattern.sub(instead, text)
    return text
