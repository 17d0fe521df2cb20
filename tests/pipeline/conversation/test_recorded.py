"""What the recording of a whole conversation has, and what is said of it, in virtual time."""

import asyncio

import numpy as np
import pytest

from models.contracts import SPEAKING_RATE
from models.fake import LOUDNESS
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.interview import interviewer
from tests.virtual_time import run

from .test_session import LONG, PLAN, Candidate


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
