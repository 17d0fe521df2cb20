"""Find words of a text that may be misheard names or terms, by their sound. Pure.

The recognizer decides whether it was the term: it compares how well either text fits the audio.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_LETTERS = 4
"""Letters of the shortest term that is looked for: shorter ones sound like too many words."""
FARTHEST = 0.4
"""Largest distance of a word from a term, as a share of the longer one's sounds."""
MOST = 5
"""Places that are compared, the nearest ones; each costs a pass of the decoder."""
# docs/decisions/051-terms-by-likelihood.md: the plan speaks for the term
MARGIN = 4.0
"""Logarithm of how much less likely the text with the term may be by the audio alone: the plan
speaks for the term. Measured on recordings of people: misheard terms are below 4, others above
6."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SPELLINGS = (
    (r"^(?:wh|w(?=r))", ""),
    (r"^[kg]n", "n"),
    (r"^ps", "s"),
    (r"tch", "X"),
    (r"[cs]h", "X"),
    (r"ti(?=[aeo])", "X"),
    (r"ph|gh(?=t)?", "f"),
    (r"th", "t"),
    (r"d?ge(?=[^aeiou]|$)|j", "X"),
    (r"c(?=[eiy])|z", "s"),
    (r"ck|[cqg]", "k"),
    (r"x", "ks"),
    (r"d", "t"),
    (r"b", "p"),
    (r"v", "f"),
    (r"[hw]|(?<=[aeiou])r(?=[^aeiou]|$)", ""),
    (r"e$", ""),
    (r"[aeiouy]*[ou][aeiouy]*", "O"),
    (r"[aeiy]+", "A"),
    (r"(.)\1+", r"\1"),
)
"""Spellings and the class of sound that they stand for; sounds that are mistaken for each other,
such as d and t, are one class."""
_RULES = [(re.compile(pattern), sound) for pattern, sound in _SPELLINGS]
_VOWELS = "AO"


@dataclass(frozen=True, slots=True)
class Term:
    """A name or term that may be said, and its sound."""

    text: str
    sound: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Words of a text, from `start` to `end`, that may be a misheard term."""

    start: int
    end: int
    term: str
    distance: float

    def in_place(self, text: str) -> str:
        """Return the text with the term in it."""
        return text[: self.start] + self.term + text[self.end :]

    def overlaps(self, other: "Place") -> bool:
        return self.start < other.end and other.start < self.end


def terms_of(texts: Sequence[str]) -> tuple[Term, ...]:
    """Return the terms that can be looked for."""
    found = []
    for text in dict.fromkeys(texts):
        words = tuple(word.casefold() for word in _WORD.findall(text))
        if sum(map(len, words)) >= LEAST_LETTERS and (sound := _sound("".join(words))):
            found.append(Term(text, sound, words))
    return tuple(found)


def places(text: str, terms: Sequence[Term]) -> list[Place]:
    """Return the places at which the text sounds like a term that it does not have there, the
    nearest first."""
    words = list(_WORD.finditer(text))
    keys = [word[0].casefold() for word in words]
    taken = _known(keys, terms)
    found = []
    for count in range(1, 2 + max((len(term.words) for term in terms), default=0)):
        for first in range(len(words) - count + 1):
            if taken & set(range(first, first + count)):
                continue
            start, end = words[first].start(), words[first + count - 1].end()
            sound = _sound("".join(keys[first : first + count]))
            for term in terms:
                if abs(len(term.words) - count) <= 1:
                    distance = _distance(sound, term.sound)
                    if distance <= FARTHEST:
                        found.append(Place(start, end, term.text, distance))
    return sorted(found, key=lambda place: (place.distance, place.start))[:MOST]


def put(text: str, likely: Sequence[tuple[float, Place]]) -> str:
    """Return the text with the terms in it, the likeliest where several could be in one place."""
    chosen: list[Place] = []
    for _, place in sorted(likely, key=lambda each: -each[0]):
        if not any(place.overlaps(other) for other in chosen):
            chosen.append(place)
    for place in sorted(chosen, key=lambda place: -place.start):
        text = place.in_place(text)
    return text


def _known(keys: Sequence[str], terms: Sequence[Term]) -> set[int]:
    """Return which words of the text are terms already."""
    return {
        at
        for term in terms
        for first in range(len(keys) - len(term.words) + 1)
        if tuple(keys[first : first + len(term.words)]) == term.words
        for at in range(first, first + len(term.words))
    }


def _sound(word: str) -> str:
    sound = word.casefold()
    for pattern, replacement in _RULES:
        sound = pattern.sub(replacement, sound)
    return sound


def _distance(one: str, other: str) -> float:
    """Return the edit distance in which vowels count half, as a share of the longer sound."""
    longest = max(len(one), len(other))
    if not longest or abs(len(one) - len(other)) > FARTHEST * longest:
        return 1.0
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _weight(sound))
    for mine in one:
        last, row = row, [row[0] + _weight(mine)]
        for at, theirs in enumerate(other):
            change = 0.0 if mine == theirs else max(_weight(mine), _weight(theirs))
            row.append(
                min(last[at] + change, last[at + 1] + _weight(mine), row[-1] + _weight(theirs))
            )
    return row[-1] / longest


def _weight(sound: str) -> float:
    return 0.5 if sound in _VOWELS else 1.0
