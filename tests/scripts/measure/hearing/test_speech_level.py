import numpy as np
import pytest

from scripts.measure.hearing.speech_level import active_level

from ....models.speech import SENTENCES, silence, spoken

NOISE = np.random.default_rng(0).normal(0, 1000, 32_000).astype(np.int16)
SPEECH = spoken(SENTENCES[0])


def decibels(ratio):
    return 20 * np.log10(ratio)


def test_the_level_of_what_never_pauses_is_its_rms():
    assert decibels(active_level(NOISE) / 1000) == pytest.approx(0, abs=0.2)


def test_long_pauses_do_not_count_and_short_ones_do():
    paused = np.concatenate([SPEECH, silence(5), SPEECH])
    assert decibels(active_level(paused) / active_level(SPEECH)) == pytest.approx(0, abs=0.5)
    gaps = np.concatenate([np.concatenate([part, silence(0.1)]) for part in np.split(NOISE, 20)])
    assert decibels(active_level(gaps) / active_level(NOISE)) == pytest.approx(-3, abs=0.5)


def test_the_level_grows_with_the_speech():
    half = (SPEECH / 2).astype(np.int16)
    assert decibels(active_level(SPEECH) / active_level(half)) == pytest.approx(6, abs=0.2)


def test_silence_has_a_level_too():
    assert active_level(silence(1)) == 1.0
