"""A typed answer while the candidate speaks: nothing that was said before it is lost."""

import asyncio

import pytest

from models import fake
from models.contracts import Transcript
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import AgentSpeaking, Closed, EndingLongTurn
from pipeline.conversation.interruption import FIRST_LOOK
from pipeline.conversation.stretches import OLDEST
from pipeline.conversation.turn_steps import USUAL_STRETCHES
from tests.virtual_time import run

from .test_leaving import engines, spoken
from .test_session import LONG, Candidate
from .turn_scripts import after_greeting, answering, interviewer_speaking


def speaking_for(seconds):
    """The candidate has spoken since 6 s, for so long."""
    turns = after_greeting()
    turns.handle(e.SpeechBegan(ms(6200), ms(6000)))
    return turns, ms(6000 + seconds * 1000)


def test_what_is_typed_in_mid_speech_is_taken_with_what_was_said_until_then():
    turns, at = speaking_for(3)
    assert turns.handle(e.TextTyped(at, "No.")) == [c.Transcribe(3, ms(5700), at, cut=True)]
    turns.handle(e.SpeechPaused(at + ms(200), at))
    assert turns.handle(e.Transcribed(at + ms(300), 3, "I like it.")) == [
        c.CommitTurn(2, "I like it. No.", ms(6000), at, typed=True),
        c.PrepareReply(5, "I like it. No."),
        c.PlayReply(5),
    ]
    assert turns.floor == AgentSpeaking(5)


def test_what_is_typed_in_a_pause_waits_for_the_words_before_it():
    turns = answering()
    assert turns.handle(e.TextTyped(ms(8300), "No.")) == []
    took, *_ = turns.handle(e.Transcribed(ms(8400), 3, "I like it."))
    assert took == c.CommitTurn(2, "I like it. No.", ms(6000), ms(8300), typed=True)


def test_what_is_typed_in_a_long_turn_waits_for_each_of_its_stretches():
    turns, _ = speaking_for(0)
    end = turns.floor.turn.start + USUAL_STRETCHES.longest
    turns.handle(e.DeadlineReached(end))
    (last,) = turns.handle(e.TextTyped(ms(33_000), "No."))
    assert (last.start, last.end) == (end, ms(33_000))
    assert turns.handle(e.Transcribed(ms(33_100), last.generation, "And more.")) == []
    took, *_ = turns.handle(e.Transcribed(ms(33_200), 3, "So much."))
    assert took.text == "So much. And more. No."


@pytest.mark.parametrize(
    ("said", "taken"), [("Wait, no.", "Wait, no. It was 2019."), ("Mm-hm.", "It was 2019.")]
)
def test_what_was_said_over_the_reply_and_then_typed_counts_if_it_wanted_the_floor(said, taken):
    turns = interviewer_speaking()
    turns.handle(e.SpeechBegan(ms(10_200), ms(10_000)))
    stopped, asked = turns.handle(e.TextTyped(ms(10_500), "It was 2019."))
    assert stopped == c.StopReply(4)
    took, *_ = turns.handle(e.Transcribed(ms(10_700), asked.generation, said))
    assert took.text == taken


def test_a_typed_answer_waits_a_second_at_most():
    turns, at = speaking_for(3)
    turns.handle(e.TextTyped(at, "No."))
    assert turns.deadline == at + ms(1000)
    assert turns.handle(e.DeadlineReached(at + ms(980))) == []
    assert turns.handle(e.DeadlineReached(at + ms(1000))) == [c.AcceptCaptions(3)]
    assert turns.deadline is None


def test_what_is_typed_meanwhile_belongs_to_the_same_answer():
    turns, at = speaking_for(3)
    turns.handle(e.TextTyped(at, "No."))
    assert turns.handle(e.TextTyped(at + ms(100), "Yes.")) == []
    took, *_ = turns.handle(e.Transcribed(at + ms(200), 3, "I said."))
    assert took.text == "I said. No. Yes."


def test_who_types_and_speaks_on_has_the_floor_once_there_are_words():
    turns, at = speaking_for(3)
    turns.handle(e.TextTyped(at, "No."))
    *_, released, paused = turns.handle(e.Transcribed(at + ms(200), 3, "I like it."))
    assert paused == c.PauseReply(released.reply)
    look = at + ms(200) + FIRST_LOOK
    (asked,) = turns.handle(e.DeadlineReached(look, ms(3500)))  # voice alone does not interrupt
    assert asked == c.TranscribePartial(4, at, look, urgent=True)
    given, stopped = turns.handle(e.PartialTranscribed(look, 4, "and the other"))
    assert given == c.AnnounceSpeech(4, at)
    assert stopped == c.StopReply(released.reply)


@pytest.mark.parametrize("goes_on", [False, True])
def test_who_types_while_speaking_and_leaves_has_said_both(goes_on):
    turns, at = speaking_for(3)
    turns.handle(e.TextTyped(at, "No."))
    if not goes_on:
        turns.handle(e.SpeechPaused(at + ms(200), at))
    asked = turns.handle(e.UserLeft(at + ms(400)))
    (took,) = turns.handle(e.Transcribed(at + ms(500), 3, "I like")) if not goes_on else [None]
    if goes_on:
        (more,) = asked
        assert (more.start, more.end) == (at, at + ms(400))
        assert turns.handle(e.Transcribed(at + ms(500), 3, "I like")) == []
        (took,) = turns.handle(e.Transcribed(at + ms(600), more.generation, "it"))
    assert took.text == ("I like it No." if goes_on else "I like No.")
    assert took.typed
    assert isinstance(turns.floor, Closed)


def test_what_is_typed_while_a_late_recognizer_is_waited_for_asks_for_no_audio_that_is_gone():
    turns, _ = speaking_for(0)
    while not isinstance(turns.floor, EndingLongTurn):
        turns.handle(e.DeadlineReached(turns.deadline))
    at = turns.floor.until + ms(40_000)
    (asked,) = turns.handle(e.TextTyped(at, "Hello?"))
    assert (asked.start, asked.end) == (at - OLDEST, at)


class NoFinal(fake.ScriptedTranscriber):
    """Captions come, the final transcription never does."""

    def __init__(self):
        super().__init__()
        self.hypotheses = iter(range(1, 99))

    async def partial(self, audio, context="", *, urgent=False):
        return Transcript(" ".join(LONG.split()[: 2 * next(self.hypotheses)]), "en")

    async def final(self, audio, context=""):
        await asyncio.sleep(3600)


@pytest.mark.parametrize(
    ("transcriber", "wait"),
    [(fake.ScriptedTranscriber(LONG, delay=0.2), 0.25), (NoFinal(), 1.1)],
    ids=["quick", "too slow"],
)
def test_a_conversation_goes_on_from_what_was_said_and_typed(transcriber, wait):
    async def main():
        whole = engines(transcriber=transcriber)
        async with Candidate(engines=whole) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 5.0)
            candidate.session.push_text("And it is typed.")
            taken = await candidate.until(o.TranscriptCompleted, within=wait)
            await candidate.until(o.ResponseDone, 2)
        return candidate, taken

    candidate, taken = run(main())
    (spoke,) = spoken(candidate.record)
    said = spoke.text.removesuffix(" And it is typed.")
    assert len(said.split()) > 5
    assert LONG.startswith(said)
    assert spoke.text == taken.text
    assert spoke.typed
