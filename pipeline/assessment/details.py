"""Count what there is to check in an answer: numbers, names, things, and what the candidate did.
Pure.

A small model finds well-turned phrases that say nothing as good as a story. So in its assessment
code counts what a listener could ask about: "forty centimetres", "Hexham", "a drain", "I dug".
Words of the question count for nothing, nor do words that any answer could have ("teamwork"), nor
sentences that speak to whoever reads the answer. More is expected of more words, so that a long
answer is not good for its length.
"""

from collections.abc import Iterator, Sequence

from ..interview.injection import may_address_reader
from ..interview.parts_of_speech import Token, tokens_of
from ..interview.rules import is_foreign
from ..interview.topics import clauses_in
from ..language.language import Language
from ..matching import words

# docs/decisions/060-details.md: what the model alone tells apart, and what this adds
ENOUGH = 8
"""Details, beyond those expected of its length, of an answer that leaves nothing open."""
EXPECTED = 25
"""Words of an answer for which one detail is expected."""


def details(sentence: str, asked: str, language: Language) -> frozenset[str]:
    """Return the details of a sentence in answer to what was asked."""
    if not language.topics.grammar.model or may_address_reader(sentence, language):
        return frozenset()
    if is_foreign(words(sentence), language):
        return frozenset()  # to the tagger, unknown words are names of things
    known = set(words(asked))
    found = (
        each
        for clause in clauses_in(sentence)
        for each in _details(tokens_of(clause, language.topics.grammar), language)
    )
    return frozenset(each for each in found if each not in known)


def substance(
    said: Sequence[str], found: Sequence[frozenset[str]], language: Language
) -> float | None:
    """Return the share, 0 to 1, of what an answer of these sentences with these details tells; None
    in a language whose grammar is not known here."""
    if not language.topics.grammar.model:
        return None
    told = [sentence for sentence in said if not may_address_reader(sentence, language)]
    expected = sum(len(words(sentence)) for sentence in told) / EXPECTED
    count = len(frozenset().union(*found)) - expected
    return min(max(count / ENOUGH, 0.0), 1.0)


def _details(said: Sequence[Token], language: Language) -> Iterator[str]:
    grammar, naming = language.topics.grammar, language.topics.grammar.naming
    introduces = any(token.key in naming.introducing for token in said)
    for n, token in enumerate(said):
        number = token.key.isdigit() or token.key in naming.numbers
        name = token.kind == grammar.name and n > 0 and not introduces
        if number or name or (token.kind == grammar.noun and _is_thing(token.key, language)):
            yield token.key
    yield from _done(said, language)


def _is_thing(noun: str, language: Language) -> bool:
    """Return True if the noun is not one that any answer could have."""
    known = language.topics
    small = known.determiners | known.inner | known.breaks | known.vague
    general = known.grammar.naming.general.fullmatch(noun) or noun in known.grammar.naming.times
    return len(noun) > 2 and noun not in small and not general


def _done(said: Sequence[Token], language: Language) -> Iterator[str]:
    """Yield the verbs for what the candidate did, "dug" and "laid" of "I dug and laid"."""
    grammar = language.topics.grammar
    own = False
    for token in said:
        if token.key in grammar.deeds.subjects:
            own = token.key in grammar.deeds.own
        elif token.kind == grammar.past and own and token.key not in grammar.deeds.unsaid:
            yield token.key
