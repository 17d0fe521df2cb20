"""Cut an answer into the numbered sentences that a model may choose from as evidence. Pure.

Transcribed speech may have no punctuation, or a full stop only after a minute, so what is too long
is cut again: at clauses, else between words, if it can be seen where one ends.
"""

import re
from collections.abc import Sequence

from ..matching import LONG_WORDS, SENTENCE_ENDS, UNSPACED, pieces, places, words

SENTENCES = 12
"""Most sentences of an answer; in a longer answer neighbours are joined, the shortest first."""
LONGEST = 30
"""Words after which a sentence is cut, if it has no end before."""
SHORTEST = 3
"""Words that a sentence has at least; fewer ("Yes.", "Mr.") belong to the next one."""

_END = re.compile(
    rf"[{re.escape(SENTENCE_ENDS)}]+[\"'”’»)\]]*(?=\s|[{UNSPACED}]|$)|(?<=[{UNSPACED}])\s+"
)
_CLAUSE = re.compile(
    r"[,;:，；：、—–](?=\s|$|[^\d\s])"
    r"|(?<=\s)(?=(?:and|but|so|because|then|which|when|while|where|after|until|or|if|that)\b)",
    re.IGNORECASE,
)
_WITHIN_WORD = re.compile(rf"(?<=[{LONG_WORDS}])(?=[{LONG_WORDS}])")


def sentences(answer: str) -> list[str]:
    """Return the sentences of an answer in their order, each with words in it; what they quote is
    the answer word for word."""
    parts = [piece for whole in _whole(answer) for piece in _bounded(whole)]
    return _joined([part for part in parts if words(part)])


def beginning(answer: str, characters: int) -> str:
    """Return what fits into so many characters, without half of a word at its end."""
    if len(answer) <= characters:
        return answer
    kept = answer[: characters + 1]
    whole = re.match(r"(?s).*(?=\s)", kept)
    return whole[0] if whole else kept[:-1]


def without_halves(quote: str, answer: str) -> str:
    """Return a quotation of the answer with all of the words that it cuts, in scripts where it can
    be seen that it may."""
    (start, end), *_ = places(quote, answer)
    first, last = start, end
    while _WITHIN_WORD.match(answer, first):
        first -= 1
    while _WITHIN_WORD.match(answer, last):
        last += 1
    return quote if (first, last) == (start, end) else answer[first:last]


def _whole(answer: str) -> list[str]:
    """Split after the marks that end sentences; too few words go with those that follow."""
    found = [""]
    at = 0
    for end in [*(mark.end() for mark in _END.finditer(answer)), len(answer)]:
        found[-1] += answer[at:end]
        at = end
        if len(words(found[-1])) >= SHORTEST:
            found.append("")
    *first, last = found
    if first and len(words(last)) < SHORTEST:
        first[-1] += last
        return _stripped(first)
    return _stripped(found)


def _bounded(sentence: str) -> list[str]:
    """Cut a sentence of more than `LONGEST` words near its middle, again and again: at the clause
    that begins nearest to it, unless that leaves one part very short, else between two words."""
    said = pieces(sentence)
    if len(said) <= LONGEST:
        return [sentence]
    middle = len("".join(said[: len(said) // 2]))
    least = len("".join(said[: len(said) // 4]))
    most = len(sentence) - least
    places = (mark.end() for mark in _CLAUSE.finditer(sentence))
    clauses = [place for place in places if least <= place <= most]
    if not clauses and _WITHIN_WORD.match(sentence, middle):
        return [sentence]
    cut = min(clauses, key=lambda place: abs(place - middle), default=middle)
    return [part for half in (sentence[:cut], sentence[cut:]) for part in _bounded(half.strip())]


def _joined(parts: Sequence[str]) -> list[str]:
    """Join the neighbours that are shortest together until there are few enough."""
    found = list(parts)
    while len(found) > SENTENCES:
        at = min(range(len(found) - 1), key=lambda n: len(found[n]) + len(found[n + 1]))
        found[at : at + 2] = [f"{found[at]} {found[at + 1]}"]
    return found


def _stripped(parts: Sequence[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]
