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
from pipeline.errors import BacklogFull, RecordTaken, RecordUnavailable
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


def test_nothing_is_heard_before_it_is_on_record():
    class Slow(r.MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(0.3)
            await super().append(*entries)

    async def main():
        record = Slow()
        seen = []
        async with Candidate(LONG, record=record) as candidate:

            async def watch():
                known = 0
                while True:
                    await asyncio.sleep(0.005)
                    for _, output in candidate.got[known:]:
                        if isinstance(output, o.AudioTranscriptDelta | o.AudioDelta):
                            kinds = [type(entry).__name__ for entry in record.entries]
                            seen.append((output, kinds))
                    known = len(candidate.got)

            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(watch())
                await candidate.until(o.ResponseDone)
                await candidate.say(1, 2.0)
                await candidate.until(o.ResponseDone, 2)
                watching.cancel()
        return seen

    clauses = 0
    for output, kinds in run(main()):
        clauses += isinstance(output, o.AudioTranscriptDelta)
        assert kinds.count("ClauseSaid") >= clauses
        assert "ReplyPlanned" in kinds


def test_a_turn_and_the_end_are_told_when_they_are_on_record():
    class Slow(r.MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(0.3)
            await super().append(*entries)

    async def main():
        record = Slow()
        told = []
        async with Candidate(LONG, record=record) as candidate:
            put = candidate.session._outputs.queue.put

            def watched(output):
                told.append((output, list(record.entries)))
                put(output)

            candidate.session._outputs.queue.put = watched
            for n in range(3):
                await candidate.until(o.ResponseDone, n + 1)
                await candidate.say(1, 2.0)
            await candidate.until(o.InterviewEnded)
        return told

    told = run(main())
    turns = [(turn, known) for turn, known in told if isinstance(turn, o.TranscriptCompleted)]
    assert len(turns) == 3
    for turn, known in turns:
        assert turn.item in [e.item for e in known if isinstance(e, r.CandidateSpoke)]
    (known,) = (known for output, known in told if isinstance(output, o.InterviewEnded))
    assert isinstance(known[-1], r.InterviewEnded)


def test_a_session_whose_record_was_taken_ends_at_once():
    class Taken(r.MemoryRecord):
        async def append(self, *entries):
            if len(self.entries) == 2:
                raise RecordTaken("somebody else writes")
            await super().append(*entries)

    async def main():
        session = Session(fake.engines(), Interviewer(PLAN), Taken())
        with pytest.raises(RecordTaken):
            await session.run()
        return asyncio.get_running_loop().time()

    assert run(main()) < 1  # nobody waits for what will never be written


def test_a_record_that_is_away_holds_the_reply_back_and_says_so():
    class Away(r.MemoryRecord):
        away = False

        async def append(self, *entries):
            if self.away:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    async def main():
        record = Away()
        async with Candidate(LONG, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            record.away = True
            await candidate.say(1, 2.0)
            failed = await candidate.until(o.Failed)
            await asyncio.sleep(5)
            silent = len(candidate.all(o.ResponseCreated))
            record.away = False
            await candidate.until(o.ResponseDone, 2)
        return failed, silent, record

    failed, silent, record = run(main())
    assert failed.code == "record_unavailable"
    assert silent == 1
    assert LONG in [getattr(entry, "text", None) for entry in record.entries]


def test_a_session_with_too_much_to_write_ends_in_order():
    class Away(r.MemoryRecord):
        away = True

        async def append(self, *entries):
            if self.away:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    class Closing(fake.ScriptedLlm):
        closed = False

        def close(self):
            self.closed = True

    async def main():
        record, llm = Away(), Closing()
        session = Session(fake.engines(llm=llm), Interviewer(PLAN), record)

        async def type_on():
            while True:
                await asyncio.sleep(0.01)
                try:
                    session.push_text("Yes.")
                except BacklogFull:
                    record.away = False
                    raise

        async def hold():
            async with asyncio.TaskGroup() as connection:
                connection.create_task(session.run())
                connection.create_task(type_on())

        with pytest.raises(ExceptionGroup) as ended:
            await hold()
        async with asyncio.timeout(60):
            assert [output async for output in session.outputs()]
        return ended.value, record.entries, llm.closed

    ended, entries, closed = run(main())
    assert ended.subgroup(BacklogFull)
    assert closed
    assert sum(isinstance(entry, r.CandidateSpoke) for entry in entries) > 50  # what waited for it


def test_a_client_that_speaks_on_while_its_session_ends_is_not_heard():
    class Taken(r.MemoryRecord):
        async def append(self, *entries):
            if len(self.entries) == 2:
                raise RecordTaken("somebody else writes")
            await super().append(*entries)

    class Slow(fake.ScriptedLlm):
        async def reply(self, messages, *, max_tokens=120, choices=()):
            try:
                await asyncio.sleep(3600)
                yield ""
            finally:
                await asyncio.sleep(1)  # as one whose server has to be told

    async def main():
        session = Session(fake.engines(llm=Slow()), Interviewer(PLAN), Taken())

        async def type_on():
            while True:
                await asyncio.sleep(0.1)
                session.push_text("Yes.")

        async with asyncio.TaskGroup() as tasks:
            typing = tasks.create_task(type_on())
            with pytest.raises(RecordTaken):
                await session.run()
            typing.cancel()

    run(main())


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


class Tapes:
    """A recording in memory, which may break off."""

    number, failure = 5, ""

    def __init__(self):
        self.blocks = []

    def write(self, stereo):
        self.blocks.append(stereo)

    def channel(self, n):
        return np.concatenate([block[:, n] for block in self.blocks])


def played(got):
    """What a client plays that was sent this: each piece after the one before, nothing more after
    an interruption."""
    audio = np.zeros(0, np.int16)
    for time, output in got:
        now = round(time * SPEAKING_RATE)
        if isinstance(output, o.AudioDelta):
            gap = np.zeros(max(0, now - len(audio)), np.int16)
            audio = np.concatenate([audio, gap, output.audio])
        elif isinstance(output, o.SpeechStarted):
            audio = audio[:now]
    return audio


def test_the_recording_has_what_the_candidate_said_and_what_they_were_played():
    tapes = Tapes()

    async def main():
        async with Candidate(LONG, LONG, recording=tapes) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.AudioDelta, len(candidate.all(o.AudioDelta)) + 1)
            await asyncio.sleep(0.5)
            await candidate.say(2, 2.0)  # interrupts
            await candidate.until(o.ResponseDone, 3)
        return candidate

    candidate = run(main())
    wanted = played(candidate.got)
    right = tapes.channel(1)
    ends = min(len(wanted), len(right))
    assert np.count_nonzero(right[:ends] != wanted[:ends]) <= 10 * SPEAKING_RATE // 1000
    assert not right[ends:].any()
    spoken = [entry for entry in candidate.record.entries if isinstance(entry, r.CandidateSpoke)]
    left = tapes.channel(0)
    for entry, loudness in zip(spoken, (1, 2), strict=True):
        middle = (entry.started_ms + entry.ended_ms) // 2 * SPEAKING_RATE // 1000
        assert left[middle] == loudness * LOUDNESS
    assert candidate.record.entries[0] == r.Connected(0, recording=5)


def test_the_candidate_is_told_in_the_greeting_that_the_conversation_is_recorded():
    async def main(recording):
        async with Candidate(recording=recording) as candidate:
            return (await candidate.until(o.ResponseDone)).heard

    assert "This conversation is recorded. What did you build?" in run(main(Tapes()))
    assert "recorded" not in run(main(None))


def test_notices_that_were_talked_over_are_said_before_the_next_question():
    async def main():
        async with Candidate(LONG, LONG, recording=Tapes()) as candidate:
            await candidate.until(o.AudioDelta)
            await asyncio.sleep(1.2)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
            await candidate.say(2, 3.0)
            await candidate.until(o.ResponseDone, 3)
        return candidate

    candidate = run(main())
    greeting, second, third = candidate.all(o.ResponseDone)
    notices = "I am an automated interviewer. This conversation is recorded."
    assert greeting.status == "cancelled"
    assert "automated" not in greeting.heard
    assert second.text.startswith(notices)
    assert "What did you build?" in second.text
    assert "automated" not in third.text
    ended = [entry for entry in candidate.record.entries if isinstance(entry, r.ReplyEnded)]
    assert [entry.notices for entry in ended] == [(), ("automated", "recorded"), ()]


def test_a_recording_that_begins_at_the_reconnect_is_told_then():
    async def main():
        record = r.MemoryRecord()
        async with Candidate(record=record) as before:
            await before.until(o.ResponseDone)
        state = interviewer.resume(PLAN, record.entries)
        async with Candidate(record=record, state=state, recording=Tapes()) as after:
            return await after.until(o.ResponseDone)

    said = run(main()).text
    assert said == "Welcome back. This conversation is recorded. What did you build?"


def test_of_a_client_that_sends_nothing_there_is_silence_and_what_it_was_played():
    tapes = Tapes()

    async def main():
        async with Candidate(recording=tapes) as candidate:
            candidate._sending.cancel()
            done = await candidate.until(o.ResponseDone)
            await asyncio.sleep(2)
        return done, candidate.record.entries[-1].at_ms

    done, ended_ms = run(main())
    assert not tapes.channel(0).any()
    assert len(tapes.channel(0)) == pytest.approx(ended_ms * SPEAKING_RATE / 1000, abs=2)
    spoken = len(done.text) * 0.05 * SPEAKING_RATE  # by the fake voice
    assert np.count_nonzero(tapes.channel(1)) == pytest.approx(spoken, rel=0.05)


def test_a_recording_that_breaks_off_is_noted_and_changes_nothing_else():
    tapes = Tapes()

    async def main():
        async with Candidate(LONG, recording=tapes) as candidate:
            await candidate.until(o.ResponseDone)
            tapes.failure = "the disk is full"
            await candidate.say(1, 3.0)
            tapes.blocks.clear()
            await candidate.until(o.ResponseDone, 2)
        return candidate

    candidate = run(main())
    assert tapes.blocks == []
    kinds = [type(entry) for entry in candidate.record.entries]
    assert kinds.count(r.RecordingStopped) == 1
    assert candidate.all(o.Failed) == []
    assert "Who used it?" in candidate.texts()[1]


def test_a_recording_that_could_not_begin_is_noted_and_not_promised():
    tapes = Tapes()
    tapes.number, tapes.failure = 0, "the disk is full"

    async def main():
        async with Candidate(recording=tapes) as candidate:
            return candidate, (await candidate.until(o.ResponseDone)).text

    candidate, greeting = run(main())
    assert "recorded" not in greeting
    assert candidate.record.entries[0] == r.Connected(0)
    assert r.RecordingStopped in [type(entry) for entry in candidate.record.entries]
