"""A test of whether the interviewer's voice comes back, with a sound of its own or, while it
speaks, with that."""

import asyncio
from collections.abc import Callable

import numpy as np

from models.contracts import HEARING_RATE, SPEAKING_RATE, Samples

from .audio_input import AudioInput
from .echo import LONGEST_DELAY, Return
from .output import AudioDelta, EchoTested
from .output_queue import OutputQueue

SECONDS = 0.3
TONES = (400.0, 3200.0)
"""Hz from which the sound rises, and up to which."""
LOUDNESS = 6_000
"""Largest sample of the sound."""
WAIT = SECONDS + LONGEST_DELAY / HEARING_RATE
"""Seconds in which the sound comes back, if it does."""
SPEECH = 1.0
"""Seconds of a reply that are as good as the sound."""
LOUD = -25.0
"""Level in decibels from which an echo is one that the client does not cancel. What a canceller
leaves over in its first second is quieter."""
NAME = "echo_test"


def sound() -> Samples:
    """Return a rising tone, which is like nothing else in a room."""
    time = np.arange(round(SECONDS * SPEAKING_RATE)) / SPEAKING_RATE
    low, high = TONES
    tone = np.sin(2 * np.pi * (low * time + (high - low) * time**2 / (2 * SECONDS)))
    return (LOUDNESS * tone * np.hanning(len(time)) ** 0.25).astype(np.int16)


Hold = Callable[[], Callable[[], None]]
"""Function that holds replies back; what it returns lets them go on."""


async def test(hearing: AudioInput, hold: Hold, outputs: OutputQueue) -> Return | None:
    """Play the sound before anything else is said, and tell the client how it came back. Returns
    the echo if the client does not cancel it."""
    at = hearing.at
    if hearing.echo.sent.sounds(at - LONGEST_DELAY, at + LONGEST_DELAY):
        await asyncio.sleep(SPEECH)
    else:
        release = hold()
        hearing.echo.testing = True
        try:
            await outputs.put_audio(AudioDelta(NAME, NAME, 0, sound()))
            await asyncio.sleep(WAIT)
        finally:
            hearing.echo.testing = False
            release()
    found = hearing.echo.measure(max(hearing.at - round(WAIT * HEARING_RATE), 0), hearing.at)
    if not found.likely:
        outputs.put(EchoTested(False, None, None))
        return None
    loud = found.level >= LOUD
    outputs.put(EchoTested(loud, round(1000 * found.delay / HEARING_RATE), round(found.level, 1)))
    return found if loud else None
