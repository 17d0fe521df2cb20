"""Noise, lines and rooms that speech is spoiled with."""

import numpy as np
import pytest

from scripts.starter import spoiling


@pytest.fixture
def random():
    return np.random.default_rng(3)


def tone(hertz: float) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(16_000) / 16_000).astype(np.float32)


@pytest.mark.parametrize("kind", spoiling.KINDS)
def test_noise_has_unit_power(kind, random):
    made = spoiling.noise(kind, 8000, random)
    assert len(made) == 8000
    assert np.mean(made**2) == pytest.approx(1, rel=1e-3)


def test_the_ratio_of_powers_is_the_one_asked_for(random):
    speech = tone(300)
    mixed = spoiling.mixed(speech, spoiling.noise("white", 5000, random), 15)
    added = mixed - speech
    assert 10 * np.log10(np.mean(speech**2) / np.mean(added**2)) == pytest.approx(15, abs=0.2)


def test_a_telephone_line_keeps_what_is_low_and_drops_what_is_high():
    assert np.mean(spoiling.band_limited(tone(1000)) ** 2) == pytest.approx(0.5, rel=0.02)
    assert np.mean(spoiling.band_limited(tone(6000)) ** 2) < 1e-3


def test_a_room_keeps_the_length(random):
    assert len(spoiling.in_a_room(tone(500), random)) == 16_000
