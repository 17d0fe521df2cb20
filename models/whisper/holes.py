"""Find the places where words are missing in a text: there a word takes far longer than anybody
needs for it. Pure.

Each word's place in the audio comes from the model (`alignment.py`), which has to put all of the
audio somewhere: what it left out is counted to the words beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..contracts import FRAME, HEARING_RATE, Samples
from . import coverage
from .phrases import levels, quiet_place

# docs/decisions/082-holes.md: how often it is a hole, and what is heard in it
DRAWN = 0.8
"""Seconds that a word may be drawn out."""
AROUND = 6
"""Frames (120 ms) around the border of a word in which the audio is cut where it is quietest."""
SURE = 0.45
"""Least confidence in what is said in a hole: in a second or two of speech much is misheard."""
TWICE, ALIKE = 1.0, 0.6
"""Seconds of voice that either of two equal phrases must have, and as a share of the other's."""
NUMBER = 0.7
"""Share of the words of a phrase that have to be digits to make it a number."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, and the frames of the audio that are its own."""

    text: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Hole:
    """A word, and the samples in which more than this word is said."""

    word: int
    begin: int
    end: int


def words_of(tokens: Sequence[str], starts: Sequence[int], frames: int) -> list[Word]:
    """Return the words of a text, given what each token says and the frame at which it starts."""
    if not tokens:
        return []
    firsts = [n for n, token in enumerate(tokens) if not n or token.startswith(" ")]
    lasts = [*firsts[1:], len(tokens)]
    begins = [0, *(min(starts[n], frames) for n in firsts[1:]), frames]
    return [
        Word("".join(tokens[first:last]).strip(), begins[n], begins[n + 1])
        for n, (first, last) in enumerate(zip(firsts, lasts, strict=True))
    ]


def holes(words: Sequence[Word], audio: Samples) -> list[Hole]:
    """Return the places where words are missing."""
    needed = [DRAWN + coverage.letters(w.text) / coverage.usual(w.text) for w in words]
    took = _voiced_seconds(words, audio)
    return [_hole(n, words, audio) for n in range(len(words)) if took[n] > needed[n]]


def number_twice(words: Sequence[Word], audio: Samples) -> bool:
    """Return True if a number is there twice in a row and there is voice for both."""
    found = coverage.repetition([word.text for word in words])
    if not found:
        return False
    at, length = found
    digits = sum(any(map(str.isdigit, word.text)) for word in words[at : at + length])
    took = _voiced_seconds(words, audio)
    one, other = sum(took[at : at + length]), sum(took[at + length : at + 2 * length])
    voiced = min(one, other) >= max(TWICE, ALIKE * max(one, other))
    return voiced and digits >= NUMBER * length


def _voiced_seconds(words: Sequence[Word], audio: Samples) -> list[float]:
    voice = coverage.voiced(audio)
    return [voice[word.begin : word.end].sum() * FRAME / HEARING_RATE for word in words]


def _hole(n: int, words: Sequence[Word], audio: Samples) -> Hole:
    begin = _quiet(words[n].begin, audio) if n else 0
    end = _quiet(words[n].end, audio) if n < len(words) - 1 else len(audio)
    return Hole(n, begin, end)


def _quiet(frame: int, audio: Samples) -> int:
    level = levels(audio)
    begin, end = max(0, frame - AROUND), min(len(level), frame + AROUND)
    return (quiet_place(level, begin, end) if begin < end else frame) * FRAME


def fresh(words: Sequence[Word], hole: Hole, text: str) -> str:
    """Return what is said in a hole, without the words beside it; empty if that is no more than the
    word that was there."""
    before = [word.text for word in words[: hole.word]][-1:]
    after = [word.text for word in words[hole.word + 1 :]][:1]
    said = text.split()
    if said and coverage.alike(said[0]) == coverage.alike(" ".join(before)):
        said = said[1:]
    if said and coverage.alike(said[-1]) == coverage.alike(" ".join(after)):
        said = said[:-1]
    more = coverage.letters(" ".join(said)) > coverage.letters(words[hole.word].text)
    return " ".join(said) if more else ""


def filled(words: Sequence[Word], texts: Mapping[int, str]) -> str:
    """Return the text with what is said in its holes, by the word that was there."""
    return " ".join(texts.get(n, word.text) for n, word in enumerate(words))
