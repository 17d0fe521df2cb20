"""Find what candidates say that they do or did, as an interviewer can ask about it: "We tune the
organ" becomes "how you tune the organ". Pure."""

import re
from collections.abc import Iterator, Sequence

from ..language.grammar import Deeds, Grammar
from ..language.language import Topics
from .parts_of_speech import Token, may_be_verb, tokens_of

LONGEST = 8
"""Words of what is done."""


def doings(clause: str, known: Topics) -> Iterator[str]:
    """Yield what the candidate does by this clause, each turned to "you"."""
    grammar, deeds = known.grammar, known.grammar.deeds
    said = tokens_of(clause, grammar)
    letters = "".join(token.kind for token in said)
    for at in range(len(said)):
        found = deeds.doing.match(letters, at) if _is_own(said, at, deeds) else None
        if not found:
            continue
        asked = _asked(said[at : found.end()], found, deeds)
        end = _end(said, found.end(), deeds)
        rest = _stripped(said[at + 1 : end], asked, grammar, cut=end < len(said))
        if not asked or not _is_telling(rest):
            continue
        text = clause[rest[0].start : rest[-1].end]
        if not known.untouched.search(text):
            yield f"{asked} {deeds.you['i']} {_turned(text, deeds)}"


def _is_telling(said: Sequence[Token]) -> bool:
    """Return True if more is said than a verb: with a noun, or with several words."""
    return len(said) > 2 or (len(said) == 2 and said[1].kind in "nm")


def _is_own(said: Sequence[Token], at: int, deeds: Deeds) -> bool:
    """Return True if the candidate is the subject of a main clause here."""
    if said[at].key not in deeds.own:
        return False
    before = "".join(token.kind for token in said[:at])
    return (
        not before
        or before[-1] in "cax"
        or (before[0] in "pd" and not set(before) - set("padjnmo"))
    )


def _stripped(said: Sequence[Token], asked: str, grammar: Grammar, *, cut: bool) -> Sequence[Token]:
    """Return the words without the adverbs before them and a clause after them that has only
    begun."""
    deeds, first, end = grammar.deeds, 0, len(said)
    while asked == deeds.how and first < end and said[first].kind == "a":
        first += 1
    if end - first > 2 and said[end - 2].kind == "c":
        last = said[end - 1]
        verb = last.kind not in "nm" or (cut and may_be_verb(last.key, grammar))
        end -= 2 * verb
    while first < end and (said[end - 1].kind in "cp" or said[end - 1].key in deeds.last):
        end -= 1
    return said[first:end]


def _asked(said: Sequence[Token], found: re.Match[str], deeds: Deeds) -> str:
    """Return the question word for a verb and what stands before it; empty if it is none to ask
    about."""
    keys = [token.key for token in said]
    aux = keys[found.start("aux") - found.start()] if found["aux"] else ""
    verb = keys[found.start("verb") - found.start()] if found["verb"] else ""
    if verb in deeds.unsaid or (not verb and aux not in deeds.do):
        return ""
    if aux and verb and aux not in deeds.do | deeds.would:
        return ""
    denied = any(token.kind == "x" or token.key in deeds.never for token in said)
    return deeds.why if denied or verb in deeds.states else deeds.how


def _end(said: Sequence[Token], at: int, deeds: Deeds) -> int:
    """Return where the clause ends: before a conjunction or another subject, or where it gets
    long."""
    first, complement = at, False
    for n in range(at, len(said)):
        each = said[n]
        begins = each.key in deeds.complements and said[n - 1].kind in "tevri"
        complement = complement or begins
        subject = each.key in deeds.subjects and not complement
        joined = each.kind == "c" and any(t.key in deeds.subjects for t in said[n + 1 : n + 3])
        if subject or joined or ((each.kind == "k" or each.key in deeds.so) and not begins):
            return n
        if n - first >= LONGEST - 1:
            return _cut(said, first, n)
    return len(said)


def _cut(said: Sequence[Token], first: int, end: int) -> int:
    """Return the last place before `end` where something is added that can be left out."""
    return next((n for n in range(end, first + 2, -1) if said[n].kind in "pck"), end)


def _turned(text: str, deeds: Deeds) -> str:
    return re.sub(r"\w+", lambda word: deeds.you.get(word[0].casefold(), word[0]), text)
