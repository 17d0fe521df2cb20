"""Tell which language speech is in, by the probabilities that Whisper gives to its language tokens.
Pure, but for the model's answers that it is given."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..contracts import Samples
from .coverage import voiced_seconds

# docs/decisions/066-spoken-language.md: how it was found
LEAST_VOICE = 2.0
"""Seconds of voice from which a language is judged: names, single words, coughs and laughter have
less."""
LEAST = 0.05
"""Probability below which a language is not worth mentioning."""


class Judged(Protocol):
    @property
    def spoken(self) -> Mapping[str, float]: ...


def can_be_told(audio: Samples) -> bool:
    """Return True if there is enough voice in the audio."""
    return voiced_seconds(audio) >= LEAST_VOICE


def likely(odds: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return what Whisper says of one audio, as language codes, without what is unlikely."""
    return {token.strip("<|>"): p for token, p in odds if p >= LEAST}


def together(parts: Sequence[Judged]) -> dict[str, float]:
    """Return the mean of what was said of parts of one speech, as far as they were judged."""
    judged = [part.spoken for part in parts if part.spoken]
    codes = sorted({code for each in judged for code in each})
    return {code: sum(each.get(code, 0.0) for each in judged) / len(judged) for code in codes}
