"""The whole path in virtual time, with scripted ears."""

import asyncio
import logging
import time

import numpy as np

from models.fake import LOUDNESS, LoudnessVad, ScriptedTranscriber
from scripts.measure.hearing import path
from scripts.measure.hearing.engine import TimedTranscriber
from scripts.measure.virtual_time import Work, run


def voice(seconds: float, number: int = 1):
    return np.full(round(seconds * 16_000), number * LOUDNESS, np.int16)


def silence(seconds: float):
    return np.zeros(round(seconds * 16_000), np.int16)


def heard(audio, *texts, delay=0.0):
    transcriber = ScriptedTranscriber(*texts, delay=delay)
    # the same words again and again in partial transcripts would end the turn
    timed = TimedTranscriber(transcriber, Work(2), partials=False)
    return run(path.answer(LoudnessVad(), timed, audio, silence(1)))


def test_an_answer_becomes_one_turn_and_minutes_pass_in_no_time():
    began = time.monotonic()
    told = heard(voice(20), "I have worked there for years.")
    assert (told.texts, told.answered) == (["I have worked there for years."], True)
    assert time.monotonic() - began < 20
    assert 20_500 < told.ended_ms[0] < 20_900


def test_a_long_pause_ends_the_turn_and_what_follows_is_another():
    audio = np.concatenate([voice(2), silence(4), voice(2, 2)])
    told = heard(audio, "It was a small team.", "We built a web shop for a bank.")
    assert told.texts == ["It was a small team.", "We built a web shop for a bank."]


def test_a_turn_that_does_not_end_in_time_is_noticed(monkeypatch):
    monkeypatch.setattr(path, "PATIENCE", 0.3)
    assert not heard(voice(1), "And").answered


def test_only_while_it_is_measured_are_a_session_s_warnings_left_out():
    log = logging.getLogger("pipeline")
    before = log.level
    log.setLevel(logging.INFO)
    try:
        heard(voice(1), "Yes.")
        assert log.level == logging.INFO
    finally:
        log.setLevel(before)


def test_work_takes_its_time_one_piece_after_the_other():
    async def busy():
        for _ in range(200_000):
            pass

    async def main():
        work = Work(1)
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(3):
                tasks.create_task(work.do(busy()))
        return loop.time(), work.seconds

    took, used = run(main())
    assert took > 0
    assert abs(took - used) < 1e-6
