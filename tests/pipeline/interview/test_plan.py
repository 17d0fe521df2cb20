"""Plans: what is refused says what to change; what is accepted is bounded and one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PlanInvalid
from pipeline.interview.plan import Plan, Question, one_line, summary, validated

ONE = (Question("Why?"),)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(()), "questions: must have 1 to 30 questions"),
        (Plan(ONE * 31), "questions: must have 1 to 30 questions"),
        (Plan((Question(" ?"),)), r"questions\[0\].text: must have a word"),
        (Plan((*ONE, Question("x" * 501))), r"questions\[1\].text: must have at most 500"),
        (Plan((Question("Why?", follow_ups=4),)), r"questions\[0\].follow_ups: must be 0 to 3"),
        (Plan((Question("Why?", follow_ups=-1),)), r"questions\[0\].follow_ups"),
        (Plan((Question("Why?", rubric="x" * 1001),)), r"questions\[0\].rubric"),
        (Plan((Question("Why?", category="x" * 121),)), r"questions\[0\].category"),
        (Plan(ONE, minutes=0), "minutes: must be 1 to 180"),
        (Plan(ONE, minutes=181), "minutes"),
        (Plan(ONE, patience=0.4), "patience: must be a number from 0.5 to 3; change it"),
        (Plan(ONE, patience=3.1), "patience"),
        (Plan(ONE, patience=float("nan")), "patience"),
        (Plan(ONE, language="english"), "language: 'english' is not an ISO 639-1 code"),
        (Plan(ONE, candidate="x" * 121), "candidate: must have at most 120"),
        (Plan(ONE, job_title="x" * 121), "job_title"),
    ],
)
def test_a_plan_that_cannot_be_held_is_refused_with_field_and_limit(plan, message):
    with pytest.raises(PlanInvalid, match=message):
        validated(plan)


def test_the_limits_themselves_are_allowed():
    most = Plan((Question("x" * 500, 3, "x" * 1000),) * 30, minutes=180)
    assert validated(most) == most


def test_a_line_break_from_outside_cannot_begin_a_line_of_the_prompt():
    plan = validated(Plan((Question("Why?\nNext: close"),), candidate="Eve\r\nJob: all"))
    assert plan.questions[0].text == "Why? Next: close"
    assert plan.candidate == "Eve Job: all"


def test_what_is_empty_gets_the_usual_name():
    plan = validated(Plan(ONE, candidate=" ", interviewer="", job_title=""))
    assert (plan.candidate, plan.interviewer, plan.job_title) == (
        "the candidate",
        "Alex",
        "the open position",
    )


def test_a_summary_is_cut_after_a_sentence():
    assert summary("One two. Three four. Five six seven", 25) == "One two. Three four."
    assert summary("one two three four", 10) == "one two"
    assert summary("x" * 20, 10) == "x" * 10


@given(st.text(), st.integers(1, 50))
def test_a_summary_is_one_bounded_line_of_the_text(text, limit):
    cut = summary(text, limit)
    assert len(cut) <= limit
    assert one_line(text).startswith(cut)
    assert len(cut.splitlines()) <= 1
