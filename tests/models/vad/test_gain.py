import numpy as np

from models.contracts import FRAME
from models.vad.detector import choose
from models.vad.gain import FADES, MOST, WANTED, AmplifiedVad

from ..speech import SENTENCES, after_and_before_silence, spoken, voiced


class Loudness:
    """A detector that keeps how loud each frame was."""

    def __init__(self):
        self.heard = []

    def open(self):
        return self

    def probability(self, frame):
        self.heard.append(float(np.abs(frame.astype(int)).max()))
        return 0.0


def heard(*levels):
    loudness = Loudness()
    stream = AmplifiedVad(loudness).open()
    for level in levels:
        stream.probability(np.full(FRAME, level, np.int16))
    return loudness.heard


def test_quiet_audio_is_amplified_up_to_a_limit_and_loud_audio_is_not():
    assert heard(10)[0] == 10 * MOST
    assert heard(200)[0] == WANTED
    assert heard(5000)[0] == 5000


def test_after_a_loud_sound_the_amplification_comes_back_slowly():
    soon, later = heard(1000, 100)[1], heard(1000, *[100] * 500)[-1]
    assert soon == int(100 / FADES)
    assert 2 * soon < later < WANTED


def test_speech_60_db_below_full_scale_is_heard():
    def frames(factor):
        quiet = [(spoken(sentence) * factor).astype(np.int16) for sentence in SENTENCES]
        return sum(len(voiced(choose().open(), after_and_before_silence(q))) for q in quiet)

    assert frames(0.0035) > 0.8 * frames(1)
