"""What a recognizer makes of no speech at all, and how to tell. Pure.

Whisper finishes what it has begun: out of noise it makes fluent sentences, out of trouble loops.
"""

import zlib

import numpy as np

from ..contracts import FRAME, HEARING_RATE, Samples
from .phrases import levels

SHORTEST = HEARING_RATE // 10
"""Samples (100 ms): there is no shorter word."""
FAINTEST = 20.0
"""RMS that the loudest 20 ms must reach, of 32768 (-64 dBFS); quiet speech is four times that."""
STEADY = 3.6
"""Decibels within which the level of a sound stays that is no speech: measured 1 for hiss, hum and
tones, 3.5 for rumble; speech moves by more than 13, by 8 in noise half as loud, by 3.7 in noise as
loud as it is."""
STEADY_ENDS = (10, 90)
"""Percentiles of the level that are compared."""
DOUBTFUL = -1.0
"""Mean log-probability of the tokens below which a text is not to be trusted."""
NO_SPEECH = 0.6
"""No-speech probability above which a doubtful text is no text."""
LOOPING = 2.4
"""Compression ratio of text that says the same again and again; that of speech is below 2."""
REPEATS, REPEATED_WORDS = 3, 6
"""A phrase said so often in a row, with so many words in all, is a loop."""


def is_speech(audio: Samples) -> bool:
    """Whether the sound alone leaves it open that somebody speaks."""
    if audio.size < SHORTEST:
        return False
    frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME).astype(np.float32)
    if np.sqrt((frames**2).mean(axis=1)).max() < FAINTEST:
        return False
    low, high = np.percentile(levels(audio), STEADY_ENDS)
    return bool(high - low > STEADY)


def loops(text: str) -> bool:
    """Whether the text goes round in circles."""
    data = text.encode()
    if len(data) / len(zlib.compress(data)) > LOOPING:
        return True
    words = text.casefold().split()
    return any(_run(words, length) for length in range(1, len(words) // REPEATS + 1))


def _run(words: list[str], length: int) -> bool:
    """Whether a phrase of `length` words is repeated often enough, directly after itself."""
    enough = max((REPEATS - 1) * length, REPEATED_WORDS - length)
    same = 0
    for word, before in zip(words[length:], words, strict=False):
        same = same + 1 if word == before else 0
        if same >= enough:
            return True
    return False


def sayable(text: str) -> bool:
    """Whether there is anything in it but punctuation."""
    return any(character.isalnum() for character in text)
