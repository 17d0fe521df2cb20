"""A client that leaves in the middle of a turn: what was said is understood all the same. The rules
first, then whole conversations in virtual time."""

import asyncio
from dataclasses import replace

import pytest

from models import fake
from models.contracts import Transcript
from models.errors import EngineError
from pipeline import journal as r
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import Closed
from pipeline.conversation.session import LAST_WORDS
from pipeline.conversation.turn_steps import USUAL_STRETCHES
from pipeline.errors import RecordTaken, RecordUnavailable
from pipeline.interview import interviewer
from tests.virtual_time import run

from .test_barge_in import possible_barge_in
from .test_session import LONG, PLAN, Candidate, Talkative
from .turn_scripts import after_greeting, answering, interviewer_speaking, play

LEFT = e.UserLeft(ms(9000))

# The rules


def test_who_leaves_while_speaking_has_said_all_that_was_heard():
    turns = play(
        (e.SpeechBegan(ms(6200), ms(6000)), c.AnnounceSpeech(2, ms(6000))),
        (LEFT, c.Transcribe(3, ms(5700), ms(9000), cut=True)),
        (
            e.Transcribed(ms(9000), 3, "I built"),
            c.CommitTurn(2, "I built", ms(6000), ms(9000), broken_off=True),
        ),
        turns=after_greeting(),
    )
    assert turns.floor == Closed()


def test_stretches_that_are_still_being_transcribed_are_waited_for():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    cut = turns.floor.turn.start + USUAL_STRETCHES.longest
    turns.handle(e.DeadlineReached(cut))
    play(
        (e.UserLeft(ms(33_000)), c.Transcribe(4, cut, ms(33_000), cut=True)),
        (e.Transcribed(ms(33_000), 4, "and more."),),
        (
            e.Transcribed(ms(33_000), 3, "So much"),
            c.CommitTurn(2, "So much and more.", ms(6000), ms(33_000), broken_off=True),
        ),
        turns=turns,
    )


def test_who_leaves_in_a_pause_has_the_words_of_before_it():
    took = c.CommitTurn(2, "I like it.", ms(6000), ms(8000))
    play((LEFT,), (e.Transcribed(ms(8300), 3, "I like it."), took), turns=answering())
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "I like it."))
    assert turns.handle(e.UserLeft(ms(8400))) == [took]
    assert turns.handle(e.UserLeft(ms(8400))) == []


def test_a_hint_of_more_words_at_the_last_moment_is_listened_to():
    play(
        (e.Transcribed(ms(8300), 3, "I like it"),),
        (e.PossibleSpeech(ms(8450), ms(8400)),),
        (e.UserLeft(ms(8500)), c.Transcribe(4, ms(5700), ms(8500), cut=True)),
        (
            e.Transcribed(ms(8500), 4, "I like it a lot."),
            c.CommitTurn(2, "I like it a lot.", ms(6000), ms(8500), broken_off=True),
        ),
        turns=answering(),
    )


def test_who_has_said_to_have_finished_and_leaves_at_once_is_understood():
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    turns.handle(e.AudioCommitted(ms(7000)))
    turns.handle(e.UserLeft(ms(7000)))
    took = c.CommitTurn(2, "Yes.", ms(6000), ms(7000))
    assert turns.handle(e.Transcribed(ms(7000), 3, "Yes.")) == [took]


def test_noise_at_the_end_is_no_turn_and_long_speech_that_was_not_understood_is_one():
    short, long = after_greeting(), after_greeting()
    for turns, until in (short, 6700), (long, 9000):
        turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
        turns.handle(e.UserLeft(ms(until)))
    assert short.handle(e.Transcribed(ms(6700), 3, "")) == [c.DropTurn(2)]
    assert long.handle(e.Transcribed(ms(9000), 3, "")) == [
        c.CommitTurn(2, "", ms(6000), ms(9000), broken_off=True)
    ]


@pytest.mark.parametrize(("text", "counts"), [("Wait, no.", True), ("Mm-hm.", False), ("", False)])
def test_words_over_a_reply_count_unless_they_are_a_backchannel(text, counts):
    took = [c.CommitTurn(5, text, ms(10_000), ms(10_300))] if counts else []
    play(
        (e.UserLeft(ms(10_300)), c.Transcribe(6, ms(9700), ms(10_300), cut=True)),
        (e.Transcribed(ms(10_300), 6, text), *took),
        turns=possible_barge_in(),
    )
    judged = possible_barge_in()
    judged.handle(e.SpeechPaused(ms(10_600), ms(10_300)))
    assert judged.handle(e.UserLeft(ms(10_650))) == []
    assert judged.handle(e.Transcribed(ms(10_700), 6, text)) == took


def test_when_nobody_was_speaking_there_is_nothing_to_wait_for():
    for turns in after_greeting(), interviewer_speaking():
        assert turns.handle(LEFT) == []
        assert turns.floor == Closed()
    turns = interviewer_speaking()
    turns.handle(e.PossibleSpeech(ms(8960), ms(8900)))
    assert turns.handle(LEFT) == []


def test_nothing_that_comes_after_the_client_left_is_heeded():
    turns = answering()
    turns.handle(e.UserLeft(ms(8300)))
    for late in (
        e.SpeechBegan(ms(8400), ms(8300)),
        e.TextTyped(ms(8400), "Hello?"),
        e.DeadlineReached(ms(20_000)),
        e.AudioCommitted(ms(8400)),
    ):
        assert turns.handle(late) == []
    assert turns.deadline is None


# Whole conversations


def spoken(record):
    return [entry for entry in record.entries if isinstance(entry, r.CandidateSpoke)]


def engines(*texts, transcriber=None):
    return fake.Engines(
        fake.LoudnessVad(),
        transcriber or fake.ScriptedTranscriber(*texts, delay=0.2),
        fake.ScriptedLlm(),
        fake.SteadyVoice(),
    )


async def leave_after(seconds, *, engines, record=None, end_turn=False):
    """The greeting is heard, the candidate speaks for so long, and the client is gone."""
    record = record or r.MemoryRecord()
    async with Candidate(engines=engines, record=record) as candidate:
        await candidate.until(o.ResponseDone)
        await candidate.say(1, seconds)
        if end_turn:
            candidate.session.commit_audio()
        left = asyncio.get_running_loop().time()
    return candidate, asyncio.get_running_loop().time() - left


@pytest.mark.parametrize(("seconds", "end_turn"), [(11.0, False), (1.0, True), (40.0, False)])
def test_the_last_words_are_on_record_before_the_session_is_over(seconds, end_turn):
    talkative = engines(transcriber=Talkative(LONG, delay=0.2))
    candidate, _ = run(leave_after(seconds, engines=talkative, end_turn=end_turn))
    entries = candidate.record.entries
    (spoke,) = spoken(candidate.record)
    assert spoke.text.startswith(LONG)
    assert isinstance(entries[-1], r.Disconnected)
    resumed = interviewer.resume(PLAN, entries)
    assert resumed.unanswered == spoke.text
    assert "Who used it?" in interviewer.open_floor(PLAN, resumed).closing


def test_a_recognizer_that_is_too_slow_or_fails_leaves_what_the_captions_showed():
    class NoFinal(fake.ScriptedTranscriber):
        def __init__(self, problem):
            super().__init__()
            self.problem, self.hypotheses = problem, iter(range(1, 99))

        async def partial(self, audio, context="", *, urgent=False):
            return Transcript(" ".join(LONG.split()[: 2 * next(self.hypotheses)]), "en")

        async def final(self, audio, context=""):
            if self.problem:
                raise self.problem
            await asyncio.sleep(3600)

    for problem in None, EngineError("out of order"):
        candidate, took = run(leave_after(5.0, engines=engines(transcriber=NoFinal(problem))))
        (spoke,) = spoken(candidate.record)
        shown = "".join(delta.text for delta in candidate.all(o.TranscriptDelta))
        assert spoke.text == shown
        assert len(shown.split()) > 5
        assert took < LAST_WORDS + 0.1


def test_where_nothing_was_agreed_on_yet_the_only_hypothesis_is_kept_but_for_its_last_word():
    class OneHypothesis(fake.ScriptedTranscriber):
        asked = False

        async def partial(self, audio, context="", *, urgent=False):
            if self.asked:
                return None
            self.asked = True
            return Transcript("I built a bri", "en")

        async def final(self, audio, context=""):
            await asyncio.sleep(3600)

    candidate, _ = run(leave_after(5.0, engines=engines(transcriber=OneHypothesis())))
    assert [entry.text for entry in spoken(candidate.record)] == ["I built a"]


class Counting(fake.ScriptedTranscriber):
    """A word a second, each its number."""

    async def final(self, audio, context=""):
        words = [str(n) for n in range(round(len(audio) / 16_000))]
        return Transcript(" ".join(words), "en")


class Overworked(Counting):
    """Takes three seconds for a hypothesis, and drops what is asked for meanwhile."""

    works = False

    async def partial(self, audio, context="", *, urgent=False):
        if self.works:
            return None
        self.works = True
        await asyncio.sleep(3)
        self.works = False
        return await super().partial(audio)


async def unrecorded(transcriber):
    """Give a long answer; return its journal, and how many of its seconds were missing in it after
    each one."""
    record, missing = r.MemoryRecord(), []
    async with Candidate(engines=engines(transcriber=transcriber), record=record) as candidate:
        await candidate.until(o.ResponseDone)
        candidate.loudness = 1
        for second in range(1, 51):
            await asyncio.sleep(1)
            said = interviewer.resume(PLAN, record.entries).unanswered
            missing.append(second - len(said.split()))
    return record, missing


def test_a_long_answer_is_durable_as_it_goes_on():
    record, missing = run(unrecorded(Counting()))
    assert max(missing) <= 5
    agreed = [e for e in record.entries if isinstance(e, r.CaptionAgreed)]
    assert len(agreed) <= 30
    assert len(spoken(record)) == 1


def test_less_of_a_long_answer_is_durable_while_the_recognizer_has_too_much_to_do():
    _, missing = run(unrecorded(Overworked()))
    assert sum(missing) / len(missing) <= 6, "7 with nothing but what two hypotheses agreed on"


def test_a_long_answer_is_captioned_to_its_end():
    async def main():
        async with Candidate(engines=engines(transcriber=Counting())) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await asyncio.sleep(50)
        return candidate

    shown = "".join(delta.text for delta in run(main()).all(o.TranscriptDelta))
    assert len(shown.split()) > 45


def test_words_over_a_reply_that_the_client_left_in_are_on_record_and_backchannels_are_not():
    async def main(text):
        record = r.MemoryRecord()
        async with Candidate(text, record=record) as candidate:
            await candidate.until(o.AudioDelta, 8)
            await candidate.say(1, 0.4)
        return record

    record = run(main("Please stop."))
    kinds = [type(entry).__name__ for entry in record.entries][-3:]
    assert kinds == ["ReplyEnded", "CandidateSpoke", "Disconnected"]
    assert spoken(run(main("Mm-hm."))) == []


def test_a_session_that_breaks_down_inside_still_takes_the_last_words():
    class Broken(fake.ScriptedLlm):
        async def warm(self, messages):
            await asyncio.sleep(1)
            raise ZeroDivisionError

    async def main(record):
        async with Candidate(engines=fake.engines(LONG, llm=Broken()), record=record) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)

    record = r.MemoryRecord()
    with pytest.raises(ExceptionGroup) as failed:
        run(main(record))
    assert failed.value.subgroup(ZeroDivisionError)
    assert [entry.text for entry in spoken(record)] == [LONG]


def test_a_transcript_that_comes_while_the_conversation_ends_starts_nothing_and_is_kept():
    class Lingering(fake.ScriptedLlm):
        async def warm(self, messages):
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(2)

    async def main():
        record = r.MemoryRecord()
        slow = fake.engines(LONG, llm=Lingering())
        slow = replace(slow, transcriber=fake.ScriptedTranscriber(LONG, delay=0.45))
        async with Candidate(engines=slow, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await asyncio.sleep(0.4)
        return record

    record = run(main())
    assert [entry.text for entry in spoken(record)] == [LONG]
    assert not [e for e in record.entries if isinstance(e, r.ReplyPlanned)][1:]


def test_a_record_that_is_away_for_a_moment_gets_the_last_words_later():
    class Away(r.MemoryRecord):
        until = None

        async def append(self, *entries):
            if self.until and asyncio.get_running_loop().time() < self.until:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    async def main():
        record = Away()
        talkative = engines(transcriber=Talkative(LONG))
        async with Candidate(engines=talkative, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            record.until = asyncio.get_running_loop().time() + 13.0
            await candidate.say(1, 11.0)
        return record

    assert [entry.text for entry in spoken(run(main()))] == [LONG + " on" * 5]


def test_an_answer_outlives_its_connection_while_the_record_is_away():
    class Away(r.MemoryRecord):
        until = 0.0

        async def append(self, *entries):
            if asyncio.get_running_loop().time() < self.until:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    async def main():
        record = Away()
        async with Candidate(engines=engines(), record=record) as candidate:
            await candidate.until(o.ResponseDone)
            record.until = asyncio.get_running_loop().time() + 55.0
            candidate.session.push_text(LONG)
        return record

    assert [entry.text for entry in spoken(run(main()))] == [LONG]


def test_a_session_whose_record_was_taken_waits_for_nothing():
    class Taken(r.MemoryRecord):
        taken = False

        async def append(self, *entries):
            if self.taken:
                raise RecordTaken("somebody else writes")
            await super().append(*entries)

    async def main():
        record = Taken()
        parts = engines(transcriber=fake.ScriptedTranscriber(LONG, delay=60))
        async with Candidate(engines=parts, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await asyncio.sleep(2)
            record.taken = True
            candidate.session.push_text("Yes.")
            await asyncio.sleep(60)

    with pytest.raises(ExceptionGroup) as ended:
        run(main())
    assert ended.value.subgroup(RecordTaken)
