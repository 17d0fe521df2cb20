"""Sentences of and around job interviews, drawn from the grammar in sentences.txt."""

import random
from functools import cache
from pathlib import Path

from scripts.starter import vocabulary
from scripts.starter.grammar import Grammar, Slots, read, sentence_case
from scripts.starter.language import is_clean

GRAMMAR = Path(__file__).with_name("sentences.txt")


@cache
def slots() -> Slots:
    """The grammar with the names that vocabulary.py has for it."""
    return {
        "first": vocabulary.FIRST_NAMES,
        "last": vocabulary.LAST_NAMES,
        "city": vocabulary.CITIES,
        "country": vocabulary.COUNTRIES,
        "language": vocabulary.LANGUAGES,
        "day": vocabulary.DAYS,
        "month": vocabulary.MONTHS,
        **read(GRAMMAR),
    }


class Sentences:
    """An endless source of utterances of one to three sentences, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._grammar = Grammar(slots(), random.Random(seed))

    def utterance(self) -> str:
        while True:
            text = sentence_case(self._grammar.one("utterance"))
            if is_clean(text):
                return text
