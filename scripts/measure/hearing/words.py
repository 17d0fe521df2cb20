"""Bring what was said and what was understood into one form, and count the words that differ. Pure.

A difference of spelling is no error: numbers are compared digit by digit ("forty-two" and "42" are
both "4 2"), contractions are written out, sounds of hesitation are left out on both sides.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.matching import words as split

_TAGS = re.compile(r"\[[^\]]*\]|<[^>]*>")
"""Marks of a transcriber, such as [noise]."""
FILLERS = frozenset("um uh umm uhm uhh er erm ah eh hm hmm mm mmm mhm uhhuh".split())
_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
_UNITS += " fifteen sixteen seventeen eighteen nineteen"
_NUMBERS = {word: number for number, word in enumerate(_UNITS.split())}
_TENS = {
    word: 10 * n
    for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_ORDINALS = dict(
    zip(
        "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th".split(),
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(),
        strict=True,
    )
)
_SAME = {
    "alright": "all right",
    "okay": "ok",
    "yknow": "you know",
    "y'know": "you know",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "cannot": "can not",
    "won't": "will not",
    "can't": "can not",
    "shan't": "shall not",
    "ain't": "is not",
    "let's": "let us",
    "oz": "ounce",
    "mr": "mister",
    "mrs": "missus",
    "dr": "doctor",
    "st": "saint",
    "vs": "versus",
    "grey": "gray",
    "yeah": "yes",
    "yep": "yes",
}
_ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'m", " am"),
    ("'ve", " have"),
    ("'ll", " will"),
    ("'d", " would"),
)
_IS = frozenset("it that this there here he she what who where how everything nothing".split())
"""Words after which 's is "is" and not a possessive."""
_MARKS = {"%": " percent ", "&": " and ", "$": " dollars ", "+": " plus "}


def counted(text: str) -> list[str]:
    """Return the words of a text in the form in which they are compared."""
    text = _TAGS.sub(" ", text)
    for mark, word in _MARKS.items():
        text = text.replace(mark, word)
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text, flags=re.IGNORECASE)
    text = re.sub(r"(?<=\d)(?=(?:[ap]m|oz)\b)", " ", text, flags=re.IGNORECASE)
    found = [part for word in split(text) for part in _plain(word).split()]
    return [word for word in _digits(found) if word not in FILLERS]


def _plain(word: str) -> str:
    if word in _SAME:
        return _SAME[word]
    if word in _ORDINALS:
        return _ORDINALS[word]
    for ending, whole in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + whole
    if word.endswith("'s"):
        begin = word.removesuffix("'s")
        return f"{begin} is" if begin in _IS else f"{begin}s"
    return word.replace("'", "")


def _digits(words: Sequence[str]) -> list[str]:
    """Write numbers as single digits: those in words, those in digits, and "oh" among digits."""
    found: list[str] = []
    n = 0
    while n < len(words):
        value, used = _number(words[n:])
        if used:
            found += str(value)
            n += used
            continue
        word = words[n]
        digit_before = bool(found) and found[-1].isdigit()
        digit_after = n + 1 < len(words) and bool(_number(words[n + 1 :])[1])
        if word in ("oh", "o") and (digit_before or digit_after):
            found.append("0")
        elif word.isascii() and word.isdigit():
            found += word
        else:
            found.append(word)
        n += 1
    return found


def _number(words: Sequence[str]) -> tuple[int, int]:
    """Return the value of the number in words that the list begins with, and how many words it has;
    0 words if it begins with none. "Fourteen fifty-five" is two numbers, "forty-two" is one."""
    value, used = _below_hundred(words)
    if not used:
        return 0, 0
    while used < len(words) and words[used] in _SCALES:
        value *= _SCALES[words[used]]
        used += 1
        rest, more = _below_hundred(words[used + (words[used : used + 1] == ["and"]) :])
        if more and value % 100 == 0:
            used += more + (words[used : used + 1] == ["and"])
            value += rest
    return value, used


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if not words:
        return 0, 0
    if words[0] in _NUMBERS:
        return _NUMBERS[words[0]], 1
    if words[0] in _TENS:
        unit = _NUMBERS.get(words[1], 0) if len(words) > 1 else 0
        return (_TENS[words[0]] + unit, 2) if 0 < unit < 10 else (_TENS[words[0]], 1)
    return 0, 0


@dataclass(frozen=True, slots=True)
class Errors:
    """The words that differ, of so many that were said."""

    said: int = 0
    substituted: int = 0
    lost: int = 0
    added: int = 0

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            self.said + other.said,
            self.substituted + other.substituted,
            self.lost + other.lost,
            self.added + other.added,
        )

    @property
    def share(self) -> float:
        """Return the word error rate."""
        return (self.substituted + self.lost + self.added) / max(self.said, 1)


def errors(said: Sequence[str], understood: Sequence[str]) -> Errors:
    """Align the two with the fewest differences and count these by kind."""
    row = [Errors(0, 0, 0, n) for n in range(len(understood) + 1)]
    for n, word in enumerate(said, 1):
        last, row = row, [Errors(0, 0, n, 0)]
        for at, other in enumerate(understood, 1):
            before = last[at - 1]
            options = (
                before if word == other else before + Errors(0, 1, 0, 0),
                last[at] + Errors(0, 0, 1, 0),
                row[-1] + Errors(0, 0, 0, 1),
            )
            row.append(min(options, key=lambda e: e.substituted + e.lost + e.added))
    return row[-1] + Errors(len(said))


def slots_heard(slots: Sequence[Sequence[str]], understood: Sequence[str]) -> tuple[int, int]:
    """Return how many words of the slots were understood, and how many there are."""
    wanted = Counter(word for slot in slots for word in slot)
    heard = Counter(understood) & wanted
    return heard.total(), wanted.total()
