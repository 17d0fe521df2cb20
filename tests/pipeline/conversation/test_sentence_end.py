"""A language model reads the words where they and the sound do not tell whether a turn is over."""

import asyncio
from dataclasses import replace

import pytest

from models import fake
from models.contracts import Message
from models.errors import EngineError
from models.fake import ScriptedEndOfTurn, ScriptedSentenceEnd
from pipeline.conversation import events as e
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.end_of_turn import (
    ASKED,
    ASKED_BRIEFLY,
    READ,
    EndOfTurnJudge,
    question,
)
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.stalling import Words
from pipeline.language.asking import Asked

from .test_end_of_turn import turn_latency
from .turn_scripts import answering, interviewer_speaking

SAID = "I worked there for five years."
HALF_SURE, SURE = 0.05, 0.99


def unsure():
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, SAID))
    turns.handle(e.EndOfTurnJudged(ms(8300), 3, HALF_SURE))
    return turns


def test_a_pause_is_unclear_once_its_words_are_known_and_its_sound_is_judged():
    turns = answering()
    assert turns.unsure is None
    turns.handle(e.EndOfTurnJudged(ms(8300), 3, HALF_SURE))
    assert turns.unsure is None
    turns.handle(e.Transcribed(ms(8300), 3, SAID))
    assert turns.unsure == (3, SAID)
    turns.handle(e.EndOfTurnJudged(ms(8300), 3, SURE))
    assert turns.unsure is None
    assert interviewer_speaking().unsure is None


def test_of_a_turn_that_has_only_stalled_no_end_is_looked_for():
    turns = unsure()
    turns.floor = replace(turns.floor, stalled=Words())
    assert turns.unsure is None


def test_a_sentence_that_ends_is_answered_sooner_than_one_that_goes_on():
    whole, broken = unsure(), unsure()
    whole.handle(e.SentenceJudged(ms(8400), 3, 0.9))
    assert broken.handle(e.SentenceJudged(ms(8400), 3, 0.001)) == []
    broken.handle(e.DeadlineReached(ms(8600)))  # prepares a reply
    assert whole.deadline + ms(300) < broken.deadline


def test_words_that_were_read_too_late_change_nothing():
    went_on = unsure()
    went_on.handle(e.SpeechBegan(ms(8500), ms(8400)))
    for turns in (went_on, interviewer_speaking()):
        before = turns.floor
        assert turns.handle(e.SentenceJudged(ms(9000), 3, 1.0)) == []
        assert turns.floor == before


def test_the_last_words_are_read_without_the_mark_that_the_recognizer_made():
    assert question("I like it.") == (ASKED, Message("assistant", "I like it"))
    assert question('He said "no..."')[1].content == 'He said "no'
    assert question("?")[1].content == ""
    long = question(" ".join(f"word{n}" for n in range(99)) + ".")[1].content
    assert READ - 10 <= len(long) <= READ
    assert long.startswith("word")
    assert long.endswith("word98")


@pytest.mark.parametrize(
    ("text", "kind", "before"),
    [
        ("Three years.", Asked.SHORT, ASKED_BRIEFLY),
        ("Three years.", Asked.EXPLANATION, ASKED),
        ("Three years.", Asked.NOTHING, ASKED),
        ("I worked there for three years.", Asked.SHORT, ASKED),
    ],
)
def test_a_short_answer_is_read_after_a_question_that_asks_for_one(text, kind, before):
    assert question(text, kind) == (before, Message("assistant", text[:-1]))


def test_the_kind_of_question_is_known_while_its_answer_is_judged():
    turns = unsure()
    assert turns.asked is Asked.NOTHING
    turns.answering("How long have you worked there?")
    assert turns.asked is Asked.SHORT
    turns.answering("Tell me about your work.")
    assert turns.asked is Asked.EXPLANATION


def latency(text, reader, judged=HALF_SURE):
    engines = replace(
        fake.engines(text), end_of_turn=ScriptedEndOfTurn(judged), sentence_end=reader
    )
    return turn_latency(engines)


def test_a_language_model_is_asked_once_for_each_pause_that_is_unclear():
    reader = ScriptedSentenceEnd(SAID[:-1], delay=0.2)
    assert latency(SAID, reader) + 0.3 < latency(SAID, None)
    assert reader.asked == [SAID[:-1]]
    latency(SAID, reader, SURE)
    assert len(reader.asked) == 1


@pytest.mark.parametrize("delay", [3600.0, 0.0])
def test_one_that_never_answers_or_fails_leaves_it_to_the_others(delay):
    class Broken(ScriptedSentenceEnd):
        async def ends(self, messages):
            await asyncio.sleep(delay)
            raise EngineError("out of order")

    assert latency(SAID, Broken()) == pytest.approx(latency(SAID, None), abs=0.05)


async def test_the_words_of_a_pause_that_was_none_are_read_no_further():
    class Slow(ScriptedSentenceEnd):
        async def ends(self, messages):
            try:
                await asyncio.Event().wait()
            finally:
                self.asked.append(messages[-1].content)

    reader, tasks = Slow(), []

    def spawn(work, *, name):
        tasks.append(group.create_task(work, name=name))
        return tasks[-1]

    async with asyncio.TaskGroup() as group:
        judge = EndOfTurnJudge(None, reader, AudioInput(fake.LoudnessVad()), None, spawn)
        for generation, words in ((3, "I built"), (3, "I built"), (4, "I built it")):
            judge.unsure(generation, words)
            await asyncio.sleep(0)
        await asyncio.wait(tasks[:1])
        assert reader.asked == ["I built"]
        assert len(tasks) == 2
        tasks[-1].cancel()
