import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contracts import FRAME
from pipeline.conversation.resample import HearingFrames, Resampler


def tone(seconds, rate=24_000, hertz=440):
    t = np.arange(round(seconds * rate)) / rate
    return (10_000 * np.sin(2 * np.pi * hertz * t)).astype("<i2")


def test_a_tone_stays_the_same_tone():
    frames = HearingFrames().feed(tone(1.0).tobytes())
    heard = np.concatenate(frames).astype(float)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    hertz = np.argmax(spectrum) * 16_000 / len(heard)
    assert abs(hertz - 440) < 2
    assert abs(np.abs(heard[2000:-2000]).max() - 10_000) < 300


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=40))
def test_any_cut_of_the_bytes_gives_the_same_frames(sizes):
    pcm = tone(0.5).tobytes()
    whole = HearingFrames().feed(pcm)
    pieces, at = [], 0
    for size in sizes:
        pieces.append(pcm[at : at + size])
        at += size
    cut = HearingFrames()
    frames = [frame for piece in [*pieces, pcm[at:]] for frame in cut.feed(piece)]
    assert all(len(frame) == FRAME for frame in frames)
    assert abs(len(frames) - len(whole)) <= 1
    for one, other in zip(frames, whole, strict=False):
        np.testing.assert_allclose(one, other, atol=2)


@pytest.mark.parametrize("rate", [8000, 22_050, 24_000, 44_100, 48_000])
def test_what_came_is_heard_within_two_milliseconds(rate):
    """Whatever is held back delays each decision about the voice."""
    resampler, came, heard = Resampler(rate, 16_000), 0, 0
    for piece in np.array_split(tone(1.0, rate), 12):
        came += len(piece) / rate
        heard += len(resampler.convert(piece)) / 16_000
        assert came - heard <= 0.0021
    assert heard + len(resampler.flush()) / 16_000 == pytest.approx(1.0, abs=0.001)
