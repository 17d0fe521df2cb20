"""What a candidate is told about their microphone, in whole conversations in virtual time."""

import asyncio

import numpy as np

from models.fake import LOUDNESS
from pipeline.conversation import output as o
from pipeline.conversation.input import Configure
from pipeline.language.english import ENGLISH
from tests.virtual_time import run

from .test_session import LONG, Candidate


class AtAnotherRate(Candidate):
    """Sends 48 kHz where 24 are expected, from a room that is not quite silent."""

    async def _send(self):
        while True:
            await asyncio.sleep(0.02)
            chunk = np.full(960, self.loudness * LOUDNESS or 5, dtype="<i2")
            self.session.push_audio(chunk.tobytes())


def troubles(candidate):
    return [told.trouble for told in candidate.all(o.MicrophoneTrouble)]


def test_a_candidate_without_sound_is_told_by_an_event_and_once_by_the_interviewer():
    async def main():
        async with Candidate(LONG) as candidate:
            await candidate.until(o.ResponseDone, 3)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 4)
        return candidate

    candidate = run(main())
    sentence = ENGLISH.sentences.advice["silent"]
    assert [sentence in text for text in candidate.texts()] == [False, True, False, False]
    assert troubles(candidate) == ["silent", ""]
    assert candidate.all(o.MicrophoneTrouble)[0].message == sentence


def test_a_muted_microphone_is_no_trouble():
    async def main():
        async with Candidate(LONG) as candidate:
            candidate.session.mute(muted=True)
            await asyncio.sleep(60)
        return candidate

    assert troubles(run(main())) == []


def test_audio_at_another_rate_is_heard_at_that_rate_and_the_client_told():
    async def main():
        async with AtAnotherRate(LONG) as candidate:
            await candidate.until(o.MicrophoneTrouble)
            at = candidate.session._timeline.at
            await asyncio.sleep(1.0)
            second = candidate.session._timeline.at - at
            candidate.loudness = 1
            await asyncio.sleep(3.0)
            candidate.loudness = 0
            turn = await candidate.until(o.TranscriptCompleted)
        return candidate, second, turn

    candidate, second, turn = run(main())
    assert troubles(candidate)[0] == "rate"
    assert abs(second - 16_000) < 800
    assert turn.text == LONG


def test_a_rate_that_the_client_gave_is_no_trouble():
    async def main():
        async with AtAnotherRate(LONG) as candidate:
            candidate.session.configure(Configure(input_rate=48_000))
            await asyncio.sleep(15)
        return candidate

    assert "rate" not in troubles(run(main()))
