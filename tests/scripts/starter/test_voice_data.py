"""From a teacher's phones to Piper's symbols, and the pitch."""

import numpy as np
import pytest

from scripts.starter.pitch import WINDOW, _correlations, pitch
from scripts.starter.voice_alignment import WORST, aligned, sounds_of

HELLO = ["^", "h", "ə", "l", "ˈ", "o", "ʊ", "$"]
PHONES = [("hh", 8), ("ax", 7), ("l", 9), ("ow", 20)]


def test_two_symbols_of_one_vowel_are_one_sound():
    assert [sound.name for sound in sounds_of(HELLO)] == ["h", "ə", "l", "oʊ"]


def test_all_time_of_the_phones_goes_to_the_sounds():
    frames, cost = aligned(sounds_of(HELLO), PHONES)
    assert frames == [8, 7, 9, 20]
    assert cost < WORST * 4


def test_a_pause_goes_to_the_mark_that_it_was_made_at():
    frames, _ = aligned(sounds_of(["b", ",", " ", "b"]), [("b", 5), ("pau", 30), ("b", 6)])
    assert frames == [5, 30, 0, 6]


def test_a_phone_that_is_spoken_for_two_sounds_is_divided():
    frames, _ = aligned(sounds_of(["b", "ə", "ɹ", "d"]), [("b", 4), ("er", 11), ("d", 4)])
    assert frames == [4, 5, 6, 4]


def test_other_words_cost_more_than_is_trusted():
    _, cost = aligned(sounds_of(HELLO), [("s", 4), ("iy", 4), ("k", 4), ("t", 4)])
    assert cost > WORST * 4


@pytest.mark.parametrize("hertz", [90.0, 150.0, 260.0])
def test_the_pitch_of_a_voice_is_found(hertz):
    time = np.arange(16_000) / 16_000
    voice = sum(np.sin(2 * np.pi * hertz * k * time) / k for k in range(1, 12))
    found = pitch((voice * 6000).astype(np.int16), 16_000, 128, 120)
    assert np.median(found[5:-5]) == pytest.approx(hertz, rel=0.01)


def test_a_correlation_is_that_of_the_window_with_what_follows_it():
    noise = (np.random.default_rng(1).standard_normal(3000) * 3000).astype(np.int16)
    longest = 246
    found, _ = _correlations(noise, 128, 12, longest)
    first = 6 * 128 + 64 - (WINDOW + longest) // 2
    window = noise[first : first + WINDOW].astype(float)
    for lag in (0, 45, longest):
        later = noise[first + lag : first + lag + WINDOW].astype(float)
        expected = window @ later / np.sqrt((window @ window) * (later @ later))
        assert found[6, lag] == pytest.approx(expected, abs=1e-4)


def test_silence_and_noise_have_no_pitch():
    noise = (np.random.default_rng(0).standard_normal(16_000) * 3000).astype(np.int16)
    assert np.mean(pitch(noise, 16_000, 128, 120) > 0) < 0.1
    assert not pitch(np.zeros(16_000, np.int16), 16_000, 128, 120).any()
