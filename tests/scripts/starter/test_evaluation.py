"""How the starter models are measured."""

import pytest

from scripts.starter.eval_interviewer import content, span_error
from scripts.starter.eval_recognizer import plain, word_errors
from scripts.starter.heldout_plans import interviews
from scripts.starter.measure import Measure


def test_a_question_is_found_inside_a_reply():
    assert span_error("How do you plan?", "Thanks, that helps. How do you plan?") == 0


def test_a_wrong_word_in_four_is_a_quarter():
    assert span_error("How do you plan?", "I see. How do you bake?") == 0.25


def test_an_acknowledgement_names_words_of_meaning_only():
    assert content("I think that we really fixed the kettle in 1999.") == {
        "fixed", "kettle", "1999",
    }  # fmt: skip


def test_words_alone_are_compared():
    assert plain("Well, I'm here!") == "well i'm here"
    assert word_errors(["One two, three four."], ["one two three five"]) == 25


@pytest.mark.parametrize(
    ("measure", "met"),
    [
        (Measure("a", 4.9, "%", at_most=5), True),
        (Measure("a", 5.1, "%", at_most=5), False),
        (Measure("a", 97, "%", at_least=98), False),
        (Measure("a", 97, "%"), None),
    ],
)
def test_a_bar_is_met_or_missed(measure, met):
    assert measure.met is met


def test_held_out_interviews_are_the_same_every_time_and_end():
    first, second = interviews(30), interviews(30)
    assert first == second
    for interview in first:
        assert interview.turns[0].kind == "greet"
        assert [turn.kind for turn in interview.turns].count("close") == 1
        assert interview.turns[-1].kind == "close"
