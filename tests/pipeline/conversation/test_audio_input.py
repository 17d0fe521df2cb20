import numpy as np

from models.contracts import FRAME, HEARING_RATE
from models.fake import LoudnessVad
from pipeline.conversation.audio_input import KEPT, AudioInput
from pipeline.conversation.events import PossibleSpeech


def frame(value):
    return np.full(FRAME, value, dtype=np.int16)


def test_a_sound_that_dies_away_is_faint_and_a_closure_is_not():
    hearing = AudioInput(LoudnessVad().open())
    heard = []
    for level in [3000] * 20 + [200] * 5 + [3000] * 3 + [200] * 6:
        hearing.take(np.full(FRAME, level, np.int16), 0.9)
        heard.append(hearing.faint)
    assert not any(heard[:-1])
    assert heard[-1]


def test_the_audio_of_a_stretch_can_be_asked_for_by_its_positions():
    hearing = AudioInput(LoudnessVad().open())
    for value in range(10):
        hearing.hear(frame(value))
    assert set(hearing.audio(2 * FRAME, 4 * FRAME)) == {2, 3}
    assert len(hearing.audio(9 * FRAME, 99 * FRAME)) == FRAME


def test_only_the_last_half_minute_is_kept():
    hearing = AudioInput(LoudnessVad().open())
    for value in range(KEPT // FRAME + 10):
        hearing.hear(frame(value))
    kept = hearing.audio(0, hearing.at)
    assert len(kept) == KEPT == 30 * HEARING_RATE
    assert (kept[0], kept[-1]) == (10, KEPT // FRAME + 9)


def test_what_is_kept_is_a_copy():
    hearing = AudioInput(LoudnessVad().open())
    hearing.hear(frame(1))
    audio = hearing.audio(0, FRAME)
    for _ in range(KEPT // FRAME):
        hearing.hear(frame(2))
    assert set(audio) == {1}


def test_voice_is_reported():
    hearing = AudioInput(LoudnessVad().open())
    events = [hearing.hear(frame(1000)) for _ in range(3)]
    assert events == [None, None, PossibleSpeech(3 * FRAME, 0)]


def test_the_quietest_place_is_in_the_longest_gap_of_the_last_seconds():
    random = np.random.default_rng(0)
    audio = random.normal(0, 3000, 8 * 16_000)
    for second, gap in ((1.0, 0.3), (5.0, 0.04), (6.0, 0.16)):  # long ago, within a word, between
        audio[round(second * 16_000) :][: round(gap * 16_000)] *= 0.01
    hearing = AudioInput(LoudnessVad())
    for frame in audio.astype(np.int16).reshape(-1, 320):
        hearing.hear(frame)
    assert 6.0 * 16_000 <= hearing.quietest <= 6.16 * 16_000


def test_at_the_beginning_there_is_no_quiet_place_yet():
    hearing = AudioInput(LoudnessVad())
    assert hearing.quietest == 0
    hearing.hear(np.zeros(320, np.int16))
    assert hearing.quietest == 320
