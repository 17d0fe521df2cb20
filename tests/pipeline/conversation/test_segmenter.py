"""Frames of 20 ms; V is voice, . is silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import FRAME
from pipeline.conversation.events import (
    PossibleSpeech,
    PossibleSpeechEnded,
    SpeechBegan,
    SpeechPaused,
)
from pipeline.conversation.segmenter import Segmenter


def hear(pattern, segmenter=None, *, over_reply=False):
    segmenter = segmenter or Segmenter()
    heard = (1.0 if mark == "V" else 0.0 for mark in pattern)
    events = [segmenter.feed(probability, over_reply=over_reply) for probability in heard]
    return [event for event in events if event]


def frames(n):
    return n * FRAME


def test_speech_is_hinted_begins_and_pauses():
    assert hear("....." + "V" * 20 + "." * 12) == [
        PossibleSpeech(frames(8), onset=frames(5)),
        SpeechBegan(frames(15), onset=frames(5)),
        SpeechPaused(frames(35), until=frames(25)),
    ]


def test_a_burst_of_150_ms_is_a_hint_that_fades():
    assert [type(e) for e in hear("." * 5 + "V" * 7 + "." * 20)] == [
        PossibleSpeech,
        PossibleSpeechEnded,
    ]


def test_clicks_are_nothing():
    assert hear("V...." * 20) == []


def test_a_click_in_a_pause_does_not_make_it_begin_again():
    events = hear("V" * 20 + "." * 5 + "V" + "." * 5)
    assert events[-1] == SpeechPaused(frames(30), until=frames(20))


def test_speech_that_pauses_shortly_begins_again_after_less_voice():
    segmenter = Segmenter()
    hear("V" * 20 + "." * 20, segmenter)
    events = hear("V" * 6, segmenter)
    assert SpeechBegan(frames(45), onset=frames(40)) in events


def test_voice_over_a_reply_is_speech_after_less_because_its_words_decide():
    assert SpeechBegan(frames(10), onset=frames(5)) in hear("." * 5 + "V" * 7, over_reply=True)


def test_after_a_long_silence_it_takes_the_whole_time_again():
    segmenter = Segmenter()
    hear("V" * 20 + "." * 120, segmenter)
    assert [type(e) for e in hear("V" * 9, segmenter)] == [PossibleSpeech]
    assert [type(e) for e in hear("V", segmenter)] == [SpeechBegan]


@pytest.mark.parametrize(
    ("before", "counts"),
    [
        ("V" * 50 + "." * 20, True),
        ("V" * 30 + "." * 20 + "V" * 25 + "." * 20, True),
        ("V" * 45 + "." * 20, False),
        ("V" * 50 + "." * 120, False),
        ("V" * 30 + "." * 120 + "V" * 25 + "." * 20, False),
    ],
    ids="1s together short silence apart".split(),
)
def test_who_has_spoken_for_a_second_is_heard_from_a_lower_probability(before, counts):
    segmenter = Segmenter()
    hear(before, segmenter)
    found = [segmenter.feed(0.4) for _ in range(12)]
    assert any(isinstance(event, SpeechBegan) for event in found) is counts


def test_what_is_forgotten_does_not_count_as_having_spoken():
    segmenter = Segmenter()
    hear("V" * 60, segmenter)
    segmenter.forget()
    assert [segmenter.feed(0.4) for _ in range(30)] == [None] * 30


def test_what_comes_after_forgotten_speech_does_not_continue_it():
    segmenter = Segmenter()
    hear("V" * 60 + "." * 20, segmenter)
    segmenter.forget()
    assert [segmenter.feed(0.4) for _ in range(20)] == [None] * 20
    assert [type(e) for e in hear("V" * 9, segmenter)] == [PossibleSpeech]
    assert [type(e) for e in hear("V", segmenter)] == [SpeechBegan]


def test_voice_is_known_from_its_first_frame_to_the_pause_after_it():
    segmenter = Segmenter()
    assert not segmenter.in_voice
    hear("V", segmenter)
    assert segmenter.in_voice
    hear("V" + "." * 9, segmenter)
    assert segmenter.in_voice
    hear(".", segmenter)
    assert not segmenter.in_voice


def test_a_probability_between_the_thresholds_keeps_what_was():
    segmenter = Segmenter()
    hear("V" * 20, segmenter)
    assert [segmenter.feed(0.4) for _ in range(30)] == [None] * 30
    quiet = Segmenter()
    assert [quiet.feed(0.4) for _ in range(30)] == [None] * 30


@given(st.text(alphabet="V.", max_size=400))
def test_begins_and_pauses_alternate_and_time_never_goes_back(pattern):
    events = hear(pattern)
    speech = [e for e in events if isinstance(e, SpeechBegan | SpeechPaused)]
    for n, event in enumerate(speech):
        assert isinstance(event, SpeechPaused if n % 2 else SpeechBegan)
    marks = [e.until if isinstance(e, SpeechPaused) else e.onset for e in speech]
    assert marks == sorted(marks)
    assert all(mark <= event.at for mark, event in zip(marks, speech, strict=True))


def test_voice_that_turns_out_to_be_nobodys_has_been_silence():
    segmenter = Segmenter()
    hear("V" * 100, segmenter)
    segmenter.unvoiced_since(frames(60))
    assert hear(".", segmenter) == [SpeechPaused(frames(101), until=frames(60))]


def test_nobodys_voice_does_not_begin_speech_by_itself_nor_belong_to_it():
    segmenter = Segmenter()
    hear("V" * 100, segmenter)
    segmenter.unvoiced_since(frames(90))
    assert hear("..", segmenter) == [SpeechPaused(frames(101), until=frames(90))]
    (began,) = hear("V", segmenter)
    assert began == SpeechBegan(frames(103), onset=frames(90))


def test_a_pause_that_began_before_somebody_elses_voice_is_as_long_as_it_is():
    segmenter = Segmenter()
    hear("V" * 20 + "." * 5, segmenter)
    segmenter.unvoiced_since(frames(24))
    assert hear("." * 5, segmenter) == [SpeechPaused(frames(30), until=frames(20))]
