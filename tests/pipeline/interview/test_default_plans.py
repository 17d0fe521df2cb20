"""Plans for interviews that bring no questions, and what is made of an advertisement."""

import pytest

from pipeline.errors import PlanInvalid
from pipeline.interview.default_plans import TYPES, default_plan, job_title_of, plan_from_texts
from pipeline.interview.plan import validated


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_has_five_or_six_questions_with_a_rubric_and_a_category(kind):
    plan = default_plan(kind, candidate="Maria", job_title="Engineer")
    assert len(plan.questions) in (5, 6)
    assert len({question.text for question in plan.questions}) == len(plan.questions)
    assert all(q.rubric and q.category != "general" for q in plan.questions)
    assert validated(plan) == plan


def test_no_type_is_a_role_assessment_and_an_unknown_one_is_refused():
    assert default_plan() == default_plan("role_assessment")
    with pytest.raises(PlanInvalid, match="interview_type: must be one of role_assessment"):
        default_plan("chat")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Senior Python Developer\n\nWe build services.", "Senior Python Developer"),
        ("\n# **Nurse**\nThe clinic …", "Nurse"),
        ("Job title: Cheese Maker (part time)\nDuties", "Cheese Maker"),
        ("Position – Forest Ranger", "Forest Ranger"),
        ("We are hiring a Data Analyst to join our team.", "Data Analyst"),
        ("We are a young company in the north.", ""),
        ("About us: we sell shoes all over the country and in the rest of the world too", ""),
        ("You will love this job.", ""),
        ("", ""),
    ],
)
def test_a_first_line_is_the_title_only_if_it_plainly_is_one(text, title):
    assert job_title_of(text) == title


def test_a_plan_from_texts_is_bounded():
    plan = plan_from_texts("Nurse\n" + "Care. " * 500, "Worked. " * 500, " Maria \n Silva ")
    assert (plan.job_title, plan.candidate) == ("Nurse", "Maria Silva")
    assert len(plan.job_summary) <= 600
    assert len(plan.candidate_summary) <= 600


def test_texts_that_are_empty_still_make_an_interview():
    plan = plan_from_texts("", "")
    assert plan.job_title == "the open position"
    assert plan.questions
