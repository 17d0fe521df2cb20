"""Find the noun phrases of an answer, by the parts of speech of its words, and those worth naming.
Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..language.grammar import Grammar
from ..language.language import Topics
from .parts_of_speech import Token, may_be_verb, tokens_of

LONGEST = 7
"""The most words of a phrase."""
_SAYABLE = re.compile(r"[\w\s'’.,&+#%-]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a clause, and how much it is worth to be named: above 0, the more the better."""

    text: str
    worth: int


def noun_phrases(clause: str, known: Topics) -> list[Phrase]:
    """Return the noun phrases of a clause that name something."""
    said = tokens_of(clause, known.grammar)
    letters = "".join(token.kind for token in said)
    spans = [found.span() for found in known.grammar.naming.phrase.finditer(letters)]
    return [
        phrase
        for n, span in enumerate(spans)
        if not _goes_on(said, spans[n - 1] if n else None, span)
        and not _is_verb(said, *span, known.grammar)
        and not _introduces(said, *span, known.grammar)
        for phrase in _forms(clause, said, spans[n:], known)
    ]


def _goes_on(said: Sequence[Token], before: tuple[int, int] | None, span: tuple[int, int]) -> bool:
    """Return True if the phrase only completes the one before: "of plants"."""
    return before is not None and before[1] == span[0] - 1 and said[before[1]].kind == "o"


def _forms(
    clause: str, said: Sequence[Token], spans: Sequence[tuple[int, int]], known: Topics
) -> Iterator[Phrase]:
    """Yield the first phrase of these, and with what belongs to it."""
    (first, end), *rest = spans
    parts, whole = [(first, end)], []
    for start, stop in rest:
        between = said[parts[-1][1] : start]
        if len(between) != 1 or stop - first > LONGEST:
            break
        if between[0].kind == "o":
            parts.append((start, stop))
            continue
        if between[0].kind == "p" and _may_attach(said, first, stop, between[0], known):
            whole = [*parts, (start, stop)]
        break
    forms = [each for each in (parts, whole) if each]
    texts = [clause[said[first].start : said[form[-1][1] - 1].end] for form in forms]
    if any(known.untouched.search(text) for text in texts):
        return  # nor is a part of it taken up
    for form, text in zip(forms, texts, strict=True):
        worth = _worth(said, form, known)
        if worth and _SAYABLE.fullmatch(text):
            yield Phrase(text, worth)


def _may_attach(said: Sequence[Token], first: int, stop: int, link: Token, known: Topics) -> bool:
    """Return True if a phrase after a preposition may belong to the one before: not where that
    stands after a preposition itself, and not a time."""
    if link.key not in known.grammar.naming.attached or (first and said[first - 1].kind == "p"):
        return False
    return said[stop - 1].key not in known.grammar.naming.times


def _worth(said: Sequence[Token], parts: Sequence[tuple[int, int]], known: Topics) -> int:
    """Return the worth of a phrase of several parts: 3 for what somebody does something with, less
    for where it is done, and for a bare word, which may as well be a verb."""
    grammar, first = known.grammar, parts[0][0]
    head = said[parts[0][1] - 1]
    if said[first].key in grammar.naming.unnamed or len(head.key) < 2:
        return 0
    if not any(_tells(said[end - 1], known) for _, end in parts):
        modifiers = said[first : parts[0][1] - 1]
        named = any(_tells(each, known) for each in modifiers)
        return 2 * (named and head.key not in grammar.naming.times)
    if said[first].key in grammar.naming.every and _acts(said, parts[-1][1]):
        return 1  # "Every child is different": nobody in particular
    worth = 3
    if first and said[first - 1].kind in "po" and said[first].key not in known.yours:
        worth -= 1
    if said[first].key in grammar.naming.theirs:
        worth -= 1
    alone = len(parts) == 1 and parts[0][1] - first == 1 and head.kind != grammar.name
    if alone and _acts(said, parts[0][1]):
        return 1  # "Leaks come and go": nothing in particular
    return max(worth - alone, 1)


def _acts(said: Sequence[Token], end: int) -> bool:
    """Return True if a verb follows."""
    return end < len(said) and said[end].kind in "butez"


def _is_verb(said: Sequence[Token], first: int, end: int, grammar: Grammar) -> bool:
    """Return True if what looks like bare nouns goes on with what somebody does: "and water
    plants"."""
    bare = all(token.kind == "n" for token in said[first:end])
    own = any(token.key in grammar.deeds.own for token in said[:first])
    return bare and own and said[first - 1].kind == "c" and may_be_verb(said[first].key, grammar)


def _introduces(said: Sequence[Token], first: int, end: int, grammar: Grammar) -> bool:
    """Return True if this is what somebody is called: "I am Maria", "my name is Maria"."""
    goes_on = end < len(said) and said[end].kind == "o"  # "I am Head of Sales"
    if not first or goes_on or any(token.kind != grammar.name for token in said[first:end]):
        return False
    introducing = grammar.naming.introducing
    if said[first - 1].key in introducing:
        return True
    before = said[first - 2].key if first > 1 else ""
    return said[first - 1].kind in "bs" and before in (introducing | grammar.deeds.own)


def _tells(token: Token, known: Topics) -> bool:
    """Return True if the word means something by itself."""
    small = known.vague | known.grammar.naming.times
    if token.kind != known.grammar.noun:  # "course" is no part of "of course" here
        small |= known.determiners | known.inner | known.breaks
    return len(token.key) > 1 and token.key not in small
