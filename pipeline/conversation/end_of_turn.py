"""The rule for the end of a turn as an engine: the words alone decide, and the answer is there at
once. A model that hears the sound as well is another `EndOfTurn` (models/contracts.py)."""

from models.contracts import Samples

from ..language.english import ENGLISH
from ..language.language import Language
from .endpointing import looks_complete


class TextRule:
    """Certain either way: 1 for words that look complete, 0 for any others."""

    def __init__(self, language: Language = ENGLISH) -> None:
        self._language = language

    def open(self, language: str) -> "TextRule":
        return self

    async def probability(self, audio: Samples, text: str) -> float:
        return float(looks_complete(text, self._language))

    def close(self) -> None: ...
