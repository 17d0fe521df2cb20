"""What talk.py reads and writes: WAV files. Raises `InterviewFailed` where one cannot be."""

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soxr

from .candidate import RATE, InterviewFailed, Samples

PAUSE = 0.5
"""Seconds after each reply."""


def read_wav(path: str) -> Samples:
    """A WAV file of any rate and number of channels as 24 kHz mono."""
    try:
        with wave.open(path) as file:
            if file.getsampwidth() != 2:
                raise InterviewFailed(f"{path}: 16-bit samples are wanted")
            rate, channels = file.getframerate(), file.getnchannels()
            pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    except (OSError, EOFError, wave.Error) as exc:
        raise InterviewFailed(f"{path} cannot be read as a WAV file: {exc}") from exc
    mono = pcm.reshape(-1, channels).mean(axis=1).astype(np.int16)
    return mono if rate == RATE else np.asarray(soxr.resample(mono, rate, RATE))


def write_wav(path: Path, replies: Sequence[Sequence[Samples]]) -> None:
    """Replies in their pieces, one after the other with pauses between."""
    pause = np.zeros(round(PAUSE * RATE), dtype=np.int16)
    samples = [piece for reply in replies for piece in (*reply, pause)]
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.concatenate(samples).astype("<i2").tobytes())
    except OSError as exc:
        raise InterviewFailed(f"{path} cannot be written: {exc}") from exc
