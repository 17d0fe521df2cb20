"""How raw speech becomes a clause, shown on tones."""

import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from models.piper.clause_audio import MOST_GAIN, PAUSE_MS, Waveform, clause_audio, gain_for


def tone(rate: int, seconds: float, level: float = 0.3) -> Waveform:
    time = np.arange(round(rate * seconds)) / rate
    return (level * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


def silence(rate: int, seconds: float) -> Waveform:
    return np.zeros(round(rate * seconds), dtype=np.float32)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100])
def test_any_rate_becomes_24_khz_with_silence_cut_to_the_pause(rate: int) -> None:
    raw = np.concatenate([silence(rate, 0.5), tone(rate, 1.0), silence(rate, 0.7)])
    audio = clause_audio(raw, rate, 1.0, ".")
    assert audio.size / SPEAKING_RATE == pytest.approx(1 + PAUSE_MS["."] / 1000, abs=0.04)
    periods = np.count_nonzero(np.diff(np.signbit(audio[2400:21600]).astype(int)) == 1)
    assert periods == pytest.approx(0.8 * 200, abs=2)


def test_the_pause_is_the_same_whether_the_voice_left_silence_or_none() -> None:
    for mark, end in ((".", 0.0), (".", 1.0), (",", 0.0), (",", 1.0), ("", 0.0), ("", 1.0)):
        raw = np.concatenate([tone(16_000, 0.5), silence(16_000, end)])
        length = clause_audio(raw, 16_000, 1.0, mark).size / SPEAKING_RATE
        assert length == pytest.approx(0.5 + PAUSE_MS.get(mark, 40) / 1000, abs=0.001)


def test_a_voice_that_ends_at_full_level_is_faded() -> None:
    cut_at_peaks = tone(24_000, 0.5025)[30:]  # 100 periods and a half, from peak to peak
    audio = clause_audio(cut_at_peaks, 24_000, 1.0, ",").astype(int)
    assert audio[0] == 0
    assert np.abs(np.diff(audio)).max() < 0.3 * 32767 * 2 * np.pi * 200 / 24_000 + 300


def test_full_scale_is_never_reached_and_soft_speech_is_not_touched() -> None:
    loud = clause_audio(tone(24_000, 0.5, 0.9), 24_000, 3.0, ".")
    assert 0.95 * 32767 < int(loud.max()) <= 0.98 * 32767 + 1
    soft = clause_audio(tone(24_000, 0.5, 0.3), 24_000, 2.0, ".")
    assert int(soft.max()) == pytest.approx(0.6 * 32767, rel=0.001)


def test_every_voice_gets_the_same_level() -> None:
    for level in (0.05, 0.3, 0.9):
        raw = tone(16_000, 1.0, level)
        played = clause_audio(raw, 16_000, gain_for(raw, 16_000), ".")
        body = played[2400:21600] / 32768
        assert 20 * np.log10(np.sqrt(np.mean(body**2))) == pytest.approx(-18, abs=0.3)


def test_a_voice_that_is_nearly_silent_is_not_amplified_without_bound() -> None:
    assert gain_for(tone(16_000, 1.0, 0.001), 16_000) == MOST_GAIN
    assert gain_for(silence(16_000, 1.0), 16_000) == 1.0


def test_silence_and_nothing_are_no_clause() -> None:
    assert clause_audio(silence(16_000, 1.0), 16_000, 1.0, ".").size == 0
    assert clause_audio(silence(16_000, 0.0), 16_000, 1.0, ".").size == 0


def test_a_soft_beginning_is_kept() -> None:
    raw = np.concatenate([silence(16_000, 0.3), tone(16_000, 0.01, 0.002), tone(16_000, 0.5)])
    assert clause_audio(raw, 16_000, 1.0, "").size >= round(0.55 * SPEAKING_RATE)
