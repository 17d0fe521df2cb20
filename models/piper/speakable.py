"""Reduce a text to what can be said aloud. Pure.

A language model writes markdown, links and emoji, which a voice would read out, and Piper takes
text in [[double brackets]] for phonemes. A candidate's name may contain any of these, too.
"""

import re
import unicodedata

from ..spoken import sayer
from ..spoken.rules import Rule, apply

_REMOVED: list[Rule] = [
    (re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL), " "),  # code blocks
    (re.compile(r"\[\[.*?(?:\]\]|\Z)", re.DOTALL), " "),  # Piper's phonemes
    (re.compile(r"<\|.*?\|>|</?[A-Za-z!][^<>]*>"), " "),  # control tokens of a model, HTML
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)"), r"\1"),  # [text](link)
]
_LINKS: list[Rule] = [
    (re.compile(r"\b(?:https?|ftp|file|mailto):\S*[^\s.,;:!?)]|\bwww\.\S*[^\s.,;:!?)]"), " "),
]
_MARKDOWN: list[Rule] = [
    (re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•]\s+|[-*_=]{3,}\s*$)", re.MULTILINE), ""),
    (re.compile(r"(?<=\d)\s*\*\s*(?=\d)"), " × "),  # the only asterisk that means something
    (re.compile(r"(?<=\d)\*\*(?=\d)"), "^"),
    (re.compile(r"[*`\[\]{}\\]|~~"), ""),
]
_LEFT: list[Rule] = [
    (re.compile(r"(?<!\w)#"), ""),
    (re.compile(r"[_|]"), " "),
]
_PUNCTUATION: list[Rule] = [
    (re.compile(r"(?:\.\s?){2,}\.|\.{2,}|…"), "…"),
    (re.compile(r"…(?=\s*(?:[^\W\d_a-zß-ÿ]|\Z))"), ". "),  # "and so on… Then"
    (re.compile(r"…"), ", "),  # "well… maybe"
    (re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|Sr|Jr)\.(?=\s+\w)"), r"\1"),  # no sentence ends there
    (re.compile(r"[!?.,;:](?:\s*[!?.,;:])+(?=\s|\Z)"), lambda m: _strongest(m[0])),
    (re.compile(r"\(\s*\)|\"\s*\"|“\s*”"), " "),
    (re.compile(r"\s+(?=[.,;:!?](?:\s|\Z))"), ""),
    (re.compile(r"\A[\s,;:.!?–—]+"), ""),
    (re.compile(r"\s+"), " "),
]
_JOINERS = "\u200c\u200d"
"""Characters that are part of the spelling between letters in Persian and the languages of India;
elsewhere they belong to emoji."""


def speakable(text: str, language: str = "en") -> str:
    """Return the text as one line of words and punctuation; empty when no letter or digit is left.
    Whatever the language has words for is written out before the remaining signs are dropped."""
    text = sayer(language)(apply(_REMOVED + _MARKDOWN, text))
    text = apply(_LINKS + _LEFT, text)
    text = "".join(_character(text, n) for n in range(len(text)))
    text = apply(_PUNCTUATION, text).strip()
    return text if any(map(str.isalnum, text)) else ""


def _strongest(marks: str) -> str:
    """Return the one mark to say for several: "?!", "word . .", "in the U.K.?", "etc.,"."""
    loud = re.search(r"[!?]", marks)
    if loud:
        return loud[0]
    return next((mark for mark in marks if mark in ",;:"), ".") if marks[0] == "." else marks[0]


def _character(text: str, n: int) -> str:
    c = text[n]
    category = unicodedata.category(c)
    if c in _JOINERS:
        return c if text[n - 1 : n].isalpha() and text[n + 1 : n + 2].isalpha() else ""
    if c.isspace() or category == "Cc" or (category in ("So", "Sk") and c != "°"):
        return " "
    if category[0] == "C" or "\ufe00" <= c <= "\ufe0f" or c == "\u20e3":
        return ""  # formatting, private use, variation selectors, the keycap of 1️⃣
    return c
