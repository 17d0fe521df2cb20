import asyncio
from dataclasses import replace

import numpy as np
import pytest

from models.contracts import FRAME, Transcript
from models.errors import EngineBusy, EngineError
from models.fake import LOUDNESS, LoudnessVad, ScriptedTranscriber
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.audio_input import AudioInput
from pipeline.conversation.output_queue import OutputQueue
from pipeline.conversation.recognition import Recognition
from pipeline.conversation.spoken_language import SpokenTranscripts
from tests.virtual_time import run


async def recognizing(transcriber, work):
    """Two seconds of the first text were heard; `work` uses the recognition."""
    hearing, outputs, events = AudioInput(LoudnessVad()), OutputQueue(), []
    recognition = Recognition(
        hearing,
        SpokenTranscripts(transcriber, "en"),
        outputs,
        events.append,
        "item_{}".format,
        lambda: "What did you do?",
    )
    recognition.arrived(100 * FRAME)
    for _ in range(100):
        hearing.hear(np.full(FRAME, LOUDNESS, dtype=np.int16))
    async with asyncio.TaskGroup() as tasks:
        await work(recognition, tasks.create_task)
    outputs.close()
    return events, [output async for output in outputs.read()]


def test_a_stretch_is_transcribed_and_its_time_is_noted():
    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)
        await asyncio.sleep(1)
        recognition.voice_ended(50 * FRAME)
        marks.update(recognition.marks)

    marks = {}
    events, _ = run(recognizing(ScriptedTranscriber("I built it.", delay=0.2), work))
    assert events == [e.Transcribed(100 * FRAME, 7, "I built it.", spare=True)]
    assert marks["transcribed"] - marks["paused"] == 0.2
    assert marks["voice_ended"] <= marks["paused"]


def test_a_slow_recognizer_shows_that_there_is_no_time_to_spare():
    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)

    events, _ = run(recognizing(ScriptedTranscriber("I built it.", delay=0.8), work))
    assert events == [e.Transcribed(100 * FRAME, 7, "I built it.", spare=False)]


@pytest.mark.parametrize(("usual", "spare"), [(0.2, False), (0.4, True)])
def test_a_recognizer_that_needs_longer_may_take_longer(usual, spare):
    class Slow(ScriptedTranscriber):
        async def final(self, audio, context=""):
            return replace(await super().final(audio, context), usual=usual)

    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)

    events, _ = run(recognizing(Slow("I built it.", delay=0.8), work))
    assert events[0].spare is spare


def test_a_discarded_transcription_is_never_heard_of_again():
    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)
        await asyncio.sleep(0.1)
        recognition.cancel(7)
        recognition.cancel(8)  # not under way any more

    assert run(recognizing(ScriptedTranscriber("I built it.", delay=0.2), work)) == ([], [])


def test_a_recognizer_that_fails_has_understood_nothing():
    class Broken(ScriptedTranscriber):
        async def final(self, audio, context=""):
            raise EngineError("out of order")

        async def partial(self, audio, context="", *, urgent=False):
            raise EngineBusy("no time")

    async def work(recognition, spawn):
        recognition.transcribe_partial(c.TranscribePartial(2, 0, 100 * FRAME), spawn)
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)

    events, _ = run(recognizing(Broken(), work))
    assert events == [e.Transcribed(100 * FRAME, 7, "", failure="engine_error", confidence=0.0)]


def test_a_recognizer_that_hangs_is_not_waited_for_for_ever():
    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 0, 100 * FRAME), spawn)

    events, _ = run(recognizing(ScriptedTranscriber("I built it.", delay=3600), work))
    assert events == [
        e.Transcribed(100 * FRAME, 7, "", spare=False, failure="timeout", confidence=0.0)
    ]


SHOWN = "I built it all by myself"


def unsaid(shown=SHOWN, seconds=6, before=lambda hearing: None, end=None):
    """What a final transcript without words says that captions had shown."""

    async def work(recognition, spawn):
        hearing = recognition._hearing
        for _ in range(seconds * 50 - 100):
            hearing.hear(np.full(FRAME, LOUDNESS, dtype=np.int16))
        for _ in range(2):
            recognition.caption(c.Caption(2, shown, 0))
        before(hearing)
        recognition.transcribe(c.Transcribe(7, 0, hearing.at if end is None else end), spawn)

    events, _ = run(recognizing(ScriptedTranscriber(""), work))
    assert [event.text for event in events] == [""]
    return events[0].shown


@pytest.mark.parametrize("shown", [SHOWN, "私はそれを自分で全部作りましたそしてそれは"])
def test_words_that_were_shown_are_told_beside_a_final_transcript_without_any(shown):
    assert unsaid(shown) == shown


@pytest.mark.parametrize("shown", ["I built it", "Thank you. Thank you.", "ありがとうございました"])
def test_what_a_recognizer_makes_of_a_noise_was_not_said(shown):
    assert unsaid(shown) == ""


def test_in_what_may_be_laughter_nothing_was_said():
    assert unsaid(seconds=4) == ""


def test_captions_that_go_on_after_the_stretch_are_not_its_words():
    assert unsaid(end=5 * 50 * FRAME) == ""


def test_what_is_left_out_as_the_voice_of_others_was_not_said():
    def quieter(hearing):
        hearing.background._quieter.count = 1

    def covered(hearing):
        hearing.background._others.least = 90.0
        hearing.background._apart = True

    assert unsaid(before=quieter) == ""
    assert unsaid(before=covered) == ""


def test_the_recognizer_is_told_what_was_asked_and_a_replaced_partial_is_no_event():
    told = []

    class Curious(ScriptedTranscriber):
        async def final(self, audio, context=""):
            told.append((len(audio), context))
            return Transcript("Yes.", "en")

        async def partial(self, audio, context="", *, urgent=False):
            return None

    async def work(recognition, spawn):
        recognition.transcribe(c.Transcribe(7, 10 * FRAME, 30 * FRAME), spawn)
        recognition.transcribe_partial(c.TranscribePartial(2, 0, 100 * FRAME), spawn)

    events, _ = run(recognizing(Curious(), work))
    assert told == [(20 * FRAME, "What did you do?")]
    assert len(events) == 1


@pytest.mark.parametrize(("urgent", "frames"), [(True, 100), (False, 50)])
def test_a_look_at_voice_over_a_reply_takes_all_that_was_heard_by_now(urgent, frames):
    told = []

    class Curious(ScriptedTranscriber):
        async def partial(self, audio, context="", *, urgent=False):
            told.append((len(audio), urgent))

    async def work(recognition, spawn):
        command = c.TranscribePartial(2, 0, 50 * FRAME, urgent)
        recognition.transcribe_partial(command, spawn)

    run(recognizing(Curious(), work))
    assert told == [(frames * FRAME, urgent)]


@pytest.mark.parametrize(("urgent", "times"), [(True, 1), (False, 2)])
def test_the_same_audio_is_looked_at_once(urgent, times):
    told = []

    class Curious(ScriptedTranscriber):
        async def partial(self, audio, context="", *, urgent=False):
            told.append(len(audio))

    async def work(recognition, spawn):
        for end in (60, 80):
            command = c.TranscribePartial(2, 0, end * FRAME, urgent)
            recognition.transcribe_partial(command, spawn)

    run(recognizing(Curious(), work))
    assert len(told) == times


def test_words_on_which_two_hypotheses_agree_are_shown_once():
    async def work(recognition, spawn):
        for text in ("I bill", "I built a", "I built a house", "I built a house today"):
            recognition.caption(c.Caption(2, text))
        recognition.caption(c.Caption(3, "Another"))
        recognition.caption(c.Caption(3, "Another turn"))

    _, shown = run(recognizing(ScriptedTranscriber(), work))
    texts = {}
    for delta in shown:
        assert isinstance(delta, o.TranscriptDelta)
        texts[delta.item] = texts.get(delta.item, "") + delta.text
    assert texts == {"item_2": "I built a house", "item_3": "Another"}
