"""Tell nouns, verbs and the other parts of speech of what was said apart. Pure.

HanTa's models were trained on speech, too, and do not need capitals or marks, which a recognizer
may leave out.
"""

import re
from dataclasses import dataclass
from functools import cache

# docs/decisions/059-parts-of-speech.md: why phrases are not found by lists of words
from HanTa.HanoverTagger import HanoverTagger

from ..language.grammar import Grammar
from ..matching import placed_words

_CLITIC = re.compile(r"n['’]t$|['’](?:s|m|re|ve|ll|d)$", re.IGNORECASE)
"""The end of a word that is a word of its own: "I'm", "don't", "the hall's"."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a part of one, with its part of speech."""

    key: str
    kind: str
    """One letter (`Grammar.kinds`); "x" for all that plays no part."""
    start: int
    end: int


def tokens_of(clause: str, grammar: Grammar) -> tuple[Token, ...]:
    """Return the words of a clause in their order."""
    spans = [span for word in placed_words(clause) for span in _parts(clause, word.start, word.end)]
    spoken = [n for n, (a, b) in enumerate(spans) if not _is_slip(clause, spans, n, grammar)]
    tags = _tags(tuple(_written(clause[slice(*spans[n])]) for n in spoken), grammar.model)
    kinds = {n: grammar.kinds.get(tag, "x") for n, tag in zip(spoken, tags, strict=True)}
    # a recognizer writes a capital within a sentence where it hears a name
    kinds |= {n: grammar.name for n in spoken if n and _is_capital(clause[slice(*spans[n])])}
    return tuple(
        Token(clause[a:b].casefold().replace("’", "'"), kinds.get(n, "x"), a, b)
        for n, (a, b) in enumerate(spans)
    )


def may_be_verb(word: str, grammar: Grammar) -> bool:
    """Return True if the word is also a verb's plain form."""
    found = _tagger(grammar.model).tag_word(word)
    return any(grammar.kinds.get(tag) == grammar.verb for tag, _ in found)


def load(grammar: Grammar) -> None:
    """Read the model, a quarter of a second's work, so that no candidate waits for it."""
    if grammar.model:
        _tagger(grammar.model)


def _parts(clause: str, start: int, end: int) -> list[tuple[int, int]]:
    clitic = _CLITIC.search(clause[start:end])
    cut = start + clitic.start() if clitic else end
    return [(start, cut), (cut, end)] if start < cut < end else [(start, end)]


def _is_slip(clause: str, spans: list[tuple[int, int]], at: int, grammar: Grammar) -> bool:
    """Return True for "um", and for a word that is said twice: its first time."""
    said = [clause[a:b].casefold() for a, b in spans[at : at + 2]]
    return said[0] in grammar.hesitations or said[0] == said[-1] * (len(said) - 1)


def _is_capital(word: str) -> bool:
    return len(word) > 1 and word[0].isupper()


def _written(word: str) -> str:
    # the only word whose meaning the recognizer's capital decides
    return "I" if word == "i" else word


@cache
def _tagger(model: str) -> HanoverTagger:
    return HanoverTagger(model)


def _tags(said: tuple[str, ...], model: str) -> list[str]:
    return [tag for _, _, tag in _tagger(model).tag_sent(list(said))] if said else []
