"""Whole conversations with scripted engines, in virtual time.

The candidate's speech is a constant sample value that tells the recognizer what was said; see
models/fake.py.
"""

import asyncio
import contextlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import fake
from models.contracts import HEARING_RATE, SPEAKING_RATE
from models.errors import EngineError
from models.fake import LOUDNESS
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.conversation.session import Session
from pipeline.interview import interviewer
from pipeline.interview.agent import Interviewer
from pipeline.interview.plan import Plan, Question
from tests.virtual_time import run

LONG = (
    "I built a scheduler in Python for the county hospital with three nurses and it cut the "
    "waiting time of the patients by half within the first six months of its life, which the "
    "director of the hospital told the whole town about in a long speech at the summer party."
)


PLAN = Plan(
    questions=tuple(
        Question(text, follow_ups=0)
        for text in ("What did you build?", "Who used it?", "What would you change?")
    ),
    candidate="Maria",
    job_title="engineer",
)


class Talkative(fake.ScriptedTranscriber):
    """Understands a text of somebody who does not stop talking: a word more every two seconds."""

    async def final(self, audio, context=""):
        found = await super().final(audio, context)
        more = len(audio) // (2 * HEARING_RATE) if found.text else 0
        return replace(found, text=found.text + " on" * more)


class Candidate:
    """Drives a session as a client does: 20 ms of audio every 20 ms, all the time."""

    def __init__(
        self, *texts, plan=PLAN, state=None, agent=None, engines=None, record=None, **options
    ):
        self.record = record or r.MemoryRecord()
        engines = engines or fake.engines(*texts)
        self.agent = agent or Interviewer(plan, state, "dialogue")
        self.session = Session(engines, self.agent, self.record, **options)
        self.got = []
        self.loudness = 0

    async def __aenter__(self):
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._running = self._tasks.create_task(self._run())
        self._sending = self._tasks.create_task(self._send())
        self._tasks.create_task(self._receive())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *exc):
        self._running.cancel()
        self._sending.cancel()
        await self._tasks.__aexit__(*exc)

    async def _run(self):
        with contextlib.suppress(asyncio.CancelledError):
            await self.session.run()

    async def _send(self):
        while True:
            await asyncio.sleep(0.02)
            chunk = np.full(SPEAKING_RATE // 50, self.loudness * LOUDNESS, dtype="<i2")
            self.session.push_audio(chunk.tobytes())

    async def _receive(self):
        async for output in self.session.outputs():
            self.got.append((asyncio.get_running_loop().time(), output))

    async def say(self, number, seconds):
        """Say the number-th text, for so long."""
        self.loudness = number
        await asyncio.sleep(seconds)
        self.loudness = 0

    async def until(self, kind, count=1, within=60.0):
        end = asyncio.get_running_loop().time() + within
        while len(self.all(kind)) < count:
            assert asyncio.get_running_loop().time() < end, f"no {kind.__name__}"
            await asyncio.sleep(0.01)
        return self.all(kind)[count - 1]

    def all(self, kind):
        return [output for _, output in self.got if isinstance(output, kind)]

    def texts(self):
        return [done.text for done in self.all(o.ResponseDone)]


def test_the_interviewer_greets_without_being_spoken_to():
    async def main():
        async with Candidate() as candidate:
            done = await candidate.until(o.ResponseDone)
        return done, candidate.got

    done, got = run(main())
    assert "What did you build?" in done.text
    assert done.heard == done.text
    kinds = [type(output).__name__ for _, output in got]
    assert kinds[:2] == ["Progress", "ResponseCreated"]
    assert kinds[2:4] == ["AudioTranscriptDelta", "AudioDelta"]
    assert kinds[-1] == "ResponseDone"


def test_an_answer_is_transcribed_and_followed_by_the_next_question():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            done = await candidate.until(o.ResponseDone, 2)
        return candidate, done

    candidate, done = run(main())
    assert [t.text for t in candidate.all(o.TranscriptCompleted)] == [LONG]
    assert "Who used it?" in done.text
    names = [type(output).__name__ for _, output in candidate.got]
    started, stopped = names.index("SpeechStarted"), names.index("SpeechStopped")
    assert started < stopped < names.index("TranscriptCompleted")


def test_the_record_has_the_recognizers_confidence_in_an_answer():
    async def main():
        transcriber = fake.ScriptedTranscriber(LONG, confidence=0.625)
        engines = replace(fake.engines(), transcriber=transcriber)
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
        return [e for e in candidate.record.entries if isinstance(e, r.CandidateSpoke)]

    (spoke,) = run(main())
    assert (spoke.text, spoke.confidence) == (LONG, 0.625)


def test_the_answer_comes_when_the_endpoint_delay_is_over_and_not_later():
    async def main():
        engines = fake.Engines(
            fake.LoudnessVad(),
            fake.ScriptedTranscriber(LONG, delay=0.1),
            fake.ScriptedLlm(delay=0.01),
            fake.SteadyVoice(delay=0.05),
        )
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            silent_since = asyncio.get_running_loop().time()
            await candidate.until(o.ResponseDone, 2)
        second = candidate.all(o.ResponseCreated)[1].response
        first_audio = next(
            time
            for time, output in candidate.got
            if isinstance(output, o.AudioDelta) and output.response == second
        )
        return first_audio - silent_since, candidate.all(o.ResponseDone)[1].timing

    waited, timing = run(main())
    assert 0.6 <= waited <= 0.68  # the resampler holds 15 ms back, frames are 20 ms
    assert timing["after_commit"] == pytest.approx(0, abs=5)
    assert timing["transcription"] == pytest.approx(100, abs=5)


def test_audio_is_paced_just_ahead_of_playing():
    async def main():
        async with Candidate() as candidate:
            await candidate.until(o.ResponseDone)
        return candidate.got

    got = run(main())
    pieces = [(time, output) for time, output in got if isinstance(output, o.AudioDelta)]
    began = pieces[0][0]
    for time, piece in pieces:
        played = (time - began) * SPEAKING_RATE
        assert piece.start + len(piece.audio) - played <= 0.85 * SPEAKING_RATE
    assert [p.start for _, p in pieces] == sorted(p.start for _, p in pieces)
    done = next(time for time, output in got if isinstance(output, o.ResponseDone))
    samples = sum(len(p.audio) for _, p in pieces)
    assert done - began == pytest.approx(samples / SPEAKING_RATE, abs=0.05)


def test_an_interruption_stops_the_reply_and_only_what_was_heard_is_remembered():
    async def main():
        async with Candidate(LONG, LONG) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.AudioDelta, len(candidate.all(o.AudioDelta)) + 1)
            await asyncio.sleep(0.4)
            voice_at = asyncio.get_running_loop().time()
            await candidate.say(2, 1.5)
            done = await candidate.until(o.ResponseDone, 2)
            await candidate.until(o.ResponseDone, 3)
        return candidate, done, voice_at

    candidate, done, voice_at = run(main())
    assert done.status == "cancelled"
    assert done.text.startswith(done.heard)
    assert done.heard != done.text
    at, index = next(
        (time, n)
        for n, (time, output) in enumerate(candidate.got)
        if isinstance(output, o.SpeechStarted) and time >= voice_at
    )
    assert at - voice_at <= 0.6
    after = [x for _, x in candidate.got[index:] if isinstance(x, o.AudioDelta)]
    assert all(delta.response != done.response for delta in after)
    ended = [entry for entry in candidate.record.entries if isinstance(entry, r.ReplyEnded)]
    assert (ended[1].heard, ended[1].status) == (done.heard, "cancelled")
    assert f"{ended[1].heard} {ended[1].unheard}".split() == done.text.split()


def test_a_cough_over_the_reply_pauses_it_and_nothing_is_lost():
    async def main():
        async with Candidate("x") as candidate:
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(3.2)  # past the time in which only words interrupt
            await candidate.say(1, 0.15)
            done = await candidate.until(o.ResponseDone)
        return candidate, done

    plan = Plan((Question("What did you build, " + "and how " * 12 + "did it go?"),))

    async def long_greeting():
        async with Candidate("x", plan=plan) as candidate:
            await asyncio.sleep(3.5)
            await candidate.say(1, 0.15)
            done = await candidate.until(o.ResponseDone)
        return candidate, done

    for candidate, done in (run(main()), run(long_greeting())):
        assert candidate.all(o.SpeechStarted) == []
        assert done.status == "completed"
        assert done.heard == done.text
        starts = [delta.start for delta in candidate.all(o.AudioDelta)]
        ends = [delta.start + len(delta.audio) for delta in candidate.all(o.AudioDelta)]
        assert starts == [0, *ends[:-1]]


def test_a_pause_in_an_answer_is_waited_out_and_the_guess_never_shows():
    texts = ("I did it.", LONG)

    async def main():
        async with Candidate(*texts) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 1.0)
            await asyncio.sleep(0.45)
            await candidate.say(2, 2.0)
            await candidate.until(o.ResponseDone, 2)
        return candidate

    candidate = run(main())
    assert [t.text for t in candidate.all(o.TranscriptCompleted)] == [LONG]
    spoke = [entry for entry in candidate.record.entries if isinstance(entry, r.CandidateSpoke)]
    assert [entry.text for entry in spoke] == [LONG]
    assert len(candidate.all(o.ResponseCreated)) == 2


def test_an_llm_that_fails_or_hangs_leaves_the_plans_own_words():
    class Broken(fake.ScriptedLlm):
        async def reply(self, messages, *, max_tokens=120, choices=()):
            raise EngineError("out of order")
            yield ""

    class Hanging(fake.ScriptedLlm):
        async def reply(self, messages, *, max_tokens=120, choices=()):
            await asyncio.sleep(3600)
            yield ""

    async def main(llm):
        async with Candidate(engines=fake.engines(llm=llm)) as candidate:
            return await candidate.until(o.ResponseDone)

    for llm in (Broken(), Hanging()):
        assert "What did you build?" in run(main(llm)).text


def test_an_llm_that_cannot_be_warmed_costs_nothing_but_the_head_start():
    class Cold(fake.ScriptedLlm):
        async def warm(self, messages):
            raise EngineError("out of order")

    async def main():
        async with Candidate(engines=fake.engines(LONG, llm=Cold())) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            return await candidate.until(o.ResponseDone, 2)

    assert "Who used it?" in run(main()).text


def test_a_question_that_the_llm_forgot_is_asked_all_the_same():
    async def main():
        llm = fake.ScriptedLlm(lambda messages: "How very interesting.")
        async with Candidate(engines=fake.engines(LONG, llm=llm)) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            return await candidate.until(o.ResponseDone, 2)

    text = run(main()).text
    assert text.startswith("How very interesting.")
    assert "Who used it?" in text


def test_a_silent_candidate_is_nudged_moved_on_and_let_go():
    async def main():
        async with Candidate() as candidate:
            ended = await candidate.until(o.InterviewEnded, within=600)
        return candidate, ended

    candidate, ended = run(main())
    assert ended.reason == "silence"
    assert isinstance(candidate.got[-1][1], o.InterviewEnded)
    assert isinstance(candidate.got[-2][1], o.ResponseDone)


def test_an_interview_ends_after_its_closing_words_were_played():
    async def main():
        async with Candidate(LONG) as candidate:
            for n in range(3):
                await candidate.until(o.ResponseDone, n + 1)
                await candidate.say(1, 2.0)
            await candidate.until(o.InterviewEnded)
        return candidate

    candidate = run(main())
    *_, last_audio = (t for t, x in candidate.got if isinstance(x, o.AudioDelta))
    ended_at = next(t for t, x in candidate.got if isinstance(x, o.InterviewEnded))
    assert ended_at > last_audio
    assert candidate.all(o.InterviewEnded)[0].reason == "completed"
    kinds = [type(entry).__name__ for entry in candidate.record.entries]
    assert kinds[0] == "Connected"
    assert kinds[-2:] == ["InterviewEnded", "Disconnected"]


def test_a_typed_answer_is_answered():
    async def main():
        async with Candidate() as candidate:
            await candidate.until(o.ResponseDone)
            candidate.session.push_text(LONG)
            done = await candidate.until(o.ResponseDone, 2)
        return candidate, done

    candidate, done = run(main())
    assert "Who used it?" in done.text
    assert candidate.all(o.TranscriptCompleted)[0].text == LONG


@pytest.mark.parametrize("speaks", [True, False])
def test_speech_that_a_typed_answer_ends_stops_for_the_client_too(speaks):
    async def main():
        async with Candidate("I built") as candidate:
            await candidate.until(o.ResponseDone)
            if speaks:
                candidate.loudness = 1
                await candidate.until(o.SpeechStarted)
            candidate.session.push_text(LONG)
            await candidate.until(o.TranscriptCompleted)
        return candidate

    candidate = run(main())
    began, stopped = candidate.all(o.SpeechStarted), candidate.all(o.SpeechStopped)
    assert [each.item for each in stopped] == [each.item for each in began][: int(speaks)]
    assert len(stopped) == int(speaks)
    kinds = [type(output) for _, output in candidate.got]
    if speaks:
        assert kinds.index(o.SpeechStopped) < kinds.index(o.TranscriptCompleted)


def test_an_answer_after_which_the_microphone_is_switched_off_is_not_waited_for():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2)
            candidate._sending.cancel()
            candidate.session.mute(muted=True)
            await candidate.until(o.TranscriptCompleted, within=2)
        return candidate

    assert run(main()).all(o.TranscriptCompleted)[0].text == LONG


def test_a_client_that_sends_no_audio_is_silent_and_time_goes_on():
    async def main():
        async with Candidate() as candidate:
            await candidate.until(o.ResponseDone)
            candidate._sending.cancel()
            await candidate.until(o.ResponseDone, 2, within=30)
        return candidate.all(o.ResponseDone)[1]

    assert "What did you build?" in run(main()).text


def test_messages_without_audio_do_not_hold_time_up():
    async def main():
        async with Candidate() as candidate:
            candidate._sending.cancel()
            await candidate.until(o.ResponseDone)
            while len(candidate.all(o.ResponseDone)) < 2:
                assert asyncio.get_running_loop().time() < 60, "the candidate's silence goes unseen"
                await asyncio.sleep(0.1)
                candidate.session.push_audio(b"")
            return candidate.session

    assert len(run(main())._user.recognition._arrivals) <= 60  # 100 ms each, of the last 5 s


def test_a_client_that_comes_back_hears_the_interrupted_question_again():
    async def main():
        record = r.MemoryRecord()
        async with Candidate(LONG, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 2.0)
            await candidate.until(o.ResponseCreated, 2)
            await asyncio.sleep(0.3)
        state = interviewer.resume(PLAN, record.entries)
        async with Candidate(LONG, record=record, state=state) as candidate:
            await candidate.until(o.ResponseDone)
        return record, candidate.texts()

    record, (text,) = run(main())
    assert "Who used it?" in text
    assert "What did you build?" not in text
    kinds = [type(entry).__name__ for entry in record.entries]
    assert kinds.count("Connected") == kinds.count("Disconnected") == 2
    times = [entry.at_ms for entry in record.entries]
    assert times == sorted(times)


def test_the_sessions_clock_stands_still_while_nobody_is_connected():
    async def main():
        record = r.MemoryRecord()
        async with Candidate(record=record) as candidate:
            await candidate.until(o.ResponseDone)
        await asyncio.sleep(3600)
        state = interviewer.resume(PLAN, record.entries)
        async with Candidate(record=record, state=state) as candidate:
            await candidate.until(o.ResponseDone)
        return record.entries

    entries = run(main())
    left, back = (
        next(entry.at_ms for entry in entries[1:] if isinstance(entry, kind))
        for kind in (r.Disconnected, r.Connected)
    )
    assert back == left > 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    script=st.lists(
        st.tuples(
            st.floats(0.0, 6.0),
            st.sampled_from(["short", "long", "typed", "end", "mm-hm"]),
        ),
        max_size=6,
    ),
    slow=st.sampled_from([0.0, 0.05, 0.4]),
)
def test_whatever_the_candidate_does_every_response_ends_once_and_history_is_what_was_heard(
    script, slow
):
    async def main():
        engines = fake.Engines(
            fake.LoudnessVad(),
            fake.ScriptedTranscriber("I did it.", LONG, "Mm-hm.", delay=slow),
            fake.ScriptedLlm(delay=slow / 10),
            fake.SteadyVoice(delay=slow / 4),
        )
        async with Candidate(engines=engines) as candidate:
            for wait, act in script:
                await asyncio.sleep(wait)
                match act:
                    case "short":
                        await candidate.say(1, 0.5)
                    case "long":
                        await candidate.say(2, 1.2)
                    case "mm-hm":
                        await candidate.say(3, 0.35)
                    case "typed":
                        candidate.session.push_text("Yes, that is so.")
                    case "end":
                        candidate.session.commit_audio()
            await asyncio.sleep(20)
        return candidate

    candidate = run(main())
    open_response = None
    for _, output in candidate.got:
        match output:
            case o.ResponseCreated(response):
                assert open_response is None, "two responses at once"
                open_response = response
            case o.AudioDelta(response) | o.AudioTranscriptDelta(response):
                assert response == open_response
            case o.ResponseDone(response, status=status):
                assert response == open_response or status == "cancelled"
                open_response = None
    created = [x.response for x in candidate.all(o.ResponseCreated)]
    done = [x.response for x in candidate.all(o.ResponseDone)]
    assert len(set(done)) == len(done)
    assert set(created) <= set(done)
    ended = [x for x in candidate.record.entries if isinstance(x, r.ReplyEnded)]
    assert [x.response for x in ended if x.response in created] == done  # others were never begun
    resumed = interviewer.resume(PLAN, candidate.record.entries)
    heard = [m.content for m in resumed.messages if m.role == "assistant"]
    assert heard == [x.heard for x in ended if x.heard]
