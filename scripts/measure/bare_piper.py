"""A voice by Piper alone, and the same voice in our engine."""

import itertools
import string
import time
from pathlib import Path

from piper import PiperVoice

from models.piper.synthesizer import Piper

CLAUSES = (
    "Thank you.",
    "Thank you, that is very clear.",
    "Could you tell me about a project where you had to change your plan, and what you learned?",
)


class Pair:
    """Both, with weights of their own."""

    def __init__(self, weights: Path, threads: int) -> None:
        self._piper = Piper.load(weights, threads=threads)
        self._voice = PiperVoice.load(weights)
        self._letters = itertools.cycle(string.ascii_uppercase)

    async def aclose(self) -> None:
        await self._piper.aclose()

    def library(self, text: str) -> float:
        said = self._unlike_before(text)
        began = time.perf_counter()
        for _ in self._voice.synthesize(said):
            pass
        return (time.perf_counter() - began) * 1000

    async def own(self, text: str) -> float:
        said = self._unlike_before(text)
        began = time.perf_counter()
        await self._piper.speak(said)
        return (time.perf_counter() - began) * 1000

    def _unlike_before(self, text: str) -> str:
        """Return the text with another letter at its end, because what was said is kept."""
        return f"{text[:-1]} {next(self._letters)}{text[-1]}"
