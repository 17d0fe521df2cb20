"""From a client's audio to events of turn-taking, and what is told of its microphone."""

import asyncio

import numpy as np
import pytest

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE
from pipeline.conversation import events as e
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.echo import Return
from pipeline.conversation.listening import IRREGULAR, Listening
from pipeline.conversation.microphone import SILENT_FROM_THE_START, Trouble
from pipeline.conversation.stereo import Recording
from pipeline.conversation.turns import TurnTaking
from tests.virtual_time import run

SECONDS = FRAME / HEARING_RATE
SILENCE = bytes(2 * FRAME * SPEAKING_RATE // HEARING_RATE)
"""A frame as the client sends it."""
VOICE = np.full(len(SILENCE) // 2, 3000, "<i2").tobytes()


class LoudVad:
    """Takes what is loud for voice."""

    def open(self):
        return self

    def probability(self, frame):
        return float(np.abs(frame).max() > 1000)


class Echo:
    """Notices, with each frame, what the test says."""

    def __init__(self, *noticed):
        self.known = None
        self._noticed = list(noticed)

    def drowns(self, at):
        return False

    def arrived(self, at, now): ...

    def watch(self, at, *, in_voice):
        return self._noticed.pop(0) if self._noticed else None


class Others:
    """Becomes aware of others with every frame."""

    began, least, level, quieter = True, -np.inf, 0.0, 0

    def __init__(self):
        self.listening, self.regular = False, True
        self.heard_as_regular = []

    def covers(self, decibels, probability):
        self.heard_as_regular.append(self.regular)
        return False


class Listener:
    """A `Listening` with what it reports."""

    def __init__(self):
        self.hearing = AudioInput(LoudVad())
        self.turns = TurnTaking()
        self.events, self.troubles = [], []
        self.listening = Listening(
            self.hearing,
            Recording(None, lambda reason: None),
            self.turns,
            lambda samples: None,
            self.events.append,
            self.troubles.append,
        )
        self.listening.begin()


@pytest.mark.parametrize(("last", "waits"), [(VOICE, True), (SILENCE, False)])
def test_where_audio_stops_in_a_voice_more_patience_is_had_with_it(last, waits):
    async def main():
        listener = Listener()
        await steadily(listener, SILENCE, 1.0)
        await steadily(listener, last, 0.08)
        at = listener.hearing.at
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(listener.listening.keep_time())
            await asyncio.sleep(2.0)
            ticking.cancel()
        return listener.hearing.at == at

    assert run(main()) is waits


def test_a_client_that_sets_the_rate_it_has_loses_no_audio():
    async def main():
        listener = Listener()
        sound = np.arange(-3000, 3000, dtype="<i2").tobytes()
        listener.listening.change_rate(HEARING_RATE)
        listener.listening.push(sound[:4001])
        listener.listening.change_rate(HEARING_RATE)
        listener.listening.push(sound[4001:])
        at = listener.hearing.at
        return sound, at, listener.hearing.as_it_came(0, at)

    sound, at, heard = run(main())
    assert at == 6000 // FRAME * FRAME
    assert heard.tobytes() == sound[: 2 * at]


@pytest.mark.parametrize("speaks", [True, False])
def test_when_others_become_known_only_voice_over_the_interviewer_is_taken_back(speaks):
    async def main():
        listener = Listener()
        listener.hearing.background = Others()
        if speaks:
            listener.turns.handle(e.SessionStarted(0))
        listener.listening.push(2 * SILENCE)
        return listener

    listener = run(main())
    assert listener.turns.replying is speaks
    assert listener.events == ([e.AudioCleared(FRAME)] if speaks else [])


def test_voice_that_turned_out_to_be_others_is_not_speech_that_pauses():
    async def main():
        listener = Listener()
        listener.hearing.background = others = Others()
        others.began = False
        listener.turns.handle(e.SessionStarted(0))
        listener.listening.push(20 * VOICE)
        others.began = True
        listener.listening.push(VOICE)
        others.began = False
        listener.listening.push(20 * SILENCE)
        return [
            type(event) for event in listener.events if not isinstance(event, e.DeadlineReached)
        ]

    assert run(main()) == [e.PossibleSpeech, e.SpeechBegan, e.AudioCleared]


def test_an_echo_is_told_and_that_it_is_gone_with_what_is_still_wrong():
    async def main():
        listener = Listener()
        listener.hearing.echo = Echo(True, None, False)
        listener.listening.push(2 * SILENCE)
        cleared = list(listener.events)
        listener.listening.push(4 * SILENCE)
        return cleared, listener

    cleared, listener = run(main())
    assert cleared == [e.AudioCleared(FRAME)]
    assert listener.events == cleared
    assert listener.troubles == [Trouble.ECHO, None]


def test_nothing_is_learned_of_others_from_audio_that_was_held_up():
    async def main():
        listener = Listener()
        others = listener.hearing.background = Others()
        await steadily(listener, SILENCE, 3.0)
        assert all(others.heard_as_regular)
        await steadily(listener, b"", 1.5 * IRREGULAR)
        for _ in range(round(1.5 * IRREGULAR / SECONDS)):
            listener.listening.push(SILENCE)
        return others

    assert not run(main()).heard_as_regular[-1]


async def steadily(listener, piece, seconds):
    for _ in range(round(seconds / SECONDS)):
        await asyncio.sleep(SECONDS)
        if piece:
            listener.listening.push(piece)


@pytest.mark.parametrize(("echo", "told"), [(None, [Trouble.SILENT]), (Return(0.9, 0, 0, 1), [])])
def test_while_there_is_an_echo_no_other_trouble_is_told(echo, told):
    async def main():
        listener = Listener()
        listener.hearing.echo.known = echo
        await steadily(listener, SILENCE, (SILENT_FROM_THE_START + 2) * SECONDS)
        return listener

    assert run(main()).troubles == told
