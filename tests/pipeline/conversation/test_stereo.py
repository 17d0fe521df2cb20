import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import HEARING_RATE, SPEAKING_RATE
from pipeline.conversation.output import AudioDelta, ResponseCreated, SpeechStarted
from pipeline.conversation.stereo import BLOCK, Recording, StereoTimeline


class Reel:
    """A sink that keeps everything in memory."""

    def __init__(self):
        self.number, self.failure = 1, ""
        self.blocks = []

    def write(self, stereo):
        self.blocks.append(stereo)

    @property
    def left(self):
        return np.concatenate([b[:, 0] for b in self.blocks])

    @property
    def right(self):
        return np.concatenate([b[:, 1] for b in self.blocks])


def second(n=1.0):
    return round(n * SPEAKING_RATE)


def speech(seconds, value):
    return np.full(second(seconds), value, dtype="<i2")


def said(seconds, value=7):
    return AudioDelta("r", "i", 0, speech(seconds, value))


def heard_at(reel, value=7):
    """First and last second at which the interviewer is heard."""
    places = np.flatnonzero(reel.right == value)
    return places[0] / SPEAKING_RATE, (places[-1] + 1) / SPEAKING_RATE


def spoken(timeline, start, seconds, value=1, chunk=0.1):
    """The candidate's audio, arriving in chunks as it is spoken from `start` on."""
    for n in range(round(seconds / chunk)):
        timeline.arrived(speech(chunk, value).tobytes(), start + (n + 1) * chunk)


def test_what_is_said_is_heard_at_once_and_the_next_piece_after_it():
    reel = Reel()
    timeline = StereoTimeline(reel, 10.0)
    spoken(timeline, 10.0, 1.0)
    timeline.told(said(0.5, 7), 11.0)
    timeline.told(said(0.5, 8), 11.1)
    spoken(timeline, 11.0, 2.0)
    timeline.close(13.0)
    assert heard_at(reel, 7) == (1.0, 1.5)
    assert heard_at(reel, 8) == (1.5, 2.0)
    assert reel.left.tolist() == [1] * second(3)


def test_what_is_said_between_two_messages_of_the_candidate_is_heard_between_them():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    spoken(timeline, 0.0, 1.0)
    timeline.told(said(0.5), 1.06)
    spoken(timeline, 1.0, 1.0)
    timeline.close(2.0)
    assert heard_at(reel) == (1.06, 1.56)


@pytest.mark.parametrize(
    ("first_word", "first_message", "heard"),
    [
        (0.5, 0.5, 0.1),  # the microphone was switched on 0.4 s after the connection
        (0.1, 0.5, 0.0),  # of what was heard before that nothing is missing
        (0.0, 0.02, 0.08),  # the first message has what was spoken before the connection
    ],
)
def test_the_clock_begins_with_the_first_sample_that_was_spoken(first_word, first_message, heard):
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    timeline.told(said(0.5), first_word)
    spoken(timeline, first_message - 0.1, 1.0)
    timeline.close(first_message + 0.9)
    assert heard_at(reel) == (pytest.approx(heard), pytest.approx(heard + 0.5))


def test_a_piece_that_comes_after_the_last_was_played_leaves_a_gap():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    timeline.told(said(0.2, 7), 0.0)
    spoken(timeline, 0.0, 1.0)
    timeline.told(said(0.2, 8), 1.0)
    spoken(timeline, 1.0, 1.0)
    timeline.close(2.0)
    assert (heard_at(reel, 7), heard_at(reel, 8)) == ((0.0, 0.2), (1.0, 1.2))


def test_an_interruption_ends_what_is_heard_at_that_moment():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    spoken(timeline, 0.0, 0.5)
    timeline.told(said(2.0), 0.5)
    spoken(timeline, 0.5, 1.0)
    timeline.told(SpeechStarted("u", 0), 1.55)
    spoken(timeline, 1.5, 1.0)
    timeline.close(2.5)
    assert heard_at(reel) == (0.5, 1.55)


def test_at_the_end_it_has_what_was_played_and_not_what_was_not():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    timeline.told(said(2.0), 0.0)
    spoken(timeline, 0.0, 1.0)
    timeline.close(1.08)
    assert len(reel.right) == second(1.08)
    assert heard_at(reel) == (0.0, 1.08)
    assert not reel.left[second(1) :].any()


def test_a_client_that_sends_nothing_is_silent():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    timeline.passed(HEARING_RATE, 1.0)
    timeline.told(said(0.5), 1.0)
    timeline.passed(HEARING_RATE, 2.0)
    timeline.close(2.0)
    assert not reel.left.any()
    assert heard_at(reel) == (1.0, 1.5)


def test_other_events_are_not_heard():
    reel = Reel()
    timeline = StereoTimeline(reel, 0.0)
    timeline.told(ResponseCreated("r", "i"), 0.0)
    spoken(timeline, 0.0, 1.0)
    timeline.close(1.0)
    assert not reel.right.any()


@given(st.lists(st.integers(0, 3 * 2 * BLOCK), max_size=6))
def test_the_candidates_bytes_are_all_there_however_they_are_cut(sizes):
    pcm = np.arange(sum(sizes) // 2 + 1, dtype="<i2").tobytes()
    reel = Reel()
    reel.blocks.append(np.zeros((0, 2), np.int16))
    timeline = StereoTimeline(reel, 0.0)
    at = 0
    for size in sizes:
        timeline.arrived(pcm[at : at + size], 0.0)
        at += size
    assert all(len(block) == BLOCK for block in reel.blocks[1:])
    timeline.close(0.0)
    assert reel.left.tobytes() == pcm[: at & ~1]


def one_second(recording):
    """Everything that a session tells it in its first second."""
    recording.arrived(speech(0.5, 1).tobytes(), 0.5)
    recording.passed(HEARING_RATE // 2, 1.0)
    recording.told(said(0.5), 1.0)
    recording.check()


def test_without_a_sink_nothing_is_recorded():
    stopped = []
    recording = Recording(None, stopped.append)
    recording.begin(0.0)
    one_second(recording)
    recording.close(1.5)
    assert not recording.works
    assert (recording.number, stopped) == (None, [])


def test_before_a_recording_begins_nothing_is_recorded():
    reel = Reel()
    recording = Recording(reel, pytest.fail)
    one_second(recording)
    recording.close(1.0)
    assert reel.blocks == []


def test_a_recording_has_all_from_its_beginning_to_its_end():
    reel = Reel()
    recording = Recording(reel, pytest.fail)
    recording.begin(0.0)
    one_second(recording)
    recording.close(1.5)
    one_second(recording)
    assert (len(reel.left), heard_at(reel)) == (second(1.5), (1.0, 1.5))


@pytest.mark.parametrize("notice", [Recording.check, lambda recording: recording.close(1.0)])
def test_a_recording_that_breaks_off_tells_why_once_and_records_nothing_more(notice):
    reel, stopped = Reel(), []
    recording = Recording(reel, stopped.append)
    recording.begin(0.0)
    assert recording.works
    reel.failure = "the disk is full"
    notice(recording)
    one_second(recording)
    recording.close(1.0)
    assert (reel.blocks, stopped, recording.works) == ([], ["the disk is full"], False)
