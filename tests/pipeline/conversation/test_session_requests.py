"""What a client asks of a whole conversation: cancel, clear, create, other delays and sample rates.
In virtual time."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from models.contracts import HEARING_RATE, SPEAKING_RATE
from models.fake import LOUDNESS
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import EndpointingPolicy
from pipeline.conversation.input import RATES, Configure
from pipeline.conversation.resample import Resampler
from pipeline.conversation.turn_steps import Tuning
from pipeline.errors import RateUnsupported
from pipeline.interview import interviewer
from tests.virtual_time import run

from .test_recorded import Tapes
from .test_session import LONG, PLAN, Candidate


def now():
    return asyncio.get_running_loop().time()


def test_a_cancelled_reply_falls_silent_and_ends_as_cancelled_with_what_was_heard():
    async def main():
        async with Candidate() as candidate:
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(2)
            candidate.session.cancel_response()
            heard = len(candidate.all(o.AudioDelta))
            done = await candidate.until(o.ResponseDone)
            await asyncio.sleep(5)
        return candidate, done, heard

    candidate, done, heard = run(main())
    assert done.status == "cancelled"
    assert done.heard
    assert done.text.startswith(done.heard)
    assert len(candidate.all(o.AudioDelta)) == heard
    (ended,) = [entry for entry in candidate.record.entries if isinstance(entry, r.ReplyEnded)]
    assert (ended.status, ended.heard) == ("cancelled", done.heard)


def test_after_a_cancelled_reply_the_conversation_goes_on():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.AudioDelta, 4)
            candidate.session.cancel_response()
            await candidate.say(1, 3.0)
            return await candidate.until(o.ResponseDone, 2)

    assert run(main()).status == "completed"


def test_what_was_cleared_is_neither_told_nor_recorded_nor_answered():
    async def main():
        async with Candidate("Not this.", LONG) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await asyncio.sleep(2)
            candidate.session.clear_audio()
            await candidate.say(2, 3.0)  # the voice goes on without a pause
            await candidate.until(o.ResponseDone, 2)
        return candidate

    candidate = run(main())
    assert [t.text for t in candidate.all(o.TranscriptCompleted)] == ["", LONG]
    spoke = [e.text for e in candidate.record.entries if isinstance(e, r.CandidateSpoke)]
    assert spoke == [LONG]
    assert len(candidate.all(o.SpeechStarted)) == len(candidate.all(o.SpeechStopped)) == 2


def test_a_reply_that_is_asked_for_comes_at_once_and_not_twice():
    async def main():
        async with Candidate() as candidate:
            await candidate.until(o.ResponseDone)
            asked = now()
            candidate.session.create_response()
            candidate.session.create_response()
            await candidate.until(o.ResponseCreated, 2)
            waited = now() - asked
            await candidate.until(o.ResponseDone, 2)
            await asyncio.sleep(5)
        return waited, candidate.all(o.ResponseCreated)

    waited, created = run(main())
    assert waited < 0.5
    assert len(created) == 2


def ends(candidate):
    return [entry for entry in r.whole(candidate.record.entries) if isinstance(entry, r.ReplyEnded)]


def agree(candidate):
    """What the agent knows is what its journal tells."""
    resumed = interviewer.resume(PLAN, candidate.record.entries)
    assert resumed.messages == tuple(candidate.agent.messages)
    assert resumed.progress == candidate.agent.state.progress
    assert resumed.told == candidate.agent.state.told


async def interrupted(candidate):
    """A reply of which much was heard was interrupted, and the voice goes on."""
    await candidate.until(o.AudioDelta)
    await asyncio.sleep(4)
    candidate.loudness = 1
    return await candidate.until(o.ResponseDone)


@pytest.mark.parametrize("played_ms", [0, 1000, 2000])
def test_of_a_reply_that_was_interrupted_only_what_was_played_was_heard(played_ms):
    async def main():
        async with Candidate(LONG) as candidate:
            done = await interrupted(candidate)
            candidate.session.truncate_response(done.item, played_ms)
            await asyncio.sleep(0.5)
            agree(candidate)
            told = [m.content for m in candidate.agent.messages if m.role == "assistant"]
            candidate.loudness = 0
            await candidate.until(o.ResponseDone, 2)
            agree(candidate)
        return candidate, done, told

    candidate, done, told = run(main())
    heard, unheard = ends(candidate)[0].heard, ends(candidate)[0].unheard
    assert len(heard) < len(done.heard)
    assert len(heard) <= played_ms / 50  # a character takes the fake voice 50 ms
    assert len(heard) >= played_ms / 50 - 15
    assert told == ([heard] if heard else [])
    assert f"{heard} {unheard}".strip() == done.text
    assert len(ends(candidate)) == 2


def test_what_was_not_heard_of_a_question_is_asked_again():
    async def main(played_ms):
        async with Candidate("Hello there, good morning.") as candidate:
            done = await candidate.until(o.ResponseDone)
            candidate.session.truncate_response(done.item, played_ms)
            await candidate.say(1, 1.5)
            return (await candidate.until(o.ResponseDone, 2)).text

    assert "What did you build?" in run(main(1000))
    assert "What did you build?" not in run(main(60_000))


def test_a_reply_of_which_no_more_is_played_is_stopped():
    async def main():
        async with Candidate() as candidate:
            created = await candidate.until(o.ResponseCreated)
            await asyncio.sleep(4)
            candidate.session.truncate_response(created.item, 1000)
            done = await candidate.until(o.ResponseDone)
            await asyncio.sleep(0.5)
            agree(candidate)
        return candidate, done

    candidate, done = run(main())
    assert done.status == "cancelled"
    assert len(done.heard) <= 20
    assert [end.heard for end in ends(candidate)] == [done.heard]


def test_what_was_played_is_told_in_time_or_not_at_all():
    async def main():
        async with Candidate(LONG) as candidate:
            done = await interrupted(candidate)
            candidate.session.truncate_response("item_of_somebody", 0)
            candidate.session.truncate_response(done.item, 60_000)
            candidate.loudness = 0
            await candidate.until(o.ResponseCreated, 2)
            candidate.session.truncate_response(done.item, 0)
            await candidate.until(o.ResponseDone, 2)
        return candidate, done

    candidate, done = run(main())
    assert ends(candidate)[0].heard == done.heard
    agree(candidate)


def test_other_delays_can_be_set_while_the_conversation_goes_on():
    async def main(tuning):
        async with Candidate("I did and") as candidate:
            await candidate.until(o.ResponseDone)
            candidate.session.configure(Configure(tuning))
            await candidate.say(1, 2.0)
            ended = now()
            await candidate.until(o.TranscriptCompleted)
            return now() - ended

    assert run(main(None)) == pytest.approx(2.0, abs=0.1)
    assert run(main(Tuning(EndpointingPolicy(4800, 8000)))) == pytest.approx(0.5, abs=0.1)


def test_other_sample_rates_than_those_four_are_refused_with_the_way_out():
    for wrong in ({"input_rate": 44_100}, {"output_rate": 11_025}):
        with pytest.raises(RateUnsupported, match="8000, 16000, 24000, 48000"):
            Configure(**wrong)


class OtherRates(Candidate):
    """Sends and is sent audio at this rate."""

    def __init__(self, *texts, rate, **options):
        super().__init__(*texts, **options)
        self.rate = rate

    async def _send(self):
        self.session.configure(Configure(input_rate=self.rate, output_rate=self.rate))
        while True:
            await asyncio.sleep(0.02)
            chunk = np.full(self.rate // 50, self.loudness * LOUDNESS, dtype="<i2")
            self.session.push_audio(chunk.tobytes())


@pytest.mark.parametrize("rate", RATES)
def test_a_conversation_is_held_at_another_sample_rate(rate):
    tapes = Tapes()

    async def main():
        async with OtherRates(LONG, rate=rate, recording=tapes) as candidate:
            await candidate.until(o.ResponseDone)
            began = candidate.session._timeline.now(), now()
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
            lasted = candidate.session._timeline.now() - began[0], now() - began[1]
        return candidate, lasted

    candidate, (clock_ms, seconds) = run(main())
    assert [t.text for t in candidate.all(o.TranscriptCompleted)] == [LONG]
    assert clock_ms / 1000 == pytest.approx(seconds, abs=0.05)
    left = tapes.channel(0)
    loud = np.count_nonzero(np.abs(left.astype(int)) > LOUDNESS // 2) / SPEAKING_RATE
    assert loud == pytest.approx(3.0, abs=0.1)
    for done in candidate.all(o.ResponseDone):
        said = [d for d in candidate.all(o.AudioDelta) if d.response == done.response]
        for one, following in pairwise(said):
            assert one.start + len(one.audio) == following.start
        samples = said[-1].start + len(said[-1].audio)
        assert samples / rate == pytest.approx(len(done.text) * 0.05, abs=0.3)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("target", [HEARING_RATE, SPEAKING_RATE])
def test_a_stream_has_as_many_seconds_at_any_rate(rate, target):
    resampler = Resampler(rate, target)
    pcm = (10_000 * np.sin(np.arange(rate) * 2 * np.pi * 440 / rate)).astype("<i2").tobytes()
    pieces = [resampler.feed(pcm[at : at + 333]) for at in range(0, len(pcm), 333)]
    audio = np.concatenate([*pieces, resampler.flush()])
    assert len(audio) == pytest.approx(target, abs=2)
    assert np.abs(audio[1000:-1000]).max() == pytest.approx(10_000, rel=0.03)
