import math
from typing import Any

import pytest

from pipeline.interview.default_plans import default_plan, plan_from_texts
from pipeline.interview.plan import Plan, Question
from service.storage.agenda import display_names, plan_of, to_agenda
from service.storage.candidate_query import Details
from service.storage.tables import Interview, KeptPlan


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
    assert display_names(Plan((Question("?"),))) == ("Candidate", "Interview")
    assert display_names(Plan((), candidate="Maria", job_title="Nurse")) == ("Maria", "Nurse")


@pytest.mark.parametrize(
    ("wanted", "patience"),
    [(2, 2.0), (0.7, 0.7), (9, 3.0), (0, 0.5), ("long", 1.0), (True, 1.0), (math.inf, 1.0)],
)
def test_an_agenda_may_ask_for_patience(wanted: Any, patience: float) -> None:
    agenda = {"modules": [{"title": "Design", "topics": ["caching"]}], "patience": wanted}
    assert plan_of(Interview(agenda=agenda)).patience == patience
    assert plan_of(Interview(agenda={"questions": ["Why?"]} | agenda)).patience == patience


@pytest.mark.parametrize(
    "agenda",
    [
        '["What is a list?", "What is a set?"]',
        {"sections": [{"title": "Python", "questions": ["What is a list?", "What is a set?"]}]},
        [{"topic": "Python", "questions": [{"text": "What is a list?"}, "What is a set?"]}],
        {"title": "Python", "agenda": {"items": [["What is a list?"], "What is a set?"]}},
    ],
)
def test_questions_are_found_in_sections_and_in_json_that_is_a_text(agenda: Any) -> None:
    asked = plan_of(Interview(agenda=agenda)).questions
    assert [question.text for question in asked] == ["What is a list?", "What is a set?"]
    if not isinstance(agenda, str):
        assert {question.category for question in asked} == {"Python"}


def test_what_an_agenda_says_of_a_question_is_used_where_a_plan_can_have_it() -> None:
    agenda = [
        {"question": "Why?", "category": "motivation", "rubric": "Reasons.", "follow_ups": 3},
        {"question": "How?", "category": 7, "rubric": None, "follow_ups": "many", "x": ["Who?"]},
    ]
    asked = plan_of(Interview(agenda=agenda)).questions
    assert asked == (Question("Why?", 3, "Reasons.", "motivation"), Question("How?"))


def test_questions_that_cannot_be_asked_are_left_out_and_not_the_others() -> None:
    agenda = ["x" * 5000, "…", *(f"What is {number}?" for number in range(40))]
    asked = plan_of(Interview(agenda=agenda)).questions
    assert [question.text for question in asked] == [f"What is {number}?" for number in range(30)]


def test_json_without_an_end_ends() -> None:
    agenda: list[Any] = ["Why?"]
    for _ in range(500):
        agenda = [agenda]
    assert plan_of(Interview(agenda=agenda)) == default_plan()


@pytest.mark.parametrize(("given", "minutes"), [(45, 45), (None, 30), (0, 30), (100_000, 30)])
def test_the_planned_minutes_are_those_of_the_row(given: int | None, minutes: int) -> None:
    assert plan_of(Interview(duration_minutes=given)).minutes == minutes


KNOWN = Details(
    candidate_name="Maria  Lopez\n",
    candidate_position="Developer",
    candidate_skills="Python, SQL",
    candidate_summary="Ten years of experience.",
    job_title="Lead",
    job_summary="Leads five people.",
    required_skills="Patience",
)


def test_what_the_sites_tables_know_is_in_the_plan() -> None:
    plan = plan_of(Interview(agenda=["Why?"], job_requirements="Nurse\nLooks after people."), KNOWN)
    assert plan == Plan(
        (Question("Why?"),),
        candidate="Maria Lopez",
        job_title="Lead",
        job_summary="Leads five people. Required skills: Patience.",
        candidate_summary="Ten years of experience. Position: Developer. Skills: Python, SQL.",
        any_language=True,
    )


def test_a_plan_that_was_made_here_keeps_what_it_says() -> None:
    made = Plan((Question("Why?"),), candidate="Ann", job_summary="Care.", minutes=10)
    plan = plan_of(Interview(agenda=to_agenda(made)), KNOWN)
    assert (plan.candidate, plan.job_summary, plan.minutes) == ("Ann", "Care.", 10)
    assert plan.job_title == "Lead"
    assert plan.candidate_summary.startswith("Ten years")


@pytest.mark.parametrize(
    ("language", "of_plan"),
    [({}, ("en", True)), ({"language": "auto"}, ("en", True)), ({"language": "de"}, ("de", False))],
)
def test_a_language_that_is_left_out_is_left_open(
    language: dict[str, str], of_plan: tuple[str, bool]
) -> None:
    agenda = {"questions": [{"text": "Why?"}]} | language
    plan = plan_of(Interview(agenda=agenda))
    assert plan.questions == (Question("Why?"),)
    assert (plan.language, plan.any_language) == of_plan


def test_a_plan_from_before_languages_were_told_has_the_language_that_it_says() -> None:
    agenda = to_agenda(Plan((Question("Why?"),)))
    del agenda["any_language"]
    assert not plan_of(Interview(agenda=agenda)).any_language


def test_a_long_text_is_cut_and_what_is_short_stays() -> None:
    known = Details(candidate_summary="I did it. " * 200, candidate_skills="Python, SQL")
    text = plan_of(Interview(), known).candidate_summary
    assert len(text) <= 600
    assert text.endswith("I did it. Skills: Python, SQL.")


def test_an_interview_that_has_begun_keeps_its_plan() -> None:
    plan = Plan((Question("Why?"),), candidate="Ann")
    kept = KeptPlan(plan=to_agenda(plan))
    assert plan_of(Interview(agenda=["How?"], kept_plan=kept), KNOWN) == plan
