"""Write out signs that stand for a word."""

import re
import unicodedata

from ..rules import Rule, rule
from .words import SYMBOLS

_NUMERIC = r"(?=\s?[-+]?[$€£¥]?\d)"


def _symbol(found: re.Match[str]) -> str:
    c = found[0]
    if c in SYMBOLS:
        return f" {SYMBOLS[c]} "
    if unicodedata.category(c) == "Sc":
        return f" {unicodedata.name(c).lower().removesuffix(' sign')} "
    return " " if unicodedata.category(c) == "Sm" else c


BEFORE_NUMBERS: tuple[Rule, ...] = (
    rule(r"\s?(?:<=>|<->|↔)\s?", " to and from "),
    rule(r"\s?(?:-+>|=+>|→|⇒|➔|➜)\s?", " to "),
    rule(r"\s?<-+\s?(?!\d)", " from "),
    rule(r"\s?<=\s?|\s?≤\s?", " at most "),
    rule(r"\s?>=\s?|\s?≥\s?", " at least "),
    rule(r"\s?!==?\s?|\s?≠\s?", " is not "),
    rule(r"\s?={2,3}\s?", " equals "),
    rule(r"\s?&&\s?|\s?&amp;\s?", " and "),
    rule(r"\s?\|\|\s?", " or "),
    rule(r"\s?\+/-\s?|\s?\+-\s?(?=\d)", " plus or minus "),
    rule(rf"[~≈∼]{_NUMERIC}\s?", "about "),
    rule(rf"<{_NUMERIC}\s?", " less than "),
    rule(rf">{_NUMERIC}\s?", " more than "),
    rule(rf"(?<!\w)#{_NUMERIC}\s?", "number "),
    rule(r"(?<!\w)#(?=[^\W\d_])", "hashtag "),
    rule(r"§§?\s?(?=\d)", "section "),
    rule(r"(?<!\S)--(?=[a-z])", "dash dash "),
    rule(r"(?<!\S)-(?=[a-zA-Z]\b)", "dash "),
    rule(r"(?<=\d)\s?x\s?(?=\d)", " by "),
    rule(r"(?<![\w.])(\d)['’′](\d{1,2})[\"”″](?!\w)", r"\1 foot \2"),
    rule(r"(?<=[^\W\d_])\.(?=\d)", " dot "),
    rule(r"(?<![\w.])\.(?=\d)", "0."),
    rule(r"(?<![\w.,)\]-])(?<![\d)]\s)-(?=[$€£]?\d)", "minus "),
    rule(r"\^2(?!\d)(?<!\dm\^2)", " squared"),
)
REST: tuple[Rule, ...] = (
    rule(r"(?<=\w)/(?=\w)", " "),
    rule(r"\s?/\s?", " "),
    rule(r"(?<=\w)[®™]|[®™]", ""),
    rule(r"[•·]", ", "),
    rule(r"[^\w\s.,;:!?'\"’‘“”„«»()\[\]{}<>…–—\-*`|\\]|[<>]", _symbol),
)
