"""An agenda of modules becomes the plan, with its words, criteria and minutes."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import fake
from pipeline.interview.default_plans import default_plan
from pipeline.interview.plan import QUESTIONS, Plan, validated
from service.storage.agenda import agenda_problem, plan_of
from service.storage.database import DATABASE
from service.storage.module_wording import CLOSING, INTRODUCTION
from service.storage.tables import Interview

from ..conftest import Serve
from ..held import CountingLlm

USUAL: dict[str, Any] = {
    "total_duration_minutes": 45,
    "modules": [
        {
            "title": "Introduction",
            "duration_minutes": 5,
            "objectives": ["Build rapport"],
            "evaluation_criteria": ["Clear speech"],
            "topics": ["Background"],
        },
        {
            "title": "System Design",
            "duration_minutes": 15,
            "objectives": ["Assess the candidate's ability to scale a service"],
            "evaluation_criteria": {"Depth": "knows the trade-offs", "Breadth": 3},
            "topics": ["caching", "load balancing", "queues"],
        },
        {
            "title": "Teamwork",
            "duration_minutes": 10,
            "objectives": ["Evaluate the candidate's communication skills", "See how they argue"],
            "evaluation_criteria": [{"name": "Listening", "weight": 2}],
        },
        {
            "title": "Python",
            "duration_minutes": 10,
            "evaluation_criteria": "Exact words",
            "questions": ["What is a list?", {"text": "What is a set?", "rubric": "Unique."}],
        },
        {"title": "Closing", "duration_minutes": 5, "topics": ["Candidate questions"]},
    ],
}


def made(agenda: Any) -> tuple[Plan, str | None]:
    interview = Interview(agenda=agenda)
    plan = plan_of(interview)
    assert validated(plan) == plan
    return plan, agenda_problem(interview)


def test_each_module_is_asked_about_with_its_criteria_and_its_minutes() -> None:
    plan, problem = made(USUAL)
    assert problem is None
    assert plan.minutes == 45
    asked = [(question.category, question.text) for question in plan.questions]
    example = "with an example from your own work."
    assert asked == [
        ("Introduction", INTRODUCTION),
        (
            "System Design",
            f"Let's talk about System Design. Please tell me about caching, {example}",
        ),
        (
            "System Design",
            "Please tell me about load balancing: what did you do yourself, and what came of it?",
        ),
        ("System Design", f"Please tell me about queues, {example}"),
        (
            "Teamwork",
            f"Let's talk about Teamwork. Please tell me about your communication skills, {example}",
        ),
        ("Python", "What is a list?"),
        ("Python", "What is a set?"),
        ("Closing", CLOSING),
    ]
    rubrics = {question.text: question.rubric for question in plan.questions}
    assert "Depth: knows the trade-offs; Breadth" in rubrics[asked[1][1]]
    assert "Listening" in rubrics[asked[4][1]]
    assert rubrics["What is a list?"] == "Criteria: Exact words."
    assert rubrics["What is a set?"] == "Unique."
    shares: dict[str, int] = {}
    for question, share in zip(plan.questions, plan.shares, strict=True):
        shares[question.category] = shares.get(question.category, 0) + share
    assert shares == {m["title"]: m["duration_minutes"] * 60 for m in USUAL["modules"]}


@pytest.mark.parametrize(
    "agenda",
    [
        json.dumps(USUAL),
        json.dumps(json.dumps(USUAL)),
        "\ufeff" + json.dumps(USUAL),
        {"agenda": USUAL},
        {"agenda": json.dumps(USUAL)},
        USUAL | {"modules": json.dumps(USUAL["modules"])},
        USUAL | {"questions": [{"text": "Not this one?"}]},
        USUAL | {"modules": {m["title"]: m for m in USUAL["modules"]}},
        USUAL["modules"],
    ],
)
def test_the_same_agenda_in_other_wrappings_is_the_same_plan(agenda: Any) -> None:
    assert made(agenda) == made(USUAL)


@pytest.mark.parametrize(
    "number", ["NaN", "-Infinity", "1e400", "9" * 30, "9" * 5000, '"\\ude00"', '"cut \\ud83d"']
)
def test_one_odd_value_in_an_agenda_written_as_a_text_does_not_cost_the_agenda(number: str) -> None:
    wrapped = json.dumps(USUAL)[:-1] + f', "version": {number}}}'
    assert made(wrapped) == made(USUAL)
    minutes = json.dumps({"modules": [{"title": "Python", "duration_minutes": "?"}]})
    plan, problem = made(minutes.replace('"?"', number))
    assert (plan.questions[0].category, plan.minutes, problem) == ("Python", 30, None)


def test_half_of_a_character_in_an_agenda_written_as_a_text_is_left_out() -> None:
    plan, problem = made('{"modules": [{"title": "Smiles \\ud83d", "topics": ["lists\\ude00"]}]}')
    assert problem is None
    assert plan.questions[0].category.startswith("Smiles")
    assert "lists" in plan.questions[0].text
    plan, problem = made('["Why \\ud83d?"]')
    assert problem is None
    assert plan.questions[0].text.startswith("Why")


@pytest.mark.parametrize(
    ("agenda", "told"),
    [
        ({"modules": []}, "There is nothing to ask in the agenda"),
        ({"modules": [7, {}, {"title": " "}]}, "There is nothing to ask in the agenda"),
        ({"steps": ["Why?"]}, "There is nothing to ask in the agenda"),
        ("Talk about Python.", "There is nothing to ask in the agenda"),
        (7, "There is nothing to ask in the agenda"),
        ({"questions": []}, "There is nothing to ask in the agenda"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_usual_questions_are_asked(
    agenda: Any, told: str
) -> None:
    plan, problem = made(agenda)
    assert plan == default_plan()
    assert problem is not None
    assert told in problem


@pytest.mark.parametrize("agenda", [None, {}, [], "", ["Why?"], {"questions": ["Why?"]}])
def test_there_is_no_problem_where_nothing_was_wanted_or_all_is_used(agenda: Any) -> None:
    assert agenda_problem(Interview(agenda=agenda)) is None


def test_what_is_too_much_is_cut_with_a_note() -> None:
    module = {"duration_minutes": 20, "topics": list("abcd"), "evaluation_criteria": ["x" * 2000]}
    many = {"modules": [module | {"title": f"Part {n}"} for n in range(35)]}
    plan, problem = made(many)
    assert len({question.category for question in plan.questions}) == len(plan.questions) == 30
    assert plan.minutes == 180
    assert problem is not None
    for told in (
        "5 modules left out",
        "questions left out",
        "180 minutes",
        "35 modules with criteria cut",
    ):
        assert told in problem
    some = {"modules": [{"title": "A", "questions": ["Why?", "", "y" * 600]}, 5]}
    plan, problem = made(some)
    assert [question.text for question in plan.questions] == ["Why?"]
    assert problem is not None
    assert "1 module cannot be used" in problem
    assert "1 question cannot be asked" in problem
    assert "yyy" not in problem


def test_no_module_goes_without_a_question_while_another_has_many() -> None:
    long = {"title": "Long", "questions": [f"What is {n}?" for n in range(40)]}
    plan, problem = made({"modules": [long, {"title": "Short"}]})
    assert (len(plan.questions), plan.questions[-1].category) == (30, "Short")
    assert problem == "11 questions left out: a plan has 30 at most."


texts = st.text(max_size=20) | st.integers() | st.none() | st.booleans() | st.floats()
anything = st.recursive(
    texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
modules = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("title", "duration_minutes", "objectives", "topics", "questions"), anything
    )
    | {"evaluation_criteria": anything},
)


@given(st.lists(modules | anything, max_size=40), anything)
def test_whatever_stands_in_an_agenda_there_is_a_plan(listed: list[Any], total: Any) -> None:
    plan, _ = made({"total_duration_minutes": total, "modules": listed})
    assert len(plan.questions) in QUESTIONS


async def test_modules_come_back_by_their_titles(serve: Serve, database_url: str) -> None:
    client = await serve(fake.engines(llm=CountingLlm()), database_url=database_url)
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, agenda=json.dumps(USUAL)))
    async with client.get(f"/interviews/{interview_id}") as response:
        assert (await response.json())["agenda_problem"] is None
    socket = await client.ws_connect(f"/ws/interview/{interview_id}")
    while (await socket.receive_json())["type"] != "response.done":
        pass
    await socket.send_json({"type": "text", "content": "I like to help people and learn quickly."})
    while (await socket.receive_json())["type"] != "response.done":
        pass
    await socket.close()
    async with client.post("/finalize-interview", json={"interviewId": str(interview_id)}) as done:
        analysis = (await done.json())["analysis"]
    titles = [module["title"] for module in USUAL["modules"]]
    assert list(analysis["skills_assessment"]["agenda_modules"]) == titles
    assert list(analysis["module_performance"]) == titles
    assert analysis["module_performance"]["Introduction"] == analysis["score"] == 80
    assert analysis["module_performance"]["Closing"].startswith("not assessed: ")


async def test_an_agenda_that_cannot_be_used_is_told_and_logged_without_its_words(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    interview_id = uuid4()
    async with client.app[DATABASE].write() as db:
        db.add(Interview(id=interview_id, agenda={"steps": ["Secret word?"]}))
    async with client.get(f"/interviews/{interview_id}") as response:
        assert "nothing to ask" in (await response.json())["agenda_problem"]
    socket = await client.ws_connect(f"/ws/interview/{interview_id}")
    await socket.receive_json()
    await socket.close()
    assert "nothing to ask in the agenda" in caplog.text
    assert "Secret" not in caplog.text
