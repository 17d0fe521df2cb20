"""Speech and noise for tests of hearing, made on the spot; the same at every run."""

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
import soxr
from piper import PiperVoice

import models
from models.contracts import FRAME, HEARING_RATE, Samples, VadStream

STARTER = Path(models.__file__).parent / "starter"

SENTENCES = (
    "I have worked as a software engineer for six years.",
    "Most of my experience is with Python and databases.",
    "My last project was a booking system for a hospital.",
    "I had to explain the problem to the customer every morning.",
    "We decided to rewrite the slow part of the program.",
    "The biggest challenge was the lack of time.",
    "I enjoy working in a small team.",
    "Yes, I have some questions about the company.",
    "I would ask my manager for advice before I change the plan.",
    "After the release we measured how many people used it.",
)


@cache
def _spoken() -> dict[str, Samples]:
    """All at once and in order, so that the voice's noise falls the same way every time."""
    onnxruntime.set_seed(1)
    voice = PiperVoice.load(STARTER / "voice" / "en_US-starter.onnx")
    return {text: _synthesized(voice, text) for text in SENTENCES}


def _synthesized(voice: PiperVoice, text: str) -> Samples:
    chunks = [chunk.audio_int16_array for chunk in voice.synthesize(text)]
    audio = soxr.resample(np.concatenate(chunks), voice.config.sample_rate, HEARING_RATE)
    loud = np.flatnonzero(np.abs(audio) > 500)
    speech: Samples = audio[loud[0] : loud[-1] + 1]
    return speech


def spoken(sentence: str) -> Samples:
    """One of `SENTENCES` in the starter voice, without silence around it."""
    return _spoken()[sentence].copy()


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * HEARING_RATE), np.int16)


def noise(seconds: float, level: float) -> Samples:
    """White noise; `level` is its RMS."""
    samples = np.random.default_rng(0).normal(0, level, int(seconds * HEARING_RATE))
    return samples.clip(-32768, 32767).astype(np.int16)


def tone(seconds: float, hertz: float) -> Samples:
    time = np.arange(int(seconds * HEARING_RATE)) / HEARING_RATE
    return (5000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


def knocks(seconds: float) -> Samples:
    """Four short bursts a second, as of a keyboard."""
    one = silence(0.25)
    decay = np.exp(-np.arange(FRAME * 2) / 80)
    one[: FRAME * 2] = (noise(0.04, 6000) * decay).astype(np.int16)
    return np.tile(one, int(seconds * 4))


def after_and_before_silence(audio: Samples, hiss: float = 5) -> Samples:
    """With 1 s before and after it, and a faint hiss as of a microphone over all."""
    framed = np.concatenate([silence(1), audio, silence(1)])
    return (framed + noise(len(framed) / HEARING_RATE, hiss)).clip(-32768, 32767).astype(np.int16)


def judged(stream: VadStream, audio: Samples) -> list[float]:
    """The stream's probability for each whole frame."""
    ends = range(FRAME, len(audio) + 1, FRAME)
    return [stream.probability(audio[end - FRAME : end]) for end in ends]


def voiced(stream: VadStream, audio: Samples) -> list[int]:
    """Indices of the frames that are taken for voice."""
    return [n for n, p in enumerate(judged(stream, audio)) if p >= 0.5]
