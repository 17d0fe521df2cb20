"""What of a text can be said aloud. Pure.

A language model writes markdown, links and emoji; a voice would read them out, and Piper would
take what stands in [[double brackets]] for phonemes. A candidate's name can hold either, too.
"""

import re
import unicodedata

_REMOVED = [
    (re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL), " "),  # code blocks
    (re.compile(r"\[\[.*?(?:\]\]|\Z)", re.DOTALL), " "),  # Piper's phonemes
    (re.compile(r"<\|.*?\|>|</?[A-Za-z!][^<>]*>"), " "),  # control tokens of a model, HTML
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)"), r"\1"),  # [text](link)
    (re.compile(r"\b(?:https?|ftp|file|mailto):\S*[^\s.,;:!?)]|\bwww\.\S*[^\s.,;:!?)]"), " "),
]
_MARKDOWN = [
    (re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•]\s+|[-*_=]{3,}\s*$)", re.MULTILINE), ""),
    (re.compile(r"(?<=\d)\s*\*\s*(?=\d)"), " × "),  # the only asterisk that means something
    (re.compile(r"[*`\[\]{}\\]|~~|(?<!\w)#"), ""),
    (re.compile(r"[_|]"), " "),
]
_PUNCTUATION = [
    (re.compile(r"(?:\.\s?){2,}\.|\.{2,}|…"), "…"),
    (re.compile(r"…(?=\s*(?:[^\W\d_a-zß-ÿ]|\Z))"), ". "),  # "and so on… Then"
    (re.compile(r"…"), ", "),  # "well… maybe"
    (re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof|Sr|Jr)\.(?=\s+\w)"), r"\1"),  # no sentence ends there
    (re.compile(r"([!?.,;:])(?:\s*[!?.,;:])+(?=\s|\Z)"), r"\1"),  # "?!", "word . ."
    (re.compile(r"\(\s*\)|\"\s*\"|“\s*”"), " "),
    (re.compile(r"\s+(?=[.,;:!?](?:\s|\Z))"), ""),
    (re.compile(r"\A[\s,;:.!?–—]+"), ""),
    (re.compile(r"\s+"), " "),
]
_JOINERS = "\u200c\u200d"
"""Part of the spelling between letters in Persian and the languages of India; else of emoji."""


def speakable(text: str) -> str:
    """The text in one line of words and punctuation; empty when no letter or digit is left."""
    for pattern, instead in _REMOVED + _MARKDOWN:
        text = pattern.sub(instead, text)
    text = "".join(_character(text, n) for n in range(len(text)))
    for pattern, instead in _PUNCTUATION:
        text = pattern.sub(instead, text)
    text = text.strip()
    return text if any(map(str.isalnum, text)) else ""


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
