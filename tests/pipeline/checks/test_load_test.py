"""Simulated candidates on scripted engines, with a clock that jumps."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models import fake
from models.contracts import SPEAKING_RATE, Engines, Samples
from models.errors import EngineError
from pipeline.checks import load_test
from pipeline.checks.load_test import Figures, as_heard, hold_interviews, plan_of
from pipeline.conversation.turn_steps import Tuning
from tests import virtual_time

SAID = "I have worked on web services in Python for six years, and I enjoy it very much."
LINE = np.full(3 * SPEAKING_RATE, fake.LOUDNESS, dtype=np.int16)


def held(engines: Engines, count: int, turns: int) -> Figures:
    async def run() -> Figures:
        return await hold_interviews(engines, count, turns, [LINE], Tuning())

    return virtual_time.run(run())


def test_every_candidate_gives_every_answer_and_is_answered() -> None:
    figures = held(fake.engines(SAID), count=3, turns=2)
    assert len(figures.added) == 3 * 2
    assert len(figures.gaps) == 3 * (1 + 2)  # and the greeting
    assert figures.unanswered == 0
    assert figures.lag


def test_quick_engines_add_nothing_to_the_silence_and_leave_no_gaps() -> None:
    figures = held(fake.engines(SAID), count=1, turns=3)
    assert max(figures.added) < 100
    assert max(figures.gaps) < 100


def test_slow_engines_are_seen_in_what_they_add() -> None:
    slow = replace(fake.engines(), transcriber=fake.ScriptedTranscriber(SAID, delay=2.0))
    assert min(held(slow, count=1, turns=2).added) > 500


def test_a_voice_that_falls_behind_is_heard_as_gaps() -> None:
    slow = fake.engines(SAID, voice=fake.SteadyVoice(0.01, delay=2.0))
    assert max(held(slow, count=1, turns=2).gaps) > 500


def test_a_reply_that_never_comes_is_counted_once_and_ends_that_interview() -> None:
    figures = held(fake.engines(SAID, voice=fake.SteadyVoice(delay=3600)), count=2, turns=2)
    assert figures.unanswered == 2
    assert not figures.added


def test_an_engine_that_fails_does_not_end_the_load_test() -> None:
    class Deaf(fake.LoudnessVad):
        def probability(self, frame: Samples) -> float:
            raise EngineError("out of order")

    scripted = fake.engines(SAID)
    deaf = Engines(Deaf(), scripted.transcriber, scripted.llm, scripted.voice)
    assert held(deaf, count=2, turns=1).unanswered == 2


def test_neighbours_have_other_questions_in_a_language_that_is_understood() -> None:
    class French(fake.ScriptedTranscriber):
        languages = ("fr", "de")

    scripted = fake.engines(SAID)
    french = Engines(scripted.vad, French(SAID), scripted.llm, scripted.voice)
    plans = [plan_of(n, french) for n in range(2)]
    assert plans[0].questions != plans[1].questions
    assert {plan.language for plan in plans} == {"fr"}
    assert plan_of(0, scripted).language == "en"


@pytest.mark.parametrize("pieces", [[LINE], [LINE, LINE]])
def test_speech_is_heard_at_the_rate_of_what_listens(pieces: Sequence[Samples]) -> None:
    heard = as_heard(pieces)
    assert abs(len(heard) / 16_000 - 3 * len(pieces)) < 0.1


async def test_every_line_is_spoken() -> None:
    voice = fake.SteadyVoice()
    assert len(await load_test.spoken_lines(voice)) == len(load_test.LINES)
    assert voice.spoken == list(load_test.LINES)
