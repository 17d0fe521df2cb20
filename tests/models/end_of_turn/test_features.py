"""The spectrogram that Smart Turn hears."""

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from models.contracts import HEARING_RATE
from models.end_of_turn.features import LENGTH, features, log_mel


def sweep(seconds: float) -> np.ndarray:
    """A tone that rises to 7 kHz, in noise."""
    time = np.arange(round(seconds * HEARING_RATE)) / HEARING_RATE
    noise = np.random.default_rng(1).normal(0, 0.01, time.size)
    tone = 0.4 * np.sin(2 * np.pi * 7000 / (2 * seconds) * time**2)
    return ((tone + noise) * 32767).astype(np.int16)


def test_it_is_whispers_own() -> None:
    waveform = sweep(8.0).astype(np.float32) / 32768
    theirs = FeatureExtractor(feature_size=80)(waveform, padding=0)
    assert log_mel(waveform) == pytest.approx(theirs[:, : LENGTH // 160], abs=1e-4)


def test_the_end_of_a_long_turn_is_heard_and_silence_precedes_a_short_one() -> None:
    audio = sweep(11.0)
    assert np.array_equal(features(audio), features(audio[-LENGTH:]))
    short = features(audio[: 2 * HEARING_RATE])
    assert short.shape == (80, 800)
    assert short.dtype == np.float32
    before, spoken = short[:, 5:590], short[:, 610:]
    assert np.ptp(before, axis=1).max() < 1e-3 < 0.1 < np.ptp(spoken, axis=1).min()


def test_loudness_makes_no_difference() -> None:
    loud = sweep(8.0)
    quiet = (loud // 16).astype(np.int16)
    assert features(quiet) == pytest.approx(features(loud), abs=0.3)
    assert np.mean(np.abs(features(quiet) - features(loud))) < 0.01


def test_nothing_at_all_is_no_error() -> None:
    assert np.isfinite(features(np.zeros(0, dtype=np.int16))).all()
