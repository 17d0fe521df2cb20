from typing import Any

import pytest

from pipeline.default_plans import default_plan, plan_from_texts
from pipeline.plan import Plan, Question
from service.agenda import plan_of, shown, to_agenda
from service.tables import Interview


def test_a_plan_survives_the_table() -> None:
    plan = plan_from_texts("Python developer\nBuild things.", "I can.", "Maria Lopez")
    assert plan_of(Interview(agenda=to_agenda(plan))) == plan


@pytest.mark.parametrize(
    "agenda",
    [
        ["What is a list?", "What is a set?"],
        [{"question": "What is a list?"}, {"text": "What is a set?"}],
        [{"question_text": "What is a list?"}, 5, "", {}, {"text": 7}, "What is a set?"],
        {"questions": ["What is a list?", {"text": "What is a set?"}]},
    ],
)
def test_questions_that_somebody_listed_are_asked(agenda: Any) -> None:
    asked = plan_of(Interview(agenda=agenda)).questions
    assert [question.text for question in asked] == ["What is a list?", "What is a set?"]


@pytest.mark.parametrize("agenda", [None, [], {}, "x", 5, {"questions": []}, ["x" * 5000], [[]]])
def test_without_usable_questions_the_type_of_interview_decides(agenda: Any) -> None:
    interview = Interview(agenda=agenda, interview_type="promotion")
    assert plan_of(interview) == default_plan("promotion")


def test_an_unknown_type_is_held_as_the_usual_one() -> None:
    assert plan_of(Interview(interview_type="chess")) == default_plan()


def test_the_job_is_known_from_its_requirements() -> None:
    plan = plan_of(Interview(job_requirements="Nurse\nLooks after patients."))
    assert plan.job_title == "Nurse"
    assert "Looks after patients." in plan.job_summary


def test_a_page_shows_names_and_not_the_prompts_words_for_the_unknown() -> None:
    assert shown(Plan((Question("?"),))) == ("Candidate", "Interview")
    assert shown(Plan((), candidate="Maria", job_title="Nurse")) == ("Maria", "Nurse")
