"""Make rooms, lines and long answers of recordings: the conditions under which people are heard.

Everything is made from fixed seeds, so that two runs hear the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr
from numpy.typing import NDArray

from models.contracts import FRAME, HEARING_RATE, Samples
from models.vad.silero import SileroVad

from .corpus import CorpusUnusable, Recording
from .speech_level import active_level

Sound = NDArray[np.float64]
ROOM = 12.0
"""Seconds of the room that are heard around a recording, over and over."""
HISS = 3.0
"""RMS of a quiet microphone's noise, of 32768."""
TELEPHONE = (300.0, 3400.0)
"""Hz that a telephone line carries."""
BABBLE = 6
"""Voices that talk at once in the background."""
WHISPER_WINDOW, WHISPER_FFT = 400, 512
"""Samples (25 ms) that are looked at together to make a whisper."""
MOUTH = 16
"""Coefficients of linear prediction, which describe the shape of the mouth."""
SOFT = 5
"""Frames (100 ms) beside voice that may be a soft beginning or end of a word."""
LONGEST_GAP = 5
"""Frames (100 ms) that a pause in a long answer without pauses may have."""
SENTENCE = 7
"""Words of the shortest recording that becomes part of it."""
LONG = 130.0
"""Seconds of an answer without a pause."""


def level(audio: Samples) -> float:
    """Return the RMS of the loud half of the recording's speech, or of all of it if there is none;
    at least 1. A cough is no speech, however loud."""
    frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME)
    voiced = frames[_voiced(frames, 0.5)]
    power = np.sort(((voiced if len(voiced) else frames).astype(np.float64) ** 2).mean(axis=1))
    loud = power[len(power) // 2 :]
    return max(float(np.sqrt(loud.mean())), 1.0) if loud.size else 1.0


def white(seconds: float) -> Sound:
    return _unit(np.random.default_rng(1).standard_normal(round(seconds * HEARING_RATE)))


def pink(seconds: float) -> Sound:
    samples = round(seconds * HEARING_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(2).standard_normal(samples))
    hertz = np.maximum(np.fft.rfftfreq(samples, 1 / HEARING_RATE), 30.0)
    return _unit(np.fft.irfft(spectrum / np.sqrt(hertz), samples))


def music(seconds: float) -> Sound:
    """Return chords, a bass and a beat: a song without words."""
    random = np.random.default_rng(3)
    beat = HEARING_RATE // 2
    made = np.zeros(round(seconds * HEARING_RATE) + 4 * beat)
    time = np.arange(4 * beat) / HEARING_RATE
    fade = np.minimum(1, np.minimum(time / 0.02, (time[-1] - time) / 0.1))
    for bar, root in enumerate(np.resize([0, 9, 5, 7], made.size // (4 * beat))):
        chord = sum(
            np.sin(2 * np.pi * 220 * 2 ** ((root + step) / 12) * k * time) / k**1.5
            for step in (0, 4, 7, 12)
            for k in range(1, 6)
        )
        bass = 2 * np.sin(2 * np.pi * 55 * 2 ** (root / 12) * time)
        made[bar * 4 * beat :][: 4 * beat] += (chord + bass) * fade
    for at in range(0, made.size - beat, beat):
        hit = random.standard_normal(beat // 2) * np.exp(-np.arange(beat // 2) / 700)
        made[at : at + beat // 2] += 3 * hit
    return _unit(made[: round(seconds * HEARING_RATE)])


def babble(seconds: float, talk: Sequence[Recording]) -> Sound:
    """Return several voices of these recordings at once."""
    random = np.random.default_rng(4)
    samples = round(seconds * HEARING_RATE)
    made = np.zeros(samples)
    for _ in range(BABBLE):
        voice = np.zeros(0)
        while voice.size < samples:
            one = talk[int(random.integers(len(talk)))].audio
            voice = np.concatenate([voice, one / level(one)])
        made += np.roll(voice[:samples], int(random.integers(samples)))
    return _unit(made)


def _unit(sound: Sound) -> Sound:
    return np.asarray(sound / (np.sqrt((sound**2).mean()) or 1.0))


def rounded(sound: Sound) -> Samples:
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


def speech(audio: Samples) -> Samples:
    """Return the recording with silence in place of what is no speech, such as a cough; as it is if
    there is none."""
    frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME)
    near = np.convolve(_voiced(frames, 0.5), np.ones(2 * SOFT + 1), "same") > 0
    return (frames * near[:, np.newaxis]).ravel().astype(np.int16) if near.any() else audio


def in_noise(audio: Samples, noise: Sound, decibels: float) -> tuple[Samples, Samples]:
    """Return the recording with noise so many decibels below its active speech level, and the noise
    alone."""
    heard = active_level(speech(audio))
    room = noise[: round(ROOM * HEARING_RATE)] * heard / 10 ** (decibels / 20)
    return rounded(audio + np.resize(room, audio.size)), rounded(room)


def in_room(audio: Samples, room: Samples) -> tuple[Samples, Samples]:
    """Return the recording with the sounds of a room, and these alone."""
    return rounded(audio.astype(np.float64) + np.resize(room, audio.size)), room


def telephone(audio: Samples) -> Samples:
    """Return the recording as a telephone line carries it: its band, 8 kHz, µ-law."""
    size = 1 << (audio.size - 1).bit_length()
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / HEARING_RATE), 1.0)
    low, high = TELEPHONE
    kept = 1 / np.sqrt((1 + (low / hertz) ** 4) * (1 + (hertz / high) ** 16))
    sound = np.fft.irfft(np.fft.rfft(audio, size) * kept, size)[: audio.size]
    narrow = np.clip(soxr.resample(sound, HEARING_RATE, 8_000) / 32768, -1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    decoded = np.sign(coded) * (256 ** np.abs(coded) - 1) / 255
    wide = soxr.resample(decoded * 32768, 8_000, HEARING_RATE)
    return rounded(np.resize(wide, audio.size))


def at_level(audio: Samples, decibels: float) -> Samples:
    """Return the recording with its speech at so many dBFS."""
    return rounded(audio * (32768 * 10 ** (decibels / 20) / level(audio)))


def clipped(audio: Samples) -> Samples:
    """Return the recording from a microphone that is set so high that a tenth of its speech has no
    room."""
    loud = np.abs(audio[np.abs(audio) > level(audio) / 4].astype(np.float64))
    top = max(1.0, float(np.percentile(loud, 90))) if loud.size else 1.0
    return rounded(np.clip(audio, -top, top) * (32000 / top))


def whispered(audio: Samples) -> Samples:
    """Return the recording as a whisper: the shape of the mouth stays, noise takes the place of the
    voice, and there is little below 800 Hz. A whisper is 20 dB quieter than its speaker's voice."""
    random = np.random.default_rng(6)
    bright = np.append(audio.astype(np.float64), np.zeros(WHISPER_WINDOW))
    bright[1:] -= 0.97 * bright[:-1]
    made = np.zeros(bright.size + WHISPER_FFT)
    window = np.hanning(WHISPER_WINDOW)
    tilt = np.sqrt(np.minimum(1, np.fft.rfftfreq(WHISPER_FFT, 1 / HEARING_RATE) / 800))
    for at in range(0, bright.size - WHISPER_WINDOW, WHISPER_WINDOW // 4):
        piece = bright[at : at + WHISPER_WINDOW] * window
        power = np.abs(np.fft.rfft(piece, 2 * WHISPER_FFT)) ** 2
        alike = np.fft.irfft(power)[: MOUTH + 1]
        if alike[0] < 1:
            continue
        lags = np.abs(np.subtract.outer(np.arange(MOUTH), np.arange(MOUTH)))
        shape = np.linalg.solve(alike[lags] + np.eye(MOUTH) * alike[0] * 1e-4, alike[1:])
        left = max(alike[0] - shape @ alike[1:], 1e-9) / (window**2).sum()
        mouth = np.abs(np.fft.rfft(np.concatenate([[1], -shape]), WHISPER_FFT))
        noise = np.fft.rfft(random.standard_normal(WHISPER_WINDOW) * window, WHISPER_FFT)
        made[at : at + WHISPER_FFT] += np.fft.irfft(noise * np.sqrt(left) / mouth * tilt)
    whisper = rounded(made[: audio.size])
    return at_level(whisper, 20 * np.log10(level(audio) / 32768) - 20)


@cache
def _silero() -> SileroVad:
    return SileroVad()


def _voiced(frames: Samples, sure: float) -> NDArray[np.bool_]:
    """Tell for each frame whether there is voice in it."""
    stream = _silero().open()
    return np.array([stream.probability(frame) > sure for frame in frames], np.bool_)


def without_pauses(audio: Samples) -> Samples:
    """Return the recording with every pause shortened to `LONGEST_GAP`, and none at its ends."""
    frames = audio[: audio.size // FRAME * FRAME].reshape(-1, FRAME)
    kept, gap = [], LONGEST_GAP
    for frame, voice in zip(frames, _voiced(frames, 0.3), strict=True):
        gap = 0 if voice else gap + 1
        if gap <= LONGEST_GAP:
            kept.append(frame)
    return np.concatenate(kept) if kept else audio


def long_answer(corpus: Sequence[Recording]) -> Recording:
    """Return an answer of two minutes without a pause, joined of sentences whose words are known,
    one speaker after the other. Raises `CorpusUnusable`."""
    random = np.random.default_rng(5)
    known = [recording for recording in corpus if len(recording.words) >= SENTENCE]
    if not known:
        raise CorpusUnusable("a long answer needs sentences whose words are known")
    audio: list[Samples] = []
    words: list[str] = []
    while True:
        for n in sorted(random.permutation(len(known)), key=lambda n: known[n].speaker):
            joined = without_pauses(known[n].audio)
            audio.append(rounded(joined * (2000 / level(joined))))
            words += known[n].words
            if sum(map(len, audio)) >= LONG * HEARING_RATE:
                return Recording("long answer", np.concatenate(audio), tuple(words))


@dataclass(frozen=True, slots=True)
class Condition:
    """A way in which recordings reach the service."""

    name: str
    make: Callable[[Samples], tuple[Samples, Samples]]
    """Returns the recording as it is heard, and what is heard before and after it."""


def conditions(talk: Sequence[Recording]) -> dict[str, Condition]:
    """Return all conditions by name; the babble is of the voices of these recordings."""
    quiet = rounded(white(ROOM) * HISS)
    noises = {
        "white": white(ROOM),
        "pink": pink(ROOM),
        "music": music(ROOM),
        "babble": babble(ROOM, talk),
    }
    made = [
        Condition("clean", lambda audio: (audio, quiet)),
        Condition("telephone", lambda audio: (telephone(audio), quiet)),
        Condition("clipped", lambda audio: (clipped(audio), quiet)),
        Condition("whisper", lambda audio: in_room(whispered(audio), quiet)),
        *(
            Condition(
                f"{-level}dBFS", lambda audio, level=level: in_room(at_level(audio, level), quiet)
            )
            for level in (-40, -50, -60, -65)
        ),
        *(
            Condition(f"{kind}{db}", lambda audio, n=noise, db=db: in_noise(audio, n, db))
            for kind, noise in noises.items()
            for db in (20, 15, 10, 5)
        ),
    ]
    return {condition.name: condition for condition in made}
