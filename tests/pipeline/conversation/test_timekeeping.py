"""Audio that comes late, in lumps, or not at all. First the rule, then whole sessions in virtual
time."""

import asyncio

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from models import fake
from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Transcript
from models.fake import LOUDNESS
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.input import Configure
from pipeline.conversation.microphone import RATES
from pipeline.conversation.resample import HearingFrames
from pipeline.conversation.timekeeping import LEAD, Timekeeper
from tests.pipeline.conversation.test_session import LONG, PLAN, Candidate
from tests.pipeline.conversation.test_stereo import Reel
from tests.virtual_time import run

SECOND = HEARING_RATE // FRAME


def quiet(count):
    return [(np.zeros(FRAME, np.int16), 0.0)] * count


def voice(count):
    return [(np.ones(FRAME, np.int16), 1.0)] * count


def came(time, audio, *, at, now, in_a_turn=False):
    """How many frames are heard, and how many are left out."""
    heard, left_out = time.came(audio, at * FRAME, now, in_a_turn=in_a_turn)
    return len(heard), left_out


def test_silence_is_assumed_after_a_second_and_in_a_turn_after_four():
    time = Timekeeper(0.0)
    assert not time.is_missing(0.9, in_a_turn=False)
    assert time.is_missing(1.0, in_a_turn=False)
    assert not time.is_missing(3.9, in_a_turn=True)
    assert time.is_missing(4.0, in_a_turn=True)


def test_who_sends_long_messages_is_waited_for_as_long():
    time = Timekeeper(0.0)
    time.came(quiet(2 * SECOND), 0, 2.0, in_a_turn=False)
    assert not time.is_missing(4.4, in_a_turn=False)
    assert time.is_missing(4.5, in_a_turn=False)
    for n in range(8):  # short ones now
        time.came(quiet(1), 0, 5.0 + n / 50, in_a_turn=False)
    assert time.is_missing(6.2, in_a_turn=False)


def stalled():
    """Nothing came for three seconds; for two of them silence was assumed."""
    time = Timekeeper(0.0)
    assert came(time, quiet(SECOND), at=0, now=1.0) == (SECOND, 0)
    assert time.assume(2 * SECOND) == []
    return time


def test_late_silence_takes_the_place_of_the_silence_that_was_assumed():
    heard, left_out = came(stalled(), quiet(3 * SECOND), at=3 * SECOND, now=4.0)
    assert left_out == 2 * SECOND
    assert heard == SECOND


def test_of_late_voice_and_what_leads_to_it_nothing_is_left_out():
    late = [*quiet(SECOND), *voice(SECOND), *quiet(SECOND)]
    heard, left_out = came(stalled(), late, at=3 * SECOND, now=4.0)
    assert left_out == SECOND - LEAD
    assert heard == 2 * SECOND + LEAD


def test_in_a_turn_nothing_is_left_out():
    late = quiet(3 * SECOND)
    assert came(stalled(), late, at=3 * SECOND, now=4.0, in_a_turn=True) == (3 * SECOND, 0)


def test_who_was_silent_and_not_late_loses_nothing():
    time = stalled()
    assert came(time, quiet(4), at=3 * SECOND, now=4.08) == (4, 0)  # a second behind, as assumed


def test_late_audio_in_small_messages_makes_up_too_and_holds_no_voice_back():
    time, at, total = stalled(), 3 * SECOND, 0
    for _ in range(25):
        heard, left_out = came(time, quiet(4), at=at, now=4.0)
        at, total = at + heard, total + left_out
    assert 50 - LEAD <= total <= 50 - LEAD + 4  # of two seconds that have come one was late
    heard, _ = came(time, voice(4), at=at, now=4.0)
    assert heard == LEAD + 4


def test_what_was_assumed_is_not_in_the_audio_that_is_transcribed():
    hearing = AudioInput(fake.LoudnessVad().open())
    for value in (1, 2):
        hearing.hear(np.full(FRAME, value, np.int16))
        hearing.take(np.zeros(FRAME, np.int16), 0.0, came=False)
    assert hearing.audio(0, 4 * FRAME).tolist() == [1] * FRAME + [2] * FRAME
    for _ in range(1600):  # around the ring
        hearing.hear(np.full(FRAME, 3, np.int16))
    assert len(hearing.audio(0, hearing.at)) == 30 * HEARING_RATE


class Ear(fake.ScriptedTranscriber):
    """Keeps what it was given last."""

    heard = np.zeros(0, np.int16)

    async def final(self, audio, context=""):
        self.heard = audio
        return Transcript(self.texts[0], "en")

    async def partial(self, audio, context="", *, urgent=False):
        return None


def engines(ear):
    return fake.Engines(fake.LoudnessVad(), ear, fake.ScriptedLlm(), fake.SteadyVoice())


async def send(session, pcm, pieces):
    """Pieces of so many bytes, each so many seconds late; none comes before it was spoken."""
    began = asyncio.get_running_loop().time()
    at = 0
    for size, late in pieces:
        piece, at = pcm[at : at + size], at + size
        spoken = began + min(at, len(pcm)) / 2 / SPEAKING_RATE
        await asyncio.sleep(max(0.0, spoken + late - asyncio.get_running_loop().time()))
        session.push_audio(piece)
        if at >= len(pcm):
            return
    session.push_audio(pcm[at:])


def speech(seconds):
    """Voice without a gap, of which no two frames are alike."""
    levels = np.random.default_rng(1).integers(LOUDNESS, 30 * LOUDNESS, round(seconds * SECOND))
    return np.repeat(levels, SPEAKING_RATE // SECOND).astype("<i2")


def alike(one, other):
    """The resampler dithers by the last bit."""
    return len(one) == len(other) and np.abs(one.astype(int) - other).max() < 8


def answer(pieces, seconds=6.0):
    """What was transcribed, and the turns, when an answer comes like that."""
    ear = Ear(LONG)
    silence = np.zeros(SPEAKING_RATE // 2, "<i2")
    said = np.concatenate([silence, speech(seconds)])

    async def main():
        async with Candidate(engines=engines(ear)) as candidate:
            await candidate.until(o.ResponseDone)
            candidate._sending.cancel()
            await send(candidate.session, said.tobytes(), pieces)
            await send(candidate.session, bytes(200_000), [(4000, 0.0)] * 50)
            await candidate.until(o.TranscriptCompleted)
        return candidate

    candidate = run(main())
    sent = np.concatenate(HearingFrames().feed(said.tobytes() + bytes(96_000)))
    threshold = LOUDNESS // 2
    return ear.heard[ear.heard > threshold], sent[sent > threshold], candidate


def turns(candidate):
    return [x for x in candidate.record.entries if isinstance(x, r.CandidateSpoke)]


@pytest.mark.parametrize(
    "pieces",
    [
        [(int(1.3 * 48_000), 0.0)] * 20,
        [(2 * 48_000, 0.0)] * 20,
        [(4 * 48_000, 0.0)] * 20,
        [(4096, 0.0)] * 30 + [(4096, 3.0)] * 60,  # a stall of three seconds, then all at once
        [(4096, 0.0)] * 30 + [(4096, 1.6)] * 20 + [(4096, 0.0)] * 200,
        [(4096, 0.0)] * 30 + [(4096, 2.0)] * 20 + [(70_001, 3.5)] * 20,
        [(1441, 0.0)] * 1000,
    ],
)
def test_an_answer_that_comes_in_lumps_or_late_is_one_turn_and_whole(pieces):
    heard, sent, candidate = answer(pieces)
    assert alike(heard, sent)
    assert len(turns(candidate)) == 1


WRONG_RATES = set(RATES) - {SPEAKING_RATE}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(1, 60_000), st.floats(0, 2.5) | st.just(0.0)), min_size=5, max_size=60
    )
)
@example([(1, 0.0), (1, 0.0), (1, 0.0), (1, 0.5), (6039, 0.0)])
def test_whatever_the_chopping_and_the_delays_what_is_transcribed_is_what_was_sent(pieces):
    # Who always sends as many samples in a second as another rate has is heard at that rate.
    seconds = sum(delay for _, delay in pieces)
    came = sum(size for size, _ in pieces) / 2
    assume(not any(abs(came - rate * seconds) < 0.06 * rate * seconds for rate in WRONG_RATES))
    heard, sent, candidate = answer(pieces * 40)
    assert alike(heard, sent)
    assert len(turns(candidate)) == 1


def test_who_stops_sending_in_the_middle_of_a_word_is_answered_all_the_same():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await asyncio.sleep(3.0)
            candidate._sending.cancel()
            stopped = asyncio.get_running_loop().time()
            await candidate.until(o.ResponseCreated, 2)
            return asyncio.get_running_loop().time() - stopped, candidate

    waited, candidate = run(main())
    assert 4.0 <= waited <= 7.0
    assert [turn.text for turn in turns(candidate)] == [LONG]


@pytest.mark.parametrize("rate", [SPEAKING_RATE, 8_000, 48_000])
@pytest.mark.parametrize("stall", [1.6, 3.0, 12.0])
def test_after_a_stall_in_silence_the_clock_and_the_recording_are_as_long_as_the_call(stall, rate):
    reel = Reel()

    async def main():
        async with Candidate(plan=PLAN, recording=reel) as candidate:
            await candidate.until(o.ResponseDone)
            candidate._sending.cancel()
            await asyncio.sleep(0.1)
            late = bytes(int((stall + 0.1) * 2 * rate))
            candidate.session.configure(Configure(input_rate=rate))
            await asyncio.sleep(stall)
            candidate.session.push_audio(late)
            await asyncio.sleep(0.02)
            return asyncio.get_running_loop().time(), candidate.session._timeline.now() / 1000

    wall, clock = run(main())
    assert abs(wall - clock) < 0.5
    assert abs(len(reel.left) / SPEAKING_RATE - wall) < 0.5
