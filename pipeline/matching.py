"""Split text into words, in any script, and tell whether certain words were said. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

HEARD = 0.6
"""Share of its words from which a question counts as heard: people answer before its end."""
WORD_ERROR = 0.2
"""Share of a question's words that may be said differently."""
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff"
    "\ua9e0-\ua9ff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Scripts written without spaces (Thai, Lao, Myanmar, Khmer, Japanese, Chinese), as character
ranges for a regular expression. In these each character, with its marks, counts as a word."""
LONG_WORDS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
"""The scripts of these whose words have many characters (Thai, Lao, Myanmar, Khmer), so that few
places between two characters are between two words. They have spaces between phrases."""
SENTENCE_ENDS = ".!?。！？؟।"
QUESTION_MARKS = ("?", "？", "؟")

_MARKS = "\u200c\u200d" + "".join(
    re.escape(chr(code))
    for code in range(0x300, 0x10000)
    if unicodedata.category(chr(code)).startswith("M")
)
"""Characters that belong to the letter before them, such as a Hindi vowel or a Thai tone: combining
marks and the two joiners. `re` has no name for them."""
_SPELLINGS = str.maketrans({"’": "'", "\u200c": None, "\u200d": None})
_LETTERS = rf"(?:(?![{UNSPACED}])[^\W_][{_MARKS}]*)+"
_WORD = re.compile(rf"(?=[^\W_])[{UNSPACED}][{_MARKS}]*|{_LETTERS}(?:['’]{_LETTERS})*")
_PIECE = re.compile(rf"\s*(?:[{UNSPACED}][{_MARKS}]*|[^\s{UNSPACED}]+)")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in the form in which it is compared, and its place in its text."""

    key: str
    start: int
    end: int


def sentences_in(text: str) -> list[str]:
    """Return the sentences, without those that have no word."""
    return [s for s in re.split(r"(?<=[.!?؟।])\s+|(?<=[。！？])", text.strip()) if words(s)]


def words(text: str) -> list[str]:
    """Return the words in lower case, without punctuation."""
    return [_key(word[0]) for word in _WORD.finditer(text)]


def placed_words(text: str) -> list[Word]:
    """Return the words with their places."""
    return [Word(_key(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]


def pieces(text: str) -> list[str]:
    """Cut the text after each word; each piece includes the white space before it and the
    punctuation around it."""
    return _PIECE.findall(text)


def says(text: str, question: str) -> bool:
    """Return True if the question occurs somewhere in the text, nearly word for word."""
    wanted = words(question)
    return _errors(wanted, words(text))[-1] <= WORD_ERROR * len(wanted)


def was_heard(question: str, said: str) -> bool:
    """Return True if enough of the question, from its beginning, is in what was said."""
    wanted = words(question)
    errors = _errors(wanted, words(said))
    return any(
        errors[n] <= WORD_ERROR * n
        for n in range(max(1, round(HEARD * len(wanted))), len(wanted) + 1)
    )


def quotes(quote: str, text: str) -> bool:
    """Return True if the quote's words occur in the text one after the other."""
    return bool(places(quote, text))


def places(quote: str, text: str) -> list[tuple[int, int]]:
    """Return the start and end of each place where the quote occurs; places do not overlap."""
    wanted, said = words(quote), placed_words(text)
    keys = [word.key for word in said]
    found, n = [], 0
    while wanted and n <= len(keys) - len(wanted):
        if keys[n : n + len(wanted)] == wanted:
            found.append((said[n].start, said[n + len(wanted) - 1].end))
            n += len(wanted)
        else:
            n += 1
    return found


def breaks_off(quote: str, text: str) -> bool:
    """Return True if the quote occurs in the text, where its last word may be cut off."""
    wanted = words(quote)
    return bool(wanted) and f" {' '.join(wanted)}" in f" {' '.join(words(text))}"


def word_errors(said: str, understood: str) -> float:
    """Return the word error rate: words left out, put in and substituted, as a share of the words
    said."""
    wanted, found = words(said), words(understood)
    *_, last = _edit_rows(wanted, found, list(range(len(found) + 1)))
    return last[-1] / max(len(wanted), 1)


def _errors(wanted: list[str], said: list[str]) -> list[int]:
    """Return, for the first n wanted words (n = 0, 1, …), the word errors against the part of what
    was said that fits them best."""
    return [min(row) for row in _edit_rows(wanted, said, [0] * (len(said) + 1))]


def _edit_rows(wanted: list[str], said: list[str], first: list[int]) -> Iterator[list[int]]:
    """Yield the rows of the table of edit distances (Wagner and Fischer), one for each beginning of
    the wanted words. `first` is the cost of beginning at each of the words that were said."""
    yield (row := first)
    for n, word in enumerate(wanted, 1):
        last, row = row, [n]
        for at, other in enumerate(said, 1):
            row.append(min(last[at - 1] + (word != other), last[at] + 1, row[-1] + 1))
        yield row


def _key(word: str) -> str:
    """Return one form for what Unicode writes in several: full-width letters, marks apart from
    their letters."""
    return unicodedata.normalize("NFKC", word.translate(_SPELLINGS)).casefold()


def joined(*parts: str | None) -> str:
    """Return the non-empty parts, with a space between them."""
    return " ".join(part.strip() for part in parts if part and part.strip())
