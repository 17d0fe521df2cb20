"""Count what there is to check in an answer: numbers, names, things, and what the candidate did.
Pure.

A small model finds well-turned phrases that say nothing as good as a story. So in its assessment
code counts what a listener could ask about: "forty centimetres", "Hexham", "a drain", "I dug".
Words of the question count for nothing, nor do words that any answer could have ("teamwork"), nor
sentences that speak to whoever reads the answer. More is expected of more words, so that a long
answer is not good for its length.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

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
GENERAL = 0.5
"""Share that a detail counts for in a sentence about how things are in general."""
CLAIMED = 0.25
"""Share that a verb such as "explain" counts for, which anybody would use for what they do."""
CLAIMS = 3
"""Most such verbs that count."""


def details(sentence: str, asked: str, language: Language) -> frozenset[str]:
    """Return the details of a sentence in answer to what was asked."""
    if not language.topics.grammar.model or may_address_reader(sentence, language):
        return frozenset()
    if is_foreign(words(sentence), language):
        return frozenset()  # to the tagger, unknown words are names of things
    known = set(words(asked))
    found = (each for said in _clauses(sentence, language) for each in _details(said, language))
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
    general = [_is_general(sentence, language) for sentence in said]
    every = _things(found, language)
    own = _things([each for each, of in zip(found, general, strict=True) if not of], language)
    count = len(own) + GENERAL * (len(every) - len(own)) - expected
    claimed = {verb for sentence in told for verb in _claimed(sentence, language)}
    return min(max(count, 0.0) + CLAIMED * min(len(claimed), CLAIMS), ENOUGH) / ENOUGH


def _things(found: Sequence[frozenset[str]], language: Language) -> frozenset[str]:
    """Return the details of all sentences; of "seed" and "seeds", which are one thing, only one."""
    every, ending = frozenset[str]().union(*found), language.topics.grammar.naming.plural
    plurals = {f"{each}{ending}" for each in every}
    return every - plurals


def _clauses(sentence: str, language: Language) -> Iterator[Sequence[Token]]:
    """Yield the words of each clause, without set phrases, whose nouns and verbs mean nothing."""
    grammar = language.topics.grammar
    for clause in clauses_in(grammar.naming.idioms.sub(" ", sentence)):
        yield tokens_of(clause, grammar)


def _details(said: Sequence[Token], language: Language) -> Iterator[str]:
    grammar, naming = language.topics.grammar, language.topics.grammar.naming
    introduces = any(token.key in naming.introducing for token in said)
    for n, token in enumerate(said):
        number = token.key.isdigit() or token.key in naming.numbers
        name = token.kind == grammar.name and len(token.key) > 1 and n > 0 and not introduces
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
    """Yield the verbs for what the candidate did or does, "dug" and "laid" of "I dug and laid";
    not those that anybody would use."""
    grammar = language.topics.grammar
    for token in _own_verbs(said, language):
        if token.key not in grammar.deeds.general:
            yield token.key


def _claimed(sentence: str, language: Language) -> Iterator[str]:
    """Yield the verbs for what the candidate does in general words: "explain"."""
    grammar = language.topics.grammar
    for said in _clauses(sentence, language):
        for token in _own_verbs(said, language):
            if token.key in grammar.deeds.general:
                yield token.key


def _own_verbs(said: Sequence[Token], language: Language) -> Iterator[Token]:
    """Yield the verbs of which the candidate is the subject, without what is denied."""
    grammar, deeds = language.topics.grammar, language.topics.grammar.deeds
    own = denied = False
    for before, token in pairwise((Token("", "", 0, 0), *said)):
        if token.key in deeds.subjects:
            own, denied = token.key in deeds.own, False
        elif token.key in deeds.denials:
            denied = True
        # right after "I", the tagger may take "unplugged" for a participle
        past = token.kind == grammar.past or (
            before.key in deeds.own and token.kind == grammar.participle
        )
        does = token.kind == grammar.verb and not denied and token.key not in deeds.states
        if own and (past or does) and token.key not in deeds.unsaid:
            yield token


def _is_general(sentence: str, language: Language) -> bool:
    """Return True if the sentence says what is so, and neither what happened nor what the candidate
    does: "Every garden needs water"."""
    grammar, deeds = language.topics.grammar, language.topics.grammar.deeds
    said = list(_clauses(sentence, language))
    for clause in said:
        keys = {token.key for token in clause}
        if keys & deeds.own and not keys & deeds.denials:
            return False
    found = {(token.kind, token.key) for clause in said for token in clause}
    past = any(kind == grammar.past or key in deeds.were for kind, key in found)
    return not past and any(kind in grammar.present for kind, _ in found)
