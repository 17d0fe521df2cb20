"""Recognize the interviewer's own words in a transcript of the candidate's microphone. Pure."""

from difflib import SequenceMatcher

from ..matching import words

LATEST = 60
"""Words that were said last among which they are looked for."""
FEWEST = 2
"""Words from which on it can be told: a single one may be the candidate's."""
SHARE = 0.75
"""Share of the words that have to be the interviewer's, in their order; an echo is misheard."""


def are_own(heard: str, said: str) -> bool:
    """Return True if these words are what the interviewer has just said."""
    theirs, ours = words(heard), words(said)[-LATEST:]
    if len(theirs) < FEWEST:
        return False
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    together = sum(block.size for block in blocks if block.size >= FEWEST)
    return together >= SHARE * len(theirs)


def has_own(heard: str, said: str) -> bool:
    """Return True if one of these words is among those that the interviewer has just said."""
    return not set(words(said)[-LATEST:]).isdisjoint(words(heard))
