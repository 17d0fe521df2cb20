import numpy as np
import pytest

from models.contracts import FRAME
from models.vad.detector import (
    DEAF,
    DOUBTED,
    KEPT,
    LEAD,
    REST,
    TOGETHER,
    YOUNG,
    ConfirmedVad,
    choose,
)
from models.vad.silero import SileroVad
from models.vad.webrtc import WebrtcVad

from ..speech import (
    SENTENCES,
    after_and_before_silence,
    judged,
    knocks,
    noise,
    silence,
    spoken,
    tone,
    voiced,
)

BEGIN = 16_000 // FRAME


class Says:
    """A judge whose opinion of a frame is its first sample in percent; keeps what it opened."""

    def __init__(self):
        self.opened = []
        self.heard = []

    def open(self):
        self.opened.append(Says())
        return self.opened[-1]

    def probability(self, frame):
        self.heard.append(int(frame[0]))
        return frame[0] / 100


class SaysVoice:
    def open(self):
        return self

    def probability(self, frame):
        return 1.0 if frame.any() else 0.0


def frames(*values):
    return np.repeat(np.array(values, np.int16), FRAME)


def test_voice_is_what_both_judges_call_voice():
    stream = ConfirmedVad(SaysVoice(), Says()).open()
    assert judged(stream, frames(90, 20, 0, 70)) == [0.9, 0.2, 0.0, 0.7]


def test_the_judge_is_not_asked_before_the_trigger_fires_and_then_hears_what_was_before():
    judge = Says()
    stream = ConfirmedVad(SaysVoice(), judge).open()
    judged(stream, frames(*[0] * 20))
    assert not judge.opened
    judged(stream, frames(80, 81))
    assert [each.heard for each in judge.opened] == [[*[0] * LEAD, 80, 81], [*[0] * YOUNG, 80, 81]]


def test_the_second_judge_is_asked_only_for_a_while():
    judge = Says()
    stream = ConfirmedVad(SaysVoice(), judge).open()
    judged(stream, frames(*[80] * 40))
    assert [len(each.heard) for each in judge.opened] == [40, TOGETHER]


def test_a_judge_that_hears_nothing_for_a_second_while_the_trigger_fires_is_renewed():
    judge = Says()
    stream = ConfirmedVad(SaysVoice(), judge).open()
    judged(stream, frames(*[20] * DOUBTED))
    assert len(judge.opened) == 2
    judged(stream, frames(*[20] * DOUBTED))
    assert len(judge.opened) == 4
    judged(stream, frames(*[80] * 2 * DOUBTED))
    assert len(judge.opened) == 6  # what it says decides, not how old it is


class Fires:
    """A trigger that fires at its first frames alone."""

    def __init__(self, frames):
        self.left = frames

    def open(self):
        return self

    def probability(self, frame):
        self.left -= 1
        return float(self.left >= 0)


def test_a_trigger_that_is_deaf_to_a_voice_is_overruled_until_the_judge_hears_none():
    stream = ConfirmedVad(Fires(1), Says()).open()
    found = judged(stream, frames(90, *[80] * DEAF, 40, 30, 80))
    assert found == [0.9, *[0.0] * (DEAF - 1), 0.8, 0.4, 0.0, 0.0]


def test_the_judge_is_kept_as_long_as_it_hears_a_voice_to_which_the_trigger_is_deaf():
    judge = Says()
    stream = ConfirmedVad(Fires(1), judge).open()
    assert judged(stream, frames(*[80] * 2 * KEPT))[-1] == 0.8
    judged(stream, frames(*[0] * 10, 80))
    assert len(judge.opened) == 2
    assert judge.opened[0].heard[-1] == 0  # the trigger has not fired for too long


def test_either_judge_may_confirm_the_trigger():
    class Once(Says):
        def open(self):
            stream = super().open()
            if len(self.opened) == 1:
                stream.probability = lambda frame: 0.1
            return stream

    stream = ConfirmedVad(SaysVoice(), Once()).open()
    assert judged(stream, frames(80))[0] == 0.8


def test_the_judge_goes_on_through_a_pause_with_a_second_one_after_a_rest():
    judge = Says()
    stream = ConfirmedVad(SaysVoice(), judge).open()
    judged(stream, frames(80, *[0] * REST, 80))
    assert len(judge.opened) == 2
    judged(stream, frames(*[0] * (REST + 1), 80))
    assert len(judge.opened) == 3
    assert judge.opened[0].heard[-1] == judge.opened[2].heard[-1] == 80


def test_the_judge_is_renewed_after_a_long_pause():
    judge = Says()
    stream = ConfirmedVad(SaysVoice(), judge).open()
    judged(stream, frames(80, *[0] * (KEPT + 1), 80))
    assert len(judge.opened) == 4
    assert judge.opened[0].heard[-1] == 0


@pytest.mark.parametrize(
    "audio",
    [silence(2), noise(2, 3000), tone(2, 440), knocks(2)],
    ids="silence hiss tone knocks".split(),
)
def test_sound_without_a_voice_is_no_voice(audio):
    assert voiced(choose().open(), after_and_before_silence(audio)) == []


@pytest.mark.parametrize("hiss", [0, 5, 100])
def test_the_end_of_speech_is_noticed_within_60_ms_and_its_beginning_within_120(hiss):
    vad = choose("both")
    for sentence in SENTENCES:
        speech = spoken(sentence)
        end = BEGIN + len(speech) // FRAME
        voice = voiced(vad.open(), after_and_before_silence(speech, hiss))
        assert BEGIN <= voice[0] <= BEGIN + 6
        assert voice[-1] <= end + 3


def test_speech_has_no_gap_that_would_pass_for_its_end():
    for sentence in SENTENCES:
        voice = voiced(choose().open(), after_and_before_silence(spoken(sentence)))
        assert max(np.diff(voice)) * 20 <= 200


def test_each_judge_can_be_chosen_alone():
    assert isinstance(choose("webrtc"), WebrtcVad)
    assert isinstance(choose("silero"), SileroVad)
