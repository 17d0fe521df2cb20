"""Whether certain words were said. Pure."""

import re

HEARD = 0.6
"""A question counts as heard from this share of its words on: people answer before its end."""
WORD_ERROR = 0.2
"""Up to this share of a question's words may be said differently."""


def words(text: str) -> list[str]:
    """The words in lower case, without marks."""
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.casefold().replace("’", "'"))


def says(text: str, question: str) -> bool:
    """Whether the question stands somewhere in the text, nearly word for word."""
    wanted = words(question)
    return _errors(wanted, words(text))[-1] <= WORD_ERROR * len(wanted)


def was_heard(question: str, said: str) -> bool:
    """Whether enough of the question, from its beginning, is in what was said."""
    wanted = words(question)
    errors = _errors(wanted, words(said))
    return any(
        errors[n] <= WORD_ERROR * n
        for n in range(max(1, round(HEARD * len(wanted))), len(wanted) + 1)
    )


def quotes(quote: str, text: str) -> bool:
    """Whether the quote's words stand in the text one after the other."""
    wanted = words(quote)
    return bool(wanted) and f" {' '.join(wanted)} " in f" {' '.join(words(text))} "


def breaks_off(quote: str, text: str) -> bool:
    """The same, where of the last word there may be only the beginning."""
    wanted = words(quote)
    return bool(wanted) and f" {' '.join(wanted)}" in f" {' '.join(words(text))}"


def word_errors(said: str, understood: str) -> float:
    """Words left out, put in and taken for others, as a share of the words that were said."""
    wanted, found = words(said), words(understood)
    row = list(range(len(found) + 1))
    for n, word in enumerate(wanted, 1):
        last, row = row, [n]
        for at, other in enumerate(found, 1):
            row.append(min(last[at - 1] + (word != other), last[at] + 1, row[-1] + 1))
    return row[-1] / max(len(wanted), 1)


def _errors(wanted: list[str], said: list[str]) -> list[int]:
    """For the first n wanted words (n = 0, 1, …): the word errors against the part of what was
    said that fits them best."""
    row = [0] * (len(said) + 1)
    errors = [0]
    for n, word in enumerate(wanted, 1):
        last, row = row, [n]
        for at, other in enumerate(said, 1):
            row.append(min(last[at - 1] + (word != other), last[at] + 1, row[-1] + 1))
        errors.append(min(row))
    return errors
