"""What every generated sentence passes: the filter of rough language, the spelling of English."""

import re
from functools import cache
from pathlib import Path

from scripts.starter.vocabulary import PROPER_NOUNS

BLOCKED = Path(__file__).with_name("blocked_words.txt")

QUESTION_WORDS = frozenset(
    [
        "what",
        "how",
        "why",
        "where",
        "when",
        "who",
        "which",
        "whose",
        "do",
        "does",
        "did",
        "are",
        "is",
        "was",
        "were",
        "can",
        "could",
        "would",
        "will",
        "should",
        "have",
        "has",
    ]
)
INTERJECTIONS = frozenset("well yes no oh okay yeah".split())


@cache
def _blocked() -> re.Pattern[str]:
    entries = [line.strip() for line in BLOCKED.read_text(encoding="utf-8").splitlines()]
    entries = [entry for entry in entries if entry and not entry.startswith("#")]
    words = [re.escape(entry[1:]) for entry in entries if entry.startswith("=")]
    stems = [re.escape(entry) + r"[a-z]*" for entry in entries if not entry.startswith("=")]
    return re.compile(r"\b(?:" + "|".join(words + stems) + r")\b")  # of small letters: faster


def is_clean(text: str) -> bool:
    """Whether no word of the text is on the list of rough language."""
    return _blocked().search(text.lower()) is None


def written(words: list[str]) -> str:
    """A list of lower-case spoken words as a sentence: capitals, a comma or two, a final mark.

    The commas stand where a reader pauses (after an opening interjection, before "but" and
    "because" late in a sentence), so that a speech synthesizer makes them audible.
    """
    out = [_cased(word) for word in words]
    asks = words[0] in QUESTION_WORDS and len(words) > 3
    for i in range(3, len(out) - 2):
        if words[i] in ("but", "because", "although", "which"):
            out[i - 1] += ","
    if words[0] in INTERJECTIONS and len(words) > 2:
        out[0] += ","
    text = " ".join(out)
    return text[0].upper() + text[1:] + ("?" if asks else ".")


def _cased(word: str) -> str:
    if word == "i" or word.startswith("i'"):
        return "I" + word[1:]
    stem, mark, rest = word.partition("'")
    return stem.capitalize() + mark + rest if stem in PROPER_NOUNS else word
