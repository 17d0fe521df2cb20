"""Tell whether a text is long enough for the speech that it was made of. Pure.

Whisper sometimes ends a text in the middle of the speech, most often where a sentence ends.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..contracts import FRAME, HEARING_RATE, Samples
from .phrases import ENDS, levels, quiet_place

# docs/decisions/050-long-speech.md: small models leave out sentences
LETTERS = 10.0
"""Letters in a second of voice below which words may be missing. Measured on recordings of people:
of texts that are complete, one in twenty is below 9, the half above 13."""
DIGIT = 4
"""Letters of a digit as it is said."""
FEW_LETTERS = 8.0
"""Letters in a second below which words are most likely missing."""
UNSPACED = 0.4
"""Ratio by which there are fewer in scripts in which a character is a syllable or a word."""
SHORTEST = 2.5
"""Seconds of voice below which a text is not judged: a word may be drawn out."""
LOUD = 25.0
"""Decibels below the loudest frames within which there is voice, "s" and "f" included."""
ABOVE_NOISE = 6.0
"""Decibels above the quietest frames from which there is voice, in a room that is louder."""
LONGER = 1.1
"""Ratio of lengths from which another text is believed to have the missing words."""
ONCE = 0.45
"""The same for a text that has a phrase twice."""
PHRASE = 3
"""Words of the shortest phrase whose repetition counts."""
SENTENCE = 6
"""Words of a phrase that nobody says twice in a row."""
WIDE = 0x2E80
"""First code point of the scripts that are meant by `UNSPACED`."""


def is_short(text: str, audio: Samples, fewest: float = LETTERS) -> bool:
    """Return True if words are missing in the text of this audio, which should have `fewest`
    letters a second."""
    voiced = voiced_seconds(audio)
    return voiced >= SHORTEST and letters(text) < usual(text, fewest) * voiced


def usual(text: str, spaced: float = LETTERS) -> float:
    """Return the letters in a second of speech in the script of the text, where there are `spaced`
    in scripts like the Latin one."""
    wide = sum(ord(character) >= WIDE for character in text)
    return spaced * (UNSPACED if wide > len(text) / 2 else 1)


def letters(text: str) -> int:
    """Return the number of letters, of digits those of their names."""
    return sum(DIGIT if character.isdigit() else character.isalpha() for character in text)


def repeats(text: str) -> bool:
    """Return True if a phrase of several words follows directly on itself, as people rarely say
    one and recognizers do that have lost their place."""
    return repetition(text.split(), PHRASE) is not None


def once(text: str) -> str:
    """Return the text with what nobody says twice in a row only once."""
    words = text.split()
    while found := repetition(words, SENTENCE):
        at, length = found
        del words[at : at + length]  # the first: the end of the last is the end of the text
    return " ".join(words)


def alike(text: str) -> list[str]:
    """Return the words without their case and punctuation."""
    return [word.strip(".,;:!?").casefold() for word in text.split()]


def repetition(words: Sequence[str], shortest: int = PHRASE) -> tuple[int, int] | None:
    """Return where a phrase follows directly on itself first, and how many words it has."""
    same = alike(" ".join(words))
    places = (
        (at, length)
        for length in range(shortest, len(words) // 2 + 1)
        for at in range(len(words) - 2 * length + 1)
    )
    return next((p for p in places if same[p[0] : sum(p)] == same[sum(p) : sum(p) + p[1]]), None)


def voiced(audio: Samples) -> NDArray[np.bool_]:
    """Tell for each frame whether there is voice in it."""
    level = levels(audio)
    if not level.size:
        return np.zeros(0, np.bool_)
    low, high = np.percentile(level, ENDS)
    return np.asarray(level > max(high - LOUD, low + ABOVE_NOISE))


def voiced_seconds(audio: Samples) -> float:
    """Return how long there is voice in the audio altogether."""
    return float(voiced(audio).sum()) * FRAME / HEARING_RATE


def halves(audio: Samples) -> tuple[Samples, Samples]:
    """Cut the audio at the quietest place of its middle third."""
    level = levels(audio)
    cut = quiet_place(level, len(level) // 3, -(-2 * len(level) // 3)) * FRAME
    return audio[:cut], audio[cut:]
