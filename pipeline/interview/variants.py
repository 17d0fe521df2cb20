"""Choose among sentences that mean the same, so that none is heard twice in a row. Pure.

The choice follows from what the interviewer has said so far, which the journal keeps: an interview
that is resumed goes on as if nothing had happened.
"""

import re
from collections.abc import Sequence
from zlib import crc32

from ..language.language import Patterns
from ..matching import words


def variant(variants: Sequence[str], said_before: Sequence[str], key: str = "") -> str:
    """Return the variant that was said longest ago, or never, in the replies `said_before`, oldest
    first. Among several of them the `key` decides, so that not all interviews sound alike. Empty if
    there are none."""
    spoken = [f" {' '.join(words(reply))} " for reply in said_before]
    return min(variants, key=lambda each: (_last(each, spoken), _drawn(each, key)), default="")


def fitting(variants: Sequence[str], after: str, courtesies: Patterns) -> tuple[str, ...]:
    """Return the variants that can stand before a text without saying a courtesy of it, such as
    thanks, a second time; all of them if fewer than two can, because one alone would be said again
    and again."""
    said = " ".join(words(after))
    meant = [each for each in courtesies if each.search(said)]
    found = tuple(v for v in variants if not any(c.search(" ".join(words(v))) for c in meant))
    return found if len(found) > 1 else tuple(variants)


def fresh(variants: Sequence[str], said_before: Sequence[str]) -> tuple[str, ...]:
    """Return the variants that were not said in these replies; all of them if each was."""
    spoken = [f" {' '.join(words(reply))} " for reply in said_before]
    return tuple(each for each in variants if _last(each, spoken) < 0) or tuple(variants)


def _last(sentence: str, spoken: Sequence[str]) -> int:
    """Return the number of the last reply with this sentence, whatever fills its blanks, or of
    which nothing was heard but its beginning; -1 if there is none."""
    parts = [" ".join(words(part)) for part in re.split(r"\{\w+\}", sentence)]
    fixed = [f" {part} " for part in parts if part]
    found = (
        n
        for n, reply in enumerate(spoken)
        if all(part in reply for part in fixed) or f" {parts[0]} ".startswith(reply)
    )
    return max(found, default=-1)


def _drawn(sentence: str, key: str) -> int:
    # crc32, because Python's own hash of a text differs from process to process
    return crc32(f"{key}\n{sentence}".encode())
