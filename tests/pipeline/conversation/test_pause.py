"""A muted candidate is left in peace, within limits."""

import asyncio

import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from models.fake import LOUDNESS
from pipeline import journal as r
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import AgentSpeaking, Idle
from pipeline.conversation.turn_steps import LONGEST_PAUSE, Tuning
from pipeline.conversation.turns import TurnTaking
from pipeline.interview import interviewer
from pipeline.interview.interviewer import left_ms
from pipeline.interview.plan import Plan, Question
from tests.virtual_time import run

from .test_session import LONG, PLAN, Candidate
from .turn_scripts import after_greeting, answering, play

SILENCE = Tuning().silence


def nudges(turns: TurnTaking, until: int, events=()):
    """When the interviewer speaks for the silence, up to `until`; each reply takes a second.
    `events` happen at their times."""
    spoke, waiting, at = [], list(events), 0
    while True:
        due = turns.deadline
        if waiting and (due is None or waiting[0].at < due):
            at = waiting[0].at
            turns.handle(waiting.pop(0))
            continue
        if due is None or due > until:
            return spoke
        at = max(at, due)
        for command in turns.handle(e.DeadlineReached(at)):
            assert isinstance(command, c.Nudge)
            spoke.append(at)
            turns.handle(e.ReplyFinished(at + ms(1000), command.reply))


def test_a_mute_is_a_pause_of_three_minutes_and_then_silence_is_silence():
    spoke = nudges(after_greeting(5000), ms(400_000), [e.Muted(ms(10_000))])
    assert spoke[0] == ms(5000) + LONGEST_PAUSE + SILENCE
    assert spoke[1] - spoke[0] == SILENCE + ms(1000), "after it the usual rule goes on"


def test_who_comes_back_has_the_usual_time_to_think():
    events = [e.Muted(ms(10_000)), e.Unmuted(ms(100_000))]
    assert nudges(after_greeting(5000), ms(120_000), events) == [ms(100_000) + SILENCE]


def test_whoever_mutes_for_longer_than_is_allowed_has_the_rest_of_the_silence_afterwards():
    turns = after_greeting(5000)
    turns.handle(e.Muted(ms(5000)))
    turns.handle(e.Unmuted(ms(5000) + LONGEST_PAUSE + ms(3000)))
    assert turns.deadline == ms(5000) + LONGEST_PAUSE + SILENCE


def test_muting_again_and_again_does_not_make_the_pause_longer():
    events = [(e.Muted if n % 2 else e.Unmuted)(ms(6000 + 1000 * n)) for n in range(1000)]
    spoke = nudges(after_greeting(5000), ms(1_000_000), events)
    assert spoke[0] <= ms(5000) + LONGEST_PAUSE + 2 * SILENCE
    assert len(spoke) > 20


def test_who_has_said_something_may_pause_again():
    turns = after_greeting(5000)
    (spoke, *_) = nudges(turns, ms(300_000), [e.Muted(ms(6000))])
    turns.handle(e.Unmuted(spoke + ms(2000)))
    taken = turns.handle(e.TextTyped(spoke + ms(3000), "I am a nurse."))
    assert isinstance(turns.floor, AgentSpeaking)
    reply = next(command.reply for command in taken if isinstance(command, c.PlayReply))
    at = spoke + ms(5000)
    turns.handle(e.ReplyFinished(at, reply))
    turns.handle(e.Muted(at))
    assert turns.deadline == at + LONGEST_PAUSE + SILENCE


@pytest.mark.parametrize("text", ["", "I am a nurse."])
def test_only_words_are_something_that_was_said(text):
    turns = after_greeting(5000)
    nudges(turns, ms(220_000), [e.Muted(ms(6000))])
    began = turns.floor.since + ms(1000)
    turns.handle(e.SpeechBegan(began + ms(300), began))
    pause = turns.handle(e.SpeechPaused(began + ms(2200), began + ms(2000)))
    commands = turns.handle(e.Transcribed(began + ms(2300), pause[-1].generation, text))
    commands += turns.handle(e.DeadlineReached(began + ms(6000)))
    reply = next(command.reply for command in commands if isinstance(command, c.PlayReply))
    turns.handle(e.ReplyFinished(began + ms(8000), reply))
    pause = LONGEST_PAUSE if text else 0
    assert turns.deadline == began + ms(8000) + pause + SILENCE


def test_what_was_being_said_when_the_mute_came_is_ended_by_its_silence():
    turns = play((e.Muted(ms(8100)),), turns=answering())
    play(
        (e.Transcribed(ms(8300), 3, "I like it."), c.PrepareReply(4, "I like it.")),
        (
            e.DeadlineReached(ms(8600)),
            c.CommitTurn(2, "I like it.", ms(6000), ms(8000)),
            c.PlayReply(4),
        ),
        (e.ReplyFinished(ms(12_000), 4),),
        turns=turns,
    )
    assert turns.floor == Idle(ms(12_000))
    assert turns.deadline == ms(12_000) + LONGEST_PAUSE + SILENCE


def test_a_mute_during_a_reply_is_a_pause_after_it():
    turns = play(
        (e.SessionStarted(0), c.OpenConversation(1)), (e.Muted(ms(500)),), turns=TurnTaking()
    )
    assert turns.deadline is None
    turns.handle(e.ReplyFinished(ms(5000), 1))
    assert turns.deadline == ms(5000) + LONGEST_PAUSE + SILENCE


def test_unmuting_without_a_mute_changes_nothing():
    assert play((e.Unmuted(ms(9000)),), turns=after_greeting(5000)).floor == Idle(ms(5000))


def test_a_muted_conversation_is_silent_and_goes_on_with_the_unmuted():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.session.mute(muted=True)
            await asyncio.sleep(120)
            quiet = len(candidate.all(o.ResponseCreated))
            candidate.session.mute(muted=False)
            await asyncio.sleep(5)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
        return quiet, candidate

    quiet, candidate = run(main())
    assert quiet == 1
    assert "Who used it?" in candidate.texts()[1]


def test_typing_alone_is_given_time_to_type():
    async def main():
        async with Candidate(engines=None) as candidate:
            candidate.session.mute(muted=True)
            for n in range(1, 4):
                await candidate.until(o.ResponseDone, n)
                await asyncio.sleep(100)
                candidate.session.push_text(LONG)
            await candidate.until(o.InterviewEnded)
        return candidate

    candidate = run(main())
    assert candidate.all(o.InterviewEnded) == [o.InterviewEnded("completed")]
    assert len(candidate.texts()) == 4


def test_each_reply_tells_which_question_it_asks_and_how_much_time_is_left():
    async def main():
        async with Candidate(LONG, LONG) as candidate:
            for n in range(1, 3):
                await candidate.until(o.ResponseDone, n)
                await candidate.say(n, 3.0)
            await candidate.until(o.ResponseDone, 3)
        return candidate.all(o.Progress)

    progress = run(main())
    assert [(each.question, each.questions) for each in progress] == [(1, 3), (2, 3), (3, 3)]
    assert progress[0].seconds_left in range(1799, 1801)
    left = [each.seconds_left for each in progress]
    assert left == sorted(left, reverse=True)
    assert left[0] - left[2] >= 6


def test_the_time_left_is_never_below_nothing():
    plan = Plan((Question("Why?"),), minutes=1)
    assert [left_ms(plan, at) for at in (0, 59_999, 60_000, 900_000)] == [60_000, 1, 0, 0]


def test_what_was_said_in_a_short_break_goes_on_with_the_answer():
    """A client sends it at once when it is connected again, faster than time."""
    record = r.MemoryRecord()

    async def main():
        async with Candidate(LONG, LONG, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            candidate.loudness = 1
            await asyncio.sleep(2.0)
        state = interviewer.resume(PLAN, record.entries)
        async with Candidate(LONG, LONG, record=record, state=state) as candidate:
            await candidate.until(o.ResponseCreated)
            voice = np.full(SPEAKING_RATE * 3, 2 * LOUDNESS, dtype="<i2").tobytes()
            for at in range(0, len(voice), 1440):
                candidate.session.push_audio(voice[at : at + 1440])
            await candidate.say(2, 1.0)
            await candidate.until(o.TranscriptCompleted)
            await candidate.until(o.ResponseDone, 2)
        return candidate

    candidate = run(main())
    spoke = [entry.text for entry in record.entries if isinstance(entry, r.CandidateSpoke)]
    assert spoke == [LONG[:-1], LONG]
    welcome, reply = candidate.all(o.ResponseDone)
    assert (welcome.status, welcome.heard) == ("cancelled", "")
    assert "Who used it?" in reply.text
