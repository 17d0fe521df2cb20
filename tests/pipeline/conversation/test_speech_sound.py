"""Speech, laughter and coughs, made by programs; the limits are measured with real ones."""

import numpy as np
import pytest

from models.contracts import HEARING_RATE
from pipeline.conversation.interruption import Sound
from pipeline.conversation.speech_sound import (
    LEAST_HELD,
    SAYS_VARIETY,
    SHORT_VARIETY,
    measure,
    sound_of,
)

VOWELS = ((700, 1100), (300, 2300), (320, 800), (500, 1800))
"""Formants in Hz."""
ROOM = 2.0


def vowel(seconds, pitch, formants, level=6000.0):
    """A voiced sound: harmonics under two formants."""
    time = np.arange(round(seconds * HEARING_RATE)) / HEARING_RATE
    sound = np.zeros(len(time))
    for n in range(1, int(3900 / pitch)):
        height = sum(1 / (1 + ((n * pitch - f) / 90) ** 2) for f in formants)
        sound += (height + 0.003) * np.sin(2 * np.pi * n * pitch * time)
    edge = np.minimum(1, np.minimum(time, time[::-1]) / 0.02)
    return sound / np.abs(sound).max() * level * edge


def in_a_room(*sounds):
    random = np.random.default_rng(0)
    quiet = np.zeros(HEARING_RATE // 5)
    sound = np.concatenate([quiet, *sounds, quiet])
    return np.round(sound + random.normal(0, ROOM, len(sound))).astype(np.int16)


def speech(words=4):
    return in_a_room(*(vowel(0.2, 120 + 3 * n, VOWELS[n % len(VOWELS)]) for n in range(words)))


def laughter(times=6):
    gap = np.zeros(HEARING_RATE // 20)
    pitches = (310, 240, 290, 220, 270, 210)
    return in_a_room(
        *(part for n in range(times) for part in (vowel(0.09, pitches[n % 6], VOWELS[0]), gap))
    )


def cough(seconds=0.9):
    random = np.random.default_rng(1)
    noise = random.normal(0, 3000, round(seconds * HEARING_RATE))
    return in_a_room(noise * np.exp(-np.linspace(0, 3, len(noise))))


def whisper(words=4):
    """Noise under the formants of vowels, one after the other."""
    random = np.random.default_rng(3)
    parts = []
    for n in range(words):
        like = np.abs(np.fft.rfft(vowel(0.2, 100, VOWELS[n % len(VOWELS)])))
        envelope = np.convolve(like, np.ones(60) / 60, "same")
        parts.append(np.fft.irfft(envelope * np.exp(2j * np.pi * random.random(len(like)))))
    return in_a_room(*(part / np.abs(part).max() * 3000 for part in parts))


def test_a_whisper_is_no_noise():
    assert measure(whisper()).held < LEAST_HELD
    assert sound_of(whisper()) is Sound.UNCLEAR


def test_words_sound_like_speech():
    assert sound_of(speech()) is Sound.SPEECH


@pytest.mark.parametrize("audio", [laughter(), cough()])
def test_laughter_and_coughs_do_not(audio):
    assert sound_of(audio) is Sound.NOISE


@pytest.mark.parametrize("audio", [laughter(3), cough(0.3)])
def test_what_is_short_is_never_taken_for_noise(audio):
    assert sound_of(audio) is Sound.UNCLEAR


@pytest.mark.parametrize(("each", "sound"), [(0.15, Sound.UNCLEAR), (0.3, Sound.SPEECH)])
def test_a_short_sound_has_to_vary_more_to_be_speech(each, sound):
    alike = vowel(each, 122, (500, 1700))
    audio = in_a_room(vowel(each, 120, VOWELS[0]), alike)
    assert SAYS_VARIETY < measure(audio).variety < SHORT_VARIETY
    assert sound_of(audio) is sound


@pytest.mark.parametrize("length", [0, 1, 101, 640, 641])
def test_almost_nothing_is_unclear(length):
    assert sound_of(np.zeros(length, np.int16)) is Sound.UNCLEAR


def test_the_silence_around_a_sound_and_its_level_do_not_count():
    loud = measure(speech())
    silence = np.zeros(HEARING_RATE // 2, np.int16)
    later = measure(np.concatenate([silence, speech() // 2]))
    assert later.seconds == pytest.approx(loud.seconds, abs=0.03)
    assert later.held == pytest.approx(loud.held, abs=0.03)
    assert later.variety == pytest.approx(loud.variety, abs=0.25)


def test_in_noise_words_are_no_laughter():
    random = np.random.default_rng(2)
    noisy = speech(6) + np.round(random.normal(0, 900, len(speech(6)))).astype(np.int16)
    assert not measure(noisy).clear
    assert sound_of(noisy) is not Sound.NOISE
