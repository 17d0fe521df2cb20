"""What may come next is known word for word, so that it can be synthesized ahead."""

from hypothesis import given, settings

from pipeline.conversation.clauses import split
from pipeline.interview.upcoming import upcoming

from ..interviews import LONG, Interview, plan
from .test_interviewer_properties import PLANS, TURNS

Q1, Q2, Q3 = (question.text for question in plan().questions)


def clauses(texts):
    return {clause for text in texts for clause in split(text, whole=True)}


def test_at_the_start_it_is_the_greeting_and_the_first_questions():
    held = Interview(plan(), recording=0)
    ready = upcoming(held.plan, held.state, held.form)
    held.open()
    greeting = held.moves[0]
    assert ready[0].startswith("Hello, Maria")
    assert {Q1, Q2} <= set(ready)
    assert clauses([greeting.opening, greeting.closing]) <= clauses([*ready, held.moves[0].opening])


def test_after_an_answer_it_is_the_next_question_and_what_stands_before_it():
    held = Interview(plan())
    held.open()
    ready = upcoming(held.plan, held.state, held.form)
    move = held.say(LONG)
    assert {move.lead, move.closing} <= set(ready)
    assert Q3 in ready


def test_near_the_end_it_is_the_goodbye():
    held = Interview(plan())
    held.open()
    held.say(LONG)
    held.say(LONG)
    ready = upcoming(held.plan, held.state, held.form)
    assert held.say(LONG).closing in ready


@given(PLANS, TURNS)
@settings(deadline=None)
def test_what_is_said_beside_the_llm_was_mostly_ready(told, turns):
    """Every lead-in, and every question that is asked for the first time."""
    held = Interview(told)
    held.open()
    for said, hears, drops in turns:
        if held.over:
            break
        ready = upcoming(told, held.state, held.form)
        move = held.reopen(hears) if drops else held.say(said, hears)
        assert not move.lead or move.lead in ready
        if move.question is not None:
            assert move.closing in ready
