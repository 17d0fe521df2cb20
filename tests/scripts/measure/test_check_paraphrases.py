"""Answers in other words: written anew, compared by verdict, and what changes is found out."""

import pytest

from models.fake import ScriptedLlm
from pipeline.assessment.assessor import Assessor
from pipeline.matching import words
from scripts.measure.check_paraphrases import (
    Pair,
    compared,
    fresh,
    of_interviews,
    of_others,
    ordered,
    report,
)
from scripts.measure.held_out import jobs

SMALL = Assessor("small", "sentences", 0.5)
RUN = 12
"""Words in a row that two texts have in common only if one was copied from the other."""
TOLD = "In Porto I cooked sixty breakfasts, ordered eggs and flour, and trained two waiters."
AGAIN = "It was about breakfast, as one does it there, and about everything around that."
PAIR = Pair("What did you do?", "Names the work; states a result", TOLD, AGAIN)


class Scales(ScriptedLlm):
    """Finds "Yes" likely for a sentence with one of some words, and unlikely for all others."""

    def __init__(self, *liked):
        super().__init__()
        self.liked = liked

    async def weigh(self, messages, options):
        sentence = messages[-1].content
        return (0.99, 0.01) if any(each in sentence for each in self.liked) else (0.01, 0.99)


def runs(text):
    said = words(text)
    return {tuple(said[n : n + RUN]) for n in range(len(said) - RUN + 1)}


def test_there_are_enough_answers_and_their_other_words_are_other_words():
    pairs = [*of_interviews(), *of_others()]
    assert len(pairs) >= 72
    copied = [pair.again for pair in pairs if runs(pair.answer) & runs(pair.again)]
    assert copied == []


def test_the_other_jobs_have_no_question_of_the_interviews():
    asked = {asked.text for job in jobs() for asked in job.question}
    assert len(fresh()) >= 12
    assert not asked & {said.text for said in fresh()}


def test_other_words_are_those_of_the_answer_that_is_as_long():
    for pair in of_interviews():
        said, again = len(words(pair.answer)), len(words(pair.again))
        assert max(said, again) <= 2 * min(said, again), pair.again


async def test_other_words_that_change_a_verdict_are_shown(capsys):
    found = await compared(Scales(), [PAIR], SMALL)
    assert not report("one", found)
    assert AGAIN in capsys.readouterr().out


async def test_other_words_that_change_none_are_fine(capsys):
    told_alike = Pair(PAIR.text, PAIR.rubric, TOLD, TOLD.replace("sixty", "seventy"))
    assert report("one", await compared(Scales("Porto"), [told_alike], SMALL))
    assert "0 of 2 verdicts (0.0%)" in capsys.readouterr().out


@pytest.mark.parametrize("liked", [(), ("I",)])
async def test_every_two_grades_of_an_answer_are_compared(liked):
    order = await ordered(Scales(*liked), fresh()[:1], SMALL)
    assert order == [True, True, True]
