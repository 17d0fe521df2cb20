"""Find a candidate's words that address the assessor instead of answering (prompt injection). Pure.

The assessing model is told to read answers as data, but a small one may still follow them. So such
words are taken out of what it reads, and shown to the person who reads the assessment. The phrases
are narrow: an answer *about* scores or instructions stays as it is. A wider net catches other
wordings, but also good answers, so its callers have to find out what difference the words make.
"""

import math
import re
from itertools import islice

from ..language.english import ENGLISH
from ..language.language import Language, Patterns
from ..matching import words

LEAD = 3
"""Words before such words, in the same sentence, that are taken with them."""
PIECE = 20
"""Maximum number of words that the wider net looks at together."""

TAKEN = 15
"""Words taken out from where such words begin, if no sentence ends before."""


def without_steering(answer: str, language: Language = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """Return the answer without words that address the assessor, and those words."""
    kept, flagged = [], []
    at = 0
    for found in language.steering.phrases.finditer(answer):
        if found.start() < at:
            continue
        begin = _begin(answer, at, found.start())
        kept.append(answer[at:begin])
        at = _end(answer, found.end())
        flagged.append(answer[begin:at].strip())
    kept.append(answer[at:])
    return " ".join("".join(kept).split()), tuple(flagged)


def without_suspects(answer: str, language: Language = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """Return the answer without the sentences that may be meant for the assessor, and those
    sentences. They have words from at least three of the four kinds that such sentences are made
    of, where each measure beyond the first counts as one more. A few words before such a sentence
    are taken with it."""
    kept: list[str] = []
    suspects: list[str] = []
    for sentence in _sentences(answer):
        if not _is_suspect(sentence, language.steering.kinds):
            kept.append(sentence)
            continue
        if kept and len(words(kept[-1])) <= LEAD:
            suspects.append(kept.pop())
        suspects.append(sentence)
    return " ".join(kept), tuple(suspects)


def may_address_reader(sentence: str, language: Language = ENGLISH) -> bool:
    """Return True if a sentence has words from at least two of the four kinds: too few to suspect
    it, enough not to count it for the candidate."""
    return sum(bool(kind.search(sentence)) for kind in language.steering.kinds) >= 2


def honest(profile: str, language: Language = ENGLISH) -> tuple[str, tuple[str, ...]]:
    """Return a person's own profile without words that address a machine, and those words. Names of
    the prompt's own parts lose their colon."""
    kept, steering = without_steering(profile, language)
    kept, suspects = without_suspects(kept, language)
    return language.steering.labels.sub(r"\1", kept), (*steering, *suspects)


def _is_suspect(sentence: str, kinds: Patterns) -> bool:
    found_kinds = sum(bool(kind.search(sentence)) for kind in kinds)
    measures = len({found.group().casefold() for found in kinds[1].finditer(sentence)})
    return found_kinds + max(0, measures - 1) >= 3


def _sentences(answer: str) -> list[str]:
    """Return the sentences, the ones of more than `PIECE` words in equal pieces, since transcribed
    speech may have no full stops."""
    sentences = []
    for sentence in re.findall(r"[^.!?]+[.!?]*", answer):
        said = sentence.split()
        size = math.ceil(len(said) / max(1, math.ceil(len(said) / PIECE)))
        sentences += [" ".join(said[at : at + size]) for at in range(0, len(said), size or 1)]
    return sentences


def _begin(answer: str, least: int, at: int) -> int:
    """Return `at`, or the start of its sentence if only a few words lead there."""
    begin = max(least, *(answer.rfind(mark, least, at) + 1 for mark in ".!?"))
    return begin if len(words(answer[begin:at])) <= LEAD else at


def _end(answer: str, at: int) -> int:
    """Return the end of the sentence that continues at `at`, or the place `TAKEN` words further if
    that is sooner."""
    stop = re.compile(r"[.!?]+").search(answer, at)
    end = stop.end() if stop else len(answer)
    if len(words(answer[at:end])) <= TAKEN:
        return end
    *_, last = islice(re.compile(r"\S+").finditer(answer, at, end), TAKEN)  # "a/b" are two words
    return last.end()
