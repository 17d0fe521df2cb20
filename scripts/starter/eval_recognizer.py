"""Measures of the recognizer on sentences and voices' settings that its training never saw.

It is heard through the product's own decoding; "network alone" is without.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path

import jiwer
import numpy as np
from faster_whisper import WhisperModel

from scripts.starter import speech, spoiling
from scripts.starter.hearing import Hearing, Network
from scripts.starter.measure import Measure

HELD_OUT = Path(__file__).with_name("heldout")
MARGIN = 0.1  # seconds of silence around every sentence
EMPTY_SECONDS = 10


def held_out(kind: str) -> list[str]:
    lines = (HELD_OUT / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def spoken(voice: str, text: str) -> np.ndarray:
    """The text in one of the three voices at its everyday setting, with silence around it."""
    match voice:
        case "espeak-ng":
            audio = speech.espeak(text, "en-us", 160, 50)
        case "flite":
            audio = speech.flite(text, "slt", 1.0, 170)
        case _:
            audio = speech.starter(text, 1.0)
    margin = np.zeros(int(MARGIN * speech.RATE), np.float32)
    return np.concatenate([margin, audio, margin])


VOICES = ("espeak-ng", "flite", "starter voice")


def plain(text: str) -> str:
    """Words alone, for comparing."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.lower()).split())


def word_errors(texts: list[str], heard: list[str]) -> float:
    """Word error rate in percent."""
    return 100 * float(jiwer.wer([plain(t) for t in texts], [plain(h) for h in heard]))


Sounds = list[np.ndarray]


def measure(folder: Path, limit: int | None = None) -> list[Measure]:
    """Every figure of the recognizer; limit takes only so many sentences of each kind."""
    hearing, network = Hearing(folder), Network(folder)
    interview, general = held_out("interview")[:limit], held_out("general")[:limit]
    found, seen = [], []
    voices: dict[str, Sounds] = {}
    for kind, texts, bar in (("interview", interview, 5), ("general", general, 15)):
        for voice in VOICES:
            sounds = [spoken(voice, text) for text in texts]
            heard = [hearing(sound) for sound in sounds]
            errors = word_errors(texts, heard)
            found.append(Measure(f"word errors, {kind}, {voice}", errors, "%", at_most=bar))
            seen += heard
            voices.setdefault(voice, sounds)
    mixed = [voices[VOICES[i % len(VOICES)]][i] for i in range(len(interview))]
    for name, sounds, bar in _spoilt(mixed):
        errors = word_errors(interview, [hearing(sound) for sound in sounds])
        found.append(Measure(f"word errors, interview, {name}", errors, "%", at_most=bar))
    errors = word_errors(interview, [network(sound, extra_seconds=6) for sound in mixed])
    found.append(Measure("word errors, interview, network alone, 6 s wider", errors, "%"))
    errors = word_errors(interview[:12], _with_transcribe(folder, mixed[:12]))
    found.append(Measure("word errors, interview, plain transcribe()", errors, "%"))
    shaped = [bool(re.match(r"[A-Z].*[.?!]$", text)) for text in seen]
    size = sum(path.stat().st_size for path in folder.iterdir() if path.suffix != ".md") / 1e6
    return [
        *found,
        Measure("begins with a capital, ends with a mark", 100 * float(np.mean(shaped)), "%"),
        Measure("empty on 10 s of noise or silence", _empty(hearing), "%", at_least=98),
        Measure("the same, network alone", _empty(network), "%", at_least=98),
        Measure("real-time factor, 5 s, one core", _speed(hearing), "", at_most=0.03),
        Measure("size", size, "MB", at_most=15),
    ]


def _spoilt(sounds: Sounds) -> list[tuple[str, Sounds, float]]:
    random = np.random.default_rng(0)
    return [
        *(
            (
                f"{kind} noise at 15 dB",
                [spoiling.mixed(s, spoiling.noise(kind, len(s), random), 15) for s in sounds],
                10.0,
            )
            for kind in ("white", "pink")
        ),
        ("8 kHz band limit", [spoiling.band_limited(sound) for sound in sounds], 10.0),
    ]


def _empty(recognizer: Callable[[np.ndarray], str]) -> float:
    """Percent of stretches of silence and of every noise, soft and loud, that give no text."""
    random = np.random.default_rng(1)
    samples, empty = EMPTY_SECONDS * speech.RATE, []
    for kind in ("silence", *spoiling.KINDS):
        for loudness in np.linspace(-4, -1, 10):
            sound = np.zeros(samples, np.float32)
            if kind != "silence":
                sound = spoiling.noise(kind, samples, random) * np.float32(10**loudness)
            empty.append(not recognizer(np.clip(sound, -1, 1)))
    return 100 * float(np.mean(empty))


def _speed(recognizer: Callable[[np.ndarray], str]) -> float:
    """Median seconds of work per second of speech, features included."""
    sentence = speech.starter(
        "I once planned a wedding for two hundred guests, and then I went home to sleep.", 1.0
    )
    sentence = np.resize(sentence, 5 * speech.RATE)
    recognizer(sentence)
    taken = []
    for _ in range(15):
        start = time.perf_counter()
        recognizer(sentence)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken)) / 5


def _with_transcribe(folder: Path, sounds: Sounds) -> list[str]:
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)
    heard = []
    for sound in sounds:
        segments, _ = model.transcribe(sound, beam_size=1, without_timestamps=True)
        heard.append(" ".join(segment.text.strip() for segment in segments))
    return heard
