import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.contracts import SPEAKING_RATE
from models.errors import EngineError
from models.fake import ScriptedLlm, SteadyVoice
from pipeline.conversation import output as o
from pipeline.conversation.agent import LlmTask
from pipeline.conversation.journal_writer import JournalWriter
from pipeline.conversation.output_queue import OutputQueue
from pipeline.conversation.playout import LEAD, PIECE
from pipeline.conversation.ready_speech import ReadySpeech
from pipeline.conversation.reply import Reply
from pipeline.conversation.reply_context import ReplyContext
from pipeline.conversation.reply_part import CLAUSES_AHEAD
from pipeline.errors import BacklogFull
from pipeline.interview.state import Act, Move
from pipeline.journal import ClauseSaid, Connected, MemoryRecord, ReplyEnded
from pipeline.language.english import ENGLISH
from tests.virtual_time import run

TEXT = "Thank you, that helps. " + " ".join(f"This is sentence {n}." for n in range(9))


def no_question(sentence):
    return "" if sentence.endswith("?") else sentence


def move(*, closing="", fixed=False):
    task = None if fixed else LlmTask((), no_question, whole=False)
    opening, lead = ("Fallback.", "") if fixed else ("", "Fallback.")
    return Move(Act.ASK, "note", opening=opening, lead=lead, task=task, closing=closing)


class Stage:
    """A reply with everything around it; what it tells lands in `got`."""

    def __init__(self, llm=None, voice=None, move_=None, held=1.0):
        """`held`: seconds for which it is prepared before it is played."""
        self.held = held
        self.voice = voice or SteadyVoice()
        self.llm = llm or ScriptedLlm(lambda _: TEXT)
        self.record = Full(10_000)
        self.got = []
        self.times = []
        """What it tells, and when."""
        self.move = move_ or move()

    async def __aenter__(self):
        outputs = OutputQueue()
        self.outputs = outputs
        journal = JournalWriter(self.record, lambda exc: None)
        ready = ReadySpeech(self.voice, ENGLISH)
        context = ReplyContext(
            self.llm, ready, outputs, journal, lambda: 0, names=("Alex", "Maria")
        )
        self.reply = Reply(context, "r1", self.move)
        self.tasks = asyncio.TaskGroup()
        await self.tasks.__aenter__()
        self.journal = journal
        self._writing = self.tasks.create_task(journal.run())
        self._reading = self.tasks.create_task(self._read())
        self.preparing = self.tasks.create_task(self.reply.prepare())
        await asyncio.sleep(self.held)
        return self

    async def __aexit__(self, *exc):
        for task in (self.preparing, self._writing, self._reading):
            task.cancel()
        await self.tasks.__aexit__(*exc)

    async def _read(self):
        async for output in self.outputs.read():
            self.got.append(output)
            self.times.append((asyncio.get_running_loop().time(), output))

    async def play(self):
        recorded = asyncio.Event()
        recorded.set()
        await self.reply.play(recorded)

    def samples(self):
        return sum(len(x.audio) for x in self.got if isinstance(x, o.AudioDelta))


@pytest.mark.parametrize("llm", ["works", "fails"])
def test_the_opening_is_said_before_the_words_of_the_llm_and_without_them(llm):
    def words(messages):
        if llm == "fails":
            raise EngineError("gone")
        return "Thank you. And why?"

    told = replace(
        move(closing="And why?"), opening="You are told.", notices=(("told", "You are told."),)
    )

    async def main():
        async with Stage(llm=ScriptedLlm(words), move_=told) as stage:
            await stage.play()
            heard = stage.reply.finish("completed", {})
            await stage.journal.flush()
            return heard, stage.record.entries[-1]

    heard, ended = run(main())
    said = "Thank you. And why?" if llm == "works" else "Fallback. And why?"
    assert heard == f"You are told. {said}"
    assert ended.notices == ("told",)


def test_a_held_reply_works_out_its_beginning_and_no_more():
    async def main():
        async with Stage() as stage:
            await asyncio.sleep(100)
            return stage.voice.spoken, stage.got

    spoken, got = run(main())
    assert 1 <= len(spoken) <= CLAUSES_AHEAD + 1
    assert got == []


def test_a_reply_that_plays_is_synthesized_just_ahead():
    async def main():
        async with Stage() as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(2.0)
            spoken = sum(len(text) for text in stage.voice.spoken)
            playing.cancel()
            return spoken * stage.voice.seconds_per_character

    one_sentence = 1.1
    assert CLAUSES_AHEAD == 1
    # the sentence that is sent, one ahead and one in the making
    assert run(main()) <= max(2.0 + LEAD + PIECE / SPEAKING_RATE, 3 * one_sentence) + 1.7


def test_nothing_is_sent_before_the_turn_is_on_record():
    async def main():
        async with Stage() as stage:
            recorded = asyncio.Event()
            playing = stage.tasks.create_task(stage.reply.play(recorded))
            await asyncio.sleep(10)
            before = list(stage.got)
            recorded.set()
            await playing
            return before, stage.got

    before, after = run(main())
    assert before == []
    assert isinstance(after[0], o.ResponseCreated)


def test_every_clause_is_on_record_and_all_was_heard_at_the_end():
    async def main():
        async with Stage() as stage:
            await stage.play()
            heard = stage.reply.finish("completed", {})
            await stage.journal.flush()
            return heard, stage.record.entries

    heard, entries = run(main())
    assert heard == TEXT
    assert " ".join(e.text for e in entries if isinstance(e, ClauseSaid)) == TEXT
    assert entries[-1] == ReplyEnded(0, "r1", "completed", TEXT, "")


def test_a_paused_reply_sends_nothing_and_goes_on_at_the_next_sample():
    async def main():
        async with Stage() as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(1.0)
            stage.reply.pause()
            await asyncio.sleep(0.01)
            sent = stage.samples()
            await asyncio.sleep(30)
            still = stage.samples()
            stage.reply.resume()
            await playing
            return sent, still, stage

    sent, still, stage = run(main())
    assert sent == still
    starts = [x.start for x in stage.got if isinstance(x, o.AudioDelta)]
    ends = [x.start + len(x.audio) for x in stage.got if isinstance(x, o.AudioDelta)]
    assert starts == [0, *ends[:-1]]


def test_a_stopped_reply_was_heard_up_to_the_word_that_was_played():
    async def main():
        async with Stage() as stage:
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(2.0)
            playing.cancel()
            return stage.reply.finish("cancelled", {})

    heard = run(main())
    assert TEXT.startswith(heard)
    assert len(heard) == pytest.approx(2.0 / SteadyVoice().seconds_per_character, abs=12)


def test_audio_that_still_waits_for_the_socket_is_neither_sent_nor_heard():
    async def main():
        async with Stage() as stage:
            stage._reading.cancel()  # a socket that takes nothing
            playing = stage.tasks.create_task(stage.play())
            await asyncio.sleep(3.0)
            playing.cancel()
            heard = stage.reply.finish("cancelled", {})
            stage.outputs.close()
            return heard, [output async for output in stage.outputs.read()]

    heard, left = run(main())
    assert heard == ""
    assert not [output for output in left if isinstance(output, o.AudioDelta)]
    assert isinstance(left[-1], o.ResponseDone)


def test_a_model_that_goes_round_in_circles_is_stopped():
    async def main():
        llm = ScriptedLlm(lambda _: "Good. " + "Who are you? " * 30)
        async with Stage(llm, move_=move(closing="Who are you?")) as stage:
            await stage.play()
            return stage.reply.finish("completed", {})

    assert run(main()) == "Good. Who are you?"


def test_words_of_the_plan_are_said_as_they_are():
    async def main():
        llm = ScriptedLlm()
        async with Stage(llm, move_=move(closing="Who are you?", fixed=True)) as stage:
            await stage.play()
            return stage.reply.finish("completed", {}), llm.asked

    assert run(main()) == ("Fallback. Who are you?", [])


def test_a_voice_that_fails_or_hangs_for_a_clause_leaves_the_others():
    class Hoarse(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if "sentence 3" in text:
                raise EngineError("hoarse")
            return await super().speak(text)

    class Hanging(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            if "sentence 3" in text:
                await asyncio.sleep(3600)
            return await super().speak(text)

    async def main(voice):
        async with Stage(voice=voice) as stage:
            await stage.play()
            return stage.reply.finish("completed", {})

    for voice in (Hoarse(), Hanging()):
        heard = run(main(voice))
        assert "sentence 2" in heard
        assert "sentence 3" not in heard
        assert heard.endswith("sentence 8.")


@pytest.mark.parametrize(
    "written",
    [
        "<think>He is weak.</think>\n\nThank you. Who are you?",
        "**Alex:** *nods* Thank you. Who are you?\nMaria: I am a cook.",
        "Next: acknowledge the answer. Thank you. Who are you?<|im_end|>",
    ],
)
def test_only_speech_is_voiced_recorded_and_captioned(written):
    async def main():
        async with Stage(
            ScriptedLlm(lambda _: written), move_=move(closing="Who are you?")
        ) as stage:
            await stage.play()
            heard = stage.reply.finish("completed", {})
            await stage.journal.flush()
            captions = [x.text for x in stage.got if isinstance(x, o.AudioTranscriptDelta)]
            on_record = [e.text for e in stage.record.entries if isinstance(e, ClauseSaid)]
            return heard, captions, on_record, stage.voice.spoken

    heard, *others = run(main())
    assert heard == "Thank you. Who are you?"
    assert all(" ".join(texts) == heard for texts in others)


def test_of_nothing_but_reasoning_the_plan_says_its_own_words():
    async def main():
        async with Stage(
            ScriptedLlm(lambda _: "<think>He is weak."), move_=move(closing="Why?")
        ) as stage:
            await stage.play()
            return stage.reply.finish("completed", {})

    assert run(main()) == "Fallback. Why?"


def test_a_model_that_reasons_is_told_of_once_and_known_to_the_next_session(caplog):
    async def main():
        async with Stage(ScriptedLlm(lambda _: "Hm.</think>Thank you.")) as stage:
            await stage.play()
            return stage.reply._context.known, stage.reply.finish("completed", {})

    known, heard = run(main())
    assert heard == "Thank you."
    assert known.seen
    assert known.unopened
    assert caplog.text.count("writes its reasoning") == 1


class Full(MemoryRecord):
    """Takes so many entries and then keeps everybody waiting."""

    def __init__(self, room):
        super().__init__()
        self.room = room

    async def append(self, *entries):
        if len(self.entries) >= self.room:
            await asyncio.Event().wait()
        await super().append(*entries)


@settings(max_examples=40, deadline=None)
@given(
    until=st.floats(0, 40),
    failing=st.sampled_from(["", "llm", "voice"]),
    room=st.sampled_from([0, 1, 3, 1000]),
    full=st.booleans(),
)
def test_a_response_that_was_opened_is_closed_exactly_once(until, failing, room, full):
    """Whenever it is stopped, whatever fails, and though the record takes nothing more."""

    class Broken(SteadyVoice):
        async def speak(self, text, *, ahead=False):
            raise EngineError("gone")

    def words(messages):
        if failing == "llm":
            raise EngineError("gone")
        return TEXT

    async def main():
        voice = Broken() if failing == "voice" else None
        async with Stage(ScriptedLlm(words), voice) as stage:
            stage.record.room = room
            playing = stage.tasks.create_task(stage.play())
            done, _ = await asyncio.wait([playing], timeout=until)
            playing.cancel()
            while full:
                try:
                    stage.journal.write(Connected(0))
                except BacklogFull:
                    break
            with suppress(BacklogFull):
                stage.reply.finish("completed" if done else "cancelled", {})
            await asyncio.sleep(1)
            opened = [x for x in stage.got if isinstance(x, o.ResponseCreated)]
            closed = [x for x in stage.got if isinstance(x, o.ResponseDone)]
            assert len(closed) == len(opened) <= 1

    run(main())
