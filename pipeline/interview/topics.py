"""Find what an answer names, as phrases of its own words that an interviewer can take up. Pure.

The language model chooses among them; that it can choose nothing else is what keeps an
acknowledgement from saying what nobody said.
"""

import re
from collections.abc import Iterable

from ..language.language import Language, Topics
from ..matching import Word, placed_words, words
from .plan import one_line
from .rules import is_foreign

LONGEST = 7
"""Words of a phrase."""
_CLAUSES = re.compile(r"[.,;:!?…\"“”«»()\[\]]+(?:\s|$)|[\[(\"“«]|\s[-–—]+\s")
"""Marks that no phrase crosses."""
WINDOW = 60
"""Words by which the part of a long answer that is looked at moves on; it has up to twice as
many."""


def recent(answer: str) -> str:
    """Return the last part of a long answer. It moves on in steps, so that what a model has read of
    an answer that is still being given stays the beginning of what it reads next."""
    said = one_line(answer).split(" ")
    skipped = max(0, len(said) // WINDOW - 1) * WINDOW
    return " ".join(said[skipped:])


def topics(answer: str, language: Language) -> tuple[str, ...]:
    """Return the phrases of the answer's last part that name something, in their order."""
    known = language.topics
    if is_foreign(words(answer), language):
        return ()  # it would be taken apart by another language's words
    found: dict[str, None] = {}
    # without what a recognizer notes beside the words, and without addresses
    heard = re.sub(r"\[[^\]]*\]|\S*(?:://|@|www\.)\S*", " . ", recent(answer))
    for clause in _CLAUSES.split(heard):
        said = placed_words(clause)
        for first in range(len(said)):
            if _may_begin(clause, said, first, known):
                found |= dict.fromkeys(_phrases(clause, said, first, known))
    # a bare word may as well be a verb: it counts where there is nothing better
    return tuple(each for each in found if not _is_bare(each)) or tuple(found)


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
