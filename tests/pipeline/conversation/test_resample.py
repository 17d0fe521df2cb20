import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contracts import FRAME
from pipeline.conversation.resample import HearingFrames


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
