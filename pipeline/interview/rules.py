"""Rules that a language model's words have to keep before they are voiced. Pure.

They know nothing of how the words came about: a reply of another form, or from another engine, is
judged by the same rules.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..language.known import LANGUAGES
from ..language.language import Language
from ..matching import QUESTION_MARKS, says, words
from .meaning import asked_in

SENTENCE_WORDS = 25
"""Words of a sentence, at most."""
ECHO = 8
"""Words of the candidate's in a row that are an echo."""
OVERLAP = 4
"""Words in a row of a planned question or of the last reply that count as a part of it."""


@dataclass(frozen=True, slots=True)
class Given:
    """The conversation in which something is to be said."""

    language: Language
    answer: str = ""
    """The candidate's words that are responded to."""
    planned: Sequence[str] = ()
    """The plan's questions, and the one that is pending."""
    last: str = ""
    """The interviewer's last reply."""


def fault(sentence: str, given: Given) -> str:
    """Return what is wrong with a sentence, in a word or two; empty if it may be said."""
    said, language = words(sentence), given.language
    line = " ".join(said)
    manners = language.manners
    if not said:
        return "empty"
    if len(said) > SENTENCE_WORDS:
        return "too long"
    if re.search(r"^\W*\w+(?: \w+)?\s*:|[\[\]{}<>|*_#\n]", sentence) or circles(said):
        return "form"
    if len(manners.first_person.findall(line)) > len(manners.own.findall(line)):
        return "first person"
    if manners.verdicts.search(line):
        return "verdict"
    if manners.machine.search(line):
        return "talk of a machine"
    if is_foreign(said, language):
        return "language"
    if any(repeats(sentence, each) for each in (*given.planned, given.last)):
        return "repetition"
    if _echoes(said, words(given.answer)):
        return "echo"
    return ""


def statement_fault(sentence: str, given: Given) -> str:
    """Return what is wrong with a sentence that must ask nothing."""
    asks = any(mark in sentence for mark in QUESTION_MARKS) or asked_in(sentence, given.language)
    return "question" if asks else fault(sentence, given)


def repeats(sentence: str, text: str) -> bool:
    """Return True if the sentence says the text again, or a good part of it."""
    said, other = words(sentence), words(text)
    if not other:
        return False
    whole = says(sentence, text) or (len(said) >= OVERLAP and says(text, sentence))
    return whole or _shared_run(said, other) >= max(OVERLAP, round(0.6 * len(said)))


def is_foreign(said: Sequence[str], language: Language) -> bool:
    """Return True if the words are plainly of another language that is known here."""
    own = _function_words(language)
    if not own:
        return False
    mine = sum(word in own for word in said)
    others = (
        sum(word in _function_words(other) for word in said)
        for other in LANGUAGES.values()
        if other.code != language.code
    )
    return max(others) >= max(2, 2 * mine + 1)


def circles(said: list[str]) -> bool:
    """Return True if the same words come again and again. A small model does not always end by
    itself."""
    return any(
        said[at : at + n] * times == said[at : at + times * n]
        for n, times in ((1, 4), *((n, 3) for n in range(2, 8)))
        for at in range(len(said) - times * n + 1)
    )


def _echoes(said: Sequence[str], answer: Sequence[str]) -> bool:
    """Return True if the answer is said back, as a whole or a long part of it."""
    if not answer:
        return False
    most = min(ECHO, max(5, len(answer)))
    return _shared_run(said, answer) >= most


def _shared_run(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest run of words that both have."""
    best, row = 0, [0] * (len(other) + 1)
    for word in one:
        row = [0, *(row[n] + 1 if word == each else 0 for n, each in enumerate(other))]
        best = max(best, *row)
    return best


def _function_words(language: Language) -> frozenset[str]:
    known = language.topics
    return known.determiners | known.inner | known.breaks
