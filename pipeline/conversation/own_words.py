"""Recognize the interviewer's own words in a transcript of the candidate's microphone. Pure."""

from difflib import SequenceMatcher, get_close_matches

from ..matching import words
from .endpointing import samples
from .turn_steps import ECHO_SETTLES

LATEST = 60
"""Words that were said last among which they are looked for."""
FEWEST = 2
"""Words from which on it can be told: a single one may be the candidate's."""
SHARE = 0.75
"""Share of the words that have to be the interviewer's, in their order; an echo is misheard."""
ALIKE = 0.75
"""Similarity of two words from which one may be the other misheard: "Anna" is "Ana"."""
EARLY = ECHO_SETTLES + samples(1000)
"""Time from the beginning in which an echo is not known by its sound yet, and words that were heard
meanwhile are told. Until then even a single word of the interviewer's is an echo."""


def are_own(heard: str, said: str, *, early: bool = False) -> bool:
    """Return True if these words are what the interviewer has just said. `early`: they were heard
    before `EARLY`."""
    ours = words(said)[-LATEST:]
    theirs = [_as_said(word, ours) for word in words(heard)]
    if early and theirs and set(theirs) <= set(ours):
        return True
    if len(theirs) < FEWEST:
        return False
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    together = sum(block.size for block in blocks if block.size >= FEWEST)
    return together >= SHARE * len(theirs)


def has_own(heard: str, said: str) -> bool:
    """Return True if one of these words is among those that the interviewer has just said."""
    return not set(words(said)[-LATEST:]).isdisjoint(words(heard))


def _as_said(word: str, ours: list[str]) -> str:
    """Return the interviewer's word that this one may be, or else the word itself."""
    return next(iter(get_close_matches(word, ours, 1, ALIKE)), word)
