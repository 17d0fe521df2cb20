"""Cut an LLM's stream of text into clauses, each of which is spoken as one piece. Pure.

The first clause is short, because the candidate waits for it; the later ones are whole sentences,
because a voice that gets the whole sentence finds a better intonation. The cuts do not depend on
how the text arrived: a mark that is ambiguous without the text after it waits for that text.
"""

import re
from collections.abc import Container

from models.spoken.abbreviations import ALWAYS, BEFORE_A_NUMBER, MONTH_NAMES, PERIODS

from ..language.english import ENGLISH
from ..language.language import Language

ENOUGH = 10
"""Letters and digits that make a clause worth its own piece of speech."""
FIRST_WORDS = range(8, 13)
"""Number of words from which a first clause may be cut without a mark, up to the number at which it
must be."""
WORDS = 25
"""Number of words at which a later clause is cut without a mark."""
CHARACTERS = 160
"""Characters after which any clause is cut at a space; without one it is cut at twice as many."""

_MARK = re.compile(r"\n|[.!?…]+|[,;:–—]|(?<=\s)-(?=\s)|[。！？]+|[，、；：]")
"""Marks at which a clause may end; a hyphen only between spaces, since elsewhere it joins words."""
_PAUSES = frozenset(",;:–—-，、；：")
"""Marks within a sentence: only a first clause ends at one, because its sound is waited for."""
_FULL_WIDTH = frozenset("。！？，、；：")
"""Marks of Chinese and Japanese, after which there is no space."""
_OPENERS = frozenset('"“„‘«([*_`')
_CLOSERS = "\"”’'»)]*_`」』）"
_WORD = re.compile(r"\S+")
_BEFORE_DOT = re.compile(r"[^\s\"“„‘«(\[*_]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
"""Initials without their last dot, which ends no sentence: "J. Smith", "the U.S. market"."""
_DASHES = "-–—"
_FIGURE = re.compile(r"[#$€£(+~]*\d")
_ROMAN = re.compile(r"[IVX]{2,}[.,;:!?]*")
"""Roman numerals, which are said with the word before them: "World War II"."""
_LONGEST = 40
"""Characters of a word that is looked at as a whole."""


class Clauses:
    """The clauses of one reply. Joined with spaces they are its text, apart from white space."""

    def __init__(self, language: Language = ENGLISH, *, short_first: bool = True) -> None:
        self._linking = language.linking
        self._rest = ""
        self._first = self._short_first = short_first

    def feed(self, piece: str) -> list[str]:
        """Add a piece of text; return the clauses that it completed."""
        self._rest = (self._rest + piece).lstrip()
        complete = []
        while end := _end(self._rest, self._linking, first=self._first):
            complete.append(self._rest[:end].rstrip())
            self._rest = self._rest[end:].lstrip()
            self._first = False
        return complete

    def flush(self) -> list[str]:
        """End the text; return what is left, if anything. What is fed next begins a new reply."""
        rest, self._rest, self._first = self._rest.rstrip(), "", self._short_first
        return [rest] if rest else []


class Sentences:
    """The sentences of one reply, for whoever looks at whole ones. Joined with spaces they are its
    text, apart from white space."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """Add a piece of text; return the sentences that it completed."""
        self._rest = (self._rest + piece).lstrip()
        complete = []
        while end := _sentence_end(self._rest):
            complete.append(self._rest[:end].rstrip())
            self._rest = self._rest[end:].lstrip()
        return complete

    def flush(self) -> list[str]:
        """End the text; return what is left, if anything."""
        rest, self._rest = self._rest.rstrip(), ""
        return [rest] if rest else []


def _sentence_end(text: str) -> int:
    """Return the end of the first sentence of `text`; 0 when more text is needed to tell."""
    marks = (mark for mark in _MARK.finditer(text) if mark[0] not in _PAUSES)
    return next((end for mark in marks if (end := _after_sentence(text, mark))), 0)


def split(text: str, language: Language = ENGLISH, *, whole: bool = False) -> list[str]:
    """Return the clauses of a complete text; with `whole` the first one is a whole sentence too,
    for text whose speech nobody waits for."""
    clauses = Clauses(language, short_first=not whole)
    return clauses.feed(text) + clauses.flush()


def _end(text: str, linking: Container[str], *, first: bool) -> int | None:
    """Return the end of the first clause of `text`; None when more text is needed to tell."""
    limit = _limit(text, FIRST_WORDS[-1] if first else WORDS)
    for mark in _MARK.finditer(text, 0, limit or len(text)):
        pause = mark[0] in _PAUSES
        if pause and not first:
            continue
        end = _after_pause(text, mark) if pause else _after_sentence(text, mark)
        if end and _enough(text[:end], mark[0]):
            return end
    if limit is None:
        return None
    return _for_want_of_a_mark(text, limit, linking if first else None)


def _limit(text: str, words: int) -> int | None:
    """Return where the first word begins that is too many; None when there is no such word yet."""
    for n, word in enumerate(_WORD.finditer(text)):
        if n and (n == words or word.start() > CHARACTERS):
            return min(word.start(), 2 * CHARACTERS)
    return 2 * CHARACTERS if len(text) > 2 * CHARACTERS else None


def _for_want_of_a_mark(text: str, limit: int, linking: Container[str] | None) -> int:
    """Return the best place to cut between two words, for a first clause before one of the linking
    words. The cut is within a word only if that word fills the clause alone."""
    starts = [word.start() for word in _WORD.finditer(text, 0, limit + 1)][1:]
    fitting = [start for start in starts if start <= CHARACTERS]
    fitting = [start for start in fitting if not _holds(text, start)] or fitting
    if linking is not None:
        best = [s for s in fitting[FIRST_WORDS[0] - 1 :] if _word_at(text, s) in linking]
    else:
        best = [s for s in fitting if text[:s].rstrip()[-1] in _PAUSES and s > limit // 3]
    return (best or fitting or [limit])[-1]


def _after_sentence(text: str, mark: re.Match[str]) -> int:
    """Return the end of the sentence at this mark; 0 when the sentence does not end here, as far as
    the text so far can tell."""
    if mark[0] == "\n":
        return mark.end()
    end = _past_closers(text, mark.end())
    following = text[end:].lstrip()
    if not following:
        return 0
    if mark[0][0] in _FULL_WIDTH:
        return end
    if not text[end].isspace() or following[0].islower():
        return 0
    abbreviated = mark[0] == "." and _is_abbreviated(text[: mark.start()], following)
    return 0 if abbreviated else end


def _after_pause(text: str, mark: re.Match[str]) -> int:
    """Return the end of the clause at a mark within a sentence, or 0. A comma after a plain word
    counts at once: waiting for what comes next would cost the time of one token."""
    before = text[: mark.start()]
    word = _last_word(before)
    if (
        mark[0] in ",;—"
        and word[-1:].isalpha()
        and word not in MONTH_NAMES
        and not _OPENERS.intersection(before)
    ):
        return mark.end()
    end = _past_closers(text, mark.end())
    following = text[end : end + 1]
    if not following or not (following.isspace() or mark[0] in _FULL_WIDTH):
        return 0
    return 0 if following.isspace() and _joins(word, mark[0], text[end:].lstrip()) else end


def _joins(word: str, mark: str, following: str) -> bool:
    """Return True if the mark is within a date or between the ends of a range: "May 1, 2024", "5 -
    7", "Mon – Fri". While nothing follows yet, it may be."""
    if not (word[-1:].isdigit() or word in PERIODS):
        return False
    after, space, _ = following.partition(" ")
    after = after.rstrip(".,;:!?").casefold()
    if not after or _FIGURE.match(after):
        return True
    return mark in _DASHES and (
        after in PERIODS or (not space and any(period.startswith(after) for period in PERIODS))
    )


def _holds(text: str, start: int) -> bool:
    """Return True if the text on both sides of a space is said as one: "5 km", "May 1", "+1 (555)
    123-4567", "Dr. Smith", "World War II"."""
    before, after = _last_word(text[:start].rstrip()), text[start:].split(maxsplit=1)[0]
    return (
        any(map(str.isdigit, before + after))
        or before.removesuffix(".") in ALWAYS
        or _ROMAN.fullmatch(after) is not None
    )


def _last_word(text: str) -> str:
    return text.rstrip()[-_LONGEST:].rpartition(" ")[2].rstrip(".").casefold()


def _past_closers(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip(_CLOSERS))


def _is_abbreviated(before: str, following: str) -> bool:
    """Return True if the dot after `before` belongs to its last word, as in Dr. / e.g. / U.S. / No.
    5"""
    found = _BEFORE_DOT.search(before)
    word = found[0].casefold() if found else ""
    if word in BEFORE_A_NUMBER and _FIGURE.match(following):
        return True
    return word in ALWAYS or _INITIALS.fullmatch(word) is not None


def _enough(clause: str, mark: str) -> bool:
    return sum(map(str.isalnum, clause)) >= (1 if mark == "\n" else ENOUGH)


def _word_at(text: str, start: int) -> str:
    word = _WORD.match(text, start)
    return word[0].casefold() if word else ""
