"""Recognize what a recognizer makes of audio without speech. Pure.

Whisper always completes a text: from noise it makes fluent sentences, from difficult audio loops.
"""

import re
import zlib

import numpy as np

from ..contracts import FRAME, HEARING_RATE, Samples
from .phrases import levels

SHORTEST = HEARING_RATE // 10
"""Minimum samples (100 ms): no word is shorter."""
FAINTEST = 20.0
"""RMS that the loudest 20 ms must reach, of 32768 (-64 dBFS); quiet speech is four times that."""
STEADY = 3.6
"""A sound whose level stays within this many decibels is not speech. Measured: 1 for hiss, hum and
tones, 3.5 for rumble; speech varies by more than 13, by 8 in noise half as loud, by 3.7 in noise as
loud as it is."""
STEADY_ENDS = (10, 90)
"""Percentiles of the level that are compared for it."""
DOUBTFUL = -1.0
"""Mean log-probability of the tokens below which a text is doubtful."""
NO_SPEECH = 0.6
"""No-speech probability above which a doubtful text is discarded."""
PERHAPS_SOUND = 0.03
"""Probability of a sound without words, at least, where the no-speech probability is above that."""
LOOPING = 2.4
"""Minimum compression ratio of text that repeats itself; that of speech is below 2."""
REPEATS, REPEATED_WORDS = 3, 6
"""A phrase repeated this often in a row, with this many words in all, is a loop."""
_DESCRIPTION = re.compile(r"[(\[*].*?(?:[)\]*]|$)")


def is_speech(audio: Samples) -> bool:
    """Return False if the sound alone rules out speech."""
    if audio.size < SHORTEST:
        return False
    frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME).astype(np.float32)
    if np.sqrt((frames**2).mean(axis=1)).max() < FAINTEST:
        return False
    low, high = np.percentile(levels(audio), STEADY_ENDS)
    return bool(high - low > STEADY)


def loops(text: str) -> bool:
    """Return True if the text goes round in circles."""
    data = text.encode()
    if len(data) / len(zlib.compress(data)) > LOOPING:
        return True
    words = text.casefold().split()
    return any(_run(words, length) for length in range(1, len(words) // REPEATS + 1))


def _run(words: list[str], length: int) -> bool:
    """Return True if a phrase of `length` words is repeated often enough, directly after itself."""
    enough = max((REPEATS - 1) * length, REPEATED_WORDS - length)
    same = 0
    for word, before in zip(words[length:], words, strict=False):
        same = same + 1 if word == before else 0
        if same >= enough:
            return True
    return False


def without_sounds(text: str) -> str:
    """Return the text without descriptions of sounds: "(laughs)", "[cough]"."""
    return " ".join(_DESCRIPTION.sub(" ", text).split())


def sayable(text: str) -> bool:
    """Return True if the text holds anything but punctuation."""
    return any(character.isalnum() for character in text)
