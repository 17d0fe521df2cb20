"""Split a rubric into the criteria that an answer is judged by, one at a time. Pure."""

import re
from itertools import pairwise

from ..interview.plan import one_line

DEFAULT_RUBRIC = "A good answer is specific, gives an example and states a result."
CRITERIA = 6
"""Most criteria of one rubric; further ones are judged together with their neighbours."""

_LABEL = re.compile(r"(?:^|(?<=[.;] ))(criteria|objectives|topics): ", re.IGNORECASE)
"""Names of the parts of a rubric that was made of an agenda's module."""
_END = re.compile(r"\s*(?:;|(?<=[^\W\d_]{2})[.!?。](?=\s|$))\s*")
"""The end of a criterion; not the full stop after a number or an initial."""
_LIST = re.compile(r"(?:the|a|an|good|strong|ideal|perfect)[\w ]* answers?\b(?: should)?", re.I)
"""The beginning of a sentence that lists what a good answer does."""
_BETWEEN = re.compile(r", (?:and )?| and ")


def criteria(rubric: str) -> tuple[str, ...]:
    """Return the criteria of a rubric, at least one; those of the default where there is none.

    They are what stands between semicolons and full stops. A sentence of the form "A good answer
    does this, does that and does more" is a list. Where a rubric has parts, the criteria count, and
    its objectives and topics only if there are none.
    """
    line = one_line(rubric)
    found = [each for part in _END.split(_chosen_part(line)) for each in _listed(part)]
    tidy = [_tidy(each) for each in found]
    distinct = list(dict.fromkeys(each for each in tidy if any(map(str.isalnum, each))))
    return _few(distinct) if distinct else criteria(DEFAULT_RUBRIC)


def _chosen_part(rubric: str) -> str:
    labels = list(_LABEL.finditer(rubric))
    if not labels:
        return rubric
    ends = [label.start() for label in labels[1:]] + [len(rubric)]
    parts = {
        label[1].lower(): rubric[label.end() : end] for label, end in zip(labels, ends, strict=True)
    }
    return next(parts[name] for name in ("criteria", "objectives", "topics") if name in parts)


def _listed(sentence: str) -> list[str]:
    lead = _LIST.match(sentence)
    return _BETWEEN.split(sentence[lead.end() :]) if lead else [sentence]


def _tidy(criterion: str) -> str:
    text = criterion.strip(" \t.;,:-–—•*")
    return text[:1].upper() + text[1:]


def _few(found: list[str]) -> tuple[str, ...]:
    """Join neighbours into at most `CRITERIA` criteria of about equally many parts."""
    count = min(len(found), CRITERIA)
    cuts = [round(n * len(found) / count) for n in range(count + 1)]
    return tuple("; ".join(found[a:b]) for a, b in pairwise(cuts))
