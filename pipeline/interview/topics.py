"""Find what an answer names, as phrases of its own words that an interviewer can take up. Pure.

The language model chooses among them; that it can choose nothing else is what keeps an
acknowledgement from saying what nobody said.
"""

import re
from collections.abc import Iterable

from ..language.language import Language, Topics
from ..matching import Word, placed_words, words
from .doings import doings
from .noun_phrases import LONGEST, noun_phrases
from .parts_of_speech import tokens_of
from .plan import one_line
from .rules import is_foreign

_CLAUSES = re.compile(
    r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)[.,;:!?…\"“”«»()\[\]]+(?:\s|$)|[\[(\"“«]|\s[-–—]+\s"
)
"""Marks that no phrase crosses."""
WINDOW = 60
"""Words by which the part of a long answer that is looked at moves on; it has up to twice as
many."""

ASKED = 2
"""Least worth of a phrase that is asked about."""


def recent(answer: str) -> str:
    """Return the last part of a long answer. It moves on in steps, so that what a model has read of
    an answer that is still being given stays the beginning of what it reads next."""
    said = one_line(answer).split(" ")
    skipped = max(0, len(said) // WINDOW - 1) * WINDOW
    return " ".join(said[skipped:])


def topics(answer: str, language: Language, least: int = 1) -> tuple[str, ...]:
    """Return the phrases of the answer's last part that name something, in their order; where the
    language's grammar is known, those of the highest worth, if it is at least `least`."""
    known = language.topics
    clauses = clauses_of(answer, language)
    if known.grammar.model:
        found = [phrase for clause in clauses for phrase in noun_phrases(clause, known)]
        best = max((least, *(phrase.worth for phrase in found)))
        return tuple(dict.fromkeys(phrase.text for phrase in found if phrase.worth == best))
    listed = dict.fromkeys(each for clause in clauses for each in _listed(clause, known))
    # a bare word may as well be a verb: it counts where there is nothing better
    return tuple(each for each in listed if not _is_bare(each)) or tuple(listed)


def particular(answer: str, language: Language) -> tuple[str, ...]:
    """Return the phrases that one can ask about; in a language whose grammar is known, those that
    name something in particular."""
    return topics(answer, language, ASKED)


def done(answer: str, language: Language) -> tuple[str, ...]:
    """Return what the candidate does or did by the answer's last part, each as it is asked about;
    only in a language whose grammar is known."""
    known = language.topics
    clauses = clauses_of(answer, language) if known.grammar.model else []
    return tuple(dict.fromkeys(each for clause in clauses for each in doings(clause, known)))


def clauses_of(answer: str, language: Language) -> list[str]:
    """Return the parts of the answer's last part that no phrase crosses."""
    if is_foreign(words(answer), language):
        return []  # it would be taken apart by another language's words
    return clauses_in(recent(answer))


def clauses_in(text: str) -> list[str]:
    """Return the parts of a text between its marks, without what a recognizer notes beside the
    words, and without addresses."""
    heard = re.sub(r"\[[^\]]*\]|\S*(?:://|@|www\.)\S*", " . ", text)
    return [clause for clause in _CLAUSES.split(heard) if clause]


def content(said: Iterable[str], language: Language) -> set[str]:
    """Return the words that mean something by themselves."""
    known = language.topics
    small = known.determiners | known.inner | known.breaks | known.vague
    return {word for word in said if len(word) > 2 and word not in small}


def yours(phrase: str, language: Language) -> str:
    """Return the phrase as the interviewer says it: "my team" becomes "your team"."""
    known = language.topics.yours

    def turned(word: re.Match[str]) -> str:
        return known.get(word[0].casefold(), word[0])

    return re.sub(r"\w+", turned, phrase)


def definite(phrase: str, answer: str, language: Language) -> str:
    """Return the phrase as something that both know of: "the band" after "a band", but not after
    "I am a driver"; "the seat belt" after "seat belt"."""
    grammar = language.topics.grammar
    if not grammar.model:
        return phrase
    article, _, rest = phrase.partition(" ")
    before = answer[: answer.casefold().find(phrase.casefold())]
    if grammar.naming.being.search(f"{before}|"):
        return phrase
    if article in grammar.naming.indefinite:
        return f"{grammar.naming.definite} {rest}"
    if rest and grammar.naming.bare.match(
        "".join(each.kind for each in tokens_of(phrase, grammar))
    ):
        return (
            phrase
            if words(phrase)[-1].endswith(grammar.naming.plural)
            else f"{grammar.naming.definite} {phrase}"
        )
    return phrase


def _listed(clause: str, known: Topics) -> list[str]:
    """Return the phrases of a clause, as far as lists of words show them."""
    said = placed_words(clause)
    begin = [first for first in range(len(said)) if _may_begin(clause, said, first, known)]
    return [phrase for first in begin for phrase in _phrases(clause, said, first, known)]


def _may_begin(clause: str, said: list[Word], first: int, known: Topics) -> bool:
    word, *before = (each.key for each in said[first::-1])
    after = before[0] if before else ""
    if word in known.determiners:
        return after not in known.determiners or after == word
    if word in known.inner or after in known.before_verbs:
        return False
    if known.verbs.fullmatch(_written(clause, said[first])):
        return False
    is_verb = before[1:2] and before[1] in known.before_verbs and not _bound(after, known)
    # in the middle of a name, "system" of "the appointment system", none begins
    return not after or bool(is_verb) or after in known.inner or after in known.breaks


def _phrases(clause: str, said: list[Word], first: int, known: Topics) -> list[str]:
    """Return the phrases that begin with this word."""
    phrases = []
    plain = False  # after a plain word, what looks like a verb is one
    for at, word in enumerate(said[first : first + LONGEST], first):
        is_verb = bool(known.verbs.fullmatch(_written(clause, word)))
        if word.key in known.breaks or (is_verb and plain):
            break
        if at > first and _parts(said[at - 1].key, word.key, known):
            break
        plain = not is_verb and not _bound(word.key, known)
        half = at > 0 and _bound(said[at - 1].key, known) and _is_plain(clause, said, at + 1, known)
        if plain and not half and len(word.key) > 1:
            phrases.append(clause[said[first].start : word.end])
    if any(known.untouched.search(phrase) for phrase in phrases):
        return []  # nor is a part of it taken up
    return [phrase for phrase in phrases if _names(phrase, known)]


def _is_plain(clause: str, said: list[Word], at: int, known: Topics) -> bool:
    """Return True if there is a word here that belongs to the one before it."""
    if at == len(said) or _bound(said[at].key, known) or said[at].key in known.breaks:
        return False
    return not known.verbs.fullmatch(_written(clause, said[at]))


def _parts(one: str, next_: str, known: Topics) -> bool:
    """Return True if a phrase ends between two words: where the next thing begins, and where a word
    is said twice, which is a slip of the tongue."""
    begins = next_ in known.determiners and not _bound(one, known)
    return one == next_ or begins or (one in known.inner and next_ in known.inner)


def _is_bare(phrase: str) -> bool:
    return " " not in phrase and phrase[0].islower()


def _written(clause: str, word: Word) -> str:
    return clause[word.start : word.end]


def _bound(word: str, known: Topics) -> bool:
    return word in known.determiners or word in known.inner


def _names(phrase: str, known: Topics) -> bool:
    sayable = not re.search(r"[^\w\s'’.,&+#%-]", phrase)
    return sayable and any(
        not _bound(word, known) and word not in known.vague for word in words(phrase)
    )
