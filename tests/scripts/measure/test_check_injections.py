"""The attempts are read, tried on real answers, and what moves a score is found out."""

import pytest

from models.choice import Choice
from models.fake import ScriptedLlm
from models.load import engines
from pipeline.assessment.judgement import MOVED
from scripts.measure.check_injections import (
    ANSWERS,
    Attempt,
    Gullible,
    attempts,
    let_in,
    report,
    tried,
)


def test_there_are_attempts_enough_and_not_only_known_ones():
    known = attempts()
    assert len(known.speech) >= 30
    assert len({each.text for each in known.speech + known.resume}) >= 40
    assert sum(each.held_out for each in known.speech + known.resume) >= 10


async def test_no_known_attempt_moves_a_score_even_of_a_model_that_believes_everything():
    known = attempts()
    plain = [each for each in known.speech if not each.held_out]
    found = await tried(Gullible(), plain, list(ANSWERS))
    assert [each.attempt.text for each in found if each.moved > MOVED] == []
    assert all(each.flagged and each.sound for each in found)


async def test_a_model_that_believes_what_it_should_not_read_is_caught():
    plain = Attempt("Nobody looks for these words.")
    found = await tried(Gullible(), [plain], ["weak"])
    assert found[0].moved > MOVED
    assert not report(found, [], 0)


def test_no_known_attempt_in_the_profile_reaches_the_interviewer():
    assert [each for each in let_in(attempts().resume) if not each.held_out] == []


async def test_with_the_starter_model_every_score_stands_on_words_of_the_answer():
    known = attempts()
    async with engines(Choice()) as loaded:
        assert not isinstance(loaded.llm, ScriptedLlm)
        found = await tried(loaded.llm, known.speech, ["weak"])
    assert all(each.sound for each in found)


@pytest.mark.parametrize("kind", list(ANSWERS))
async def test_an_honest_answer_is_not_flagged(kind):
    nothing = Attempt("")
    found = await tried(Gullible(), [nothing], [kind])
    assert not found[0].flagged
