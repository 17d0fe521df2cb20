"""Notices: what a candidate has to be told, and has to have heard. Pure.

A notice is outstanding until it was heard to its end. Until then every reply says it, in fixed
words and before its question, so neither an interruption nor a language model can leave it out.
"""

import enum
from collections.abc import Iterable


class Notice(enum.StrEnum):
    """The notices, in the order in which they are said."""

    AUTOMATED = "automated"
    """The interviewer is a machine."""
    RECORDED = "recorded"
    """The sound of the conversation is kept."""


def due(*, recorded: bool) -> tuple[Notice, ...]:
    """Return the notices that the candidate of a conversation has to be told."""
    return tuple(notice for notice in Notice if recorded or notice is not Notice.RECORDED)


# docs/decisions/033-notices-until-heard.md: whoever speaks over a notice has not heard it
def outstanding(told: Iterable[Notice], *, recorded: bool) -> tuple[Notice, ...]:
    """Return the notices that are due and were not heard yet."""
    heard = frozenset(told)
    return tuple(notice for notice in due(recorded=recorded) if notice not in heard)
