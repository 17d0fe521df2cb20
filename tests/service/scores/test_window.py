"""What a product's results window reads of the analysis is true, and never a zero for nobody."""

from typing import Any
from uuid import UUID

import pytest

from models import fake
from service.finalization.pending import pending
from service.storage.database import DATABASE
from service.storage.tables import Interview

from ..conftest import Client, Serve
from ..held import ENTRIES, CountingLlm, held

KEYS = {
    "summary": str,
    "strengths": list,
    "weaknesses": list,
    "score": (int, str),
    "job_fit": str,
    "recommendations": list,
    "skills_assessment": dict,
    "module_performance": dict,
    "assessment_fairness": dict,
    "fairness_adjustments": list,
}


async def stored(client: Client, interview_id: UUID) -> dict[str, Any]:
    """As the window reads it, from the row."""
    async with client.app[DATABASE].read() as db:
        row = await db.get_one(Interview, interview_id)
    assert row.ai_analysis is not None
    assert row.status == "completed"
    for key, kind in KEYS.items():
        assert isinstance(row.ai_analysis[key], kind), key
    return row.ai_analysis


async def finalized(client: Client, entries: Any = ENTRIES) -> UUID:
    interview_id = await held(client.app[DATABASE], entries)
    async with client.post("/finalize-interview", json={"interviewId": str(interview_id)}) as done:
        assert done.status == 200
    return interview_id


async def test_the_window_shows_what_was_assessed_and_says_what_was_not(
    serve: Serve, database_url: str
) -> None:
    client = await serve(fake.engines(llm=CountingLlm()), database_url=database_url)
    seen = await stored(client, await finalized(client))
    assert seen["score"] == seen["overall_score"] == 80
    assert seen["job_fit"].startswith("Strong (80 of 100")
    assert "not a decision" in seen["job_fit"]
    assert seen["weaknesses"] == seen["areas_for_improvement"]
    modules = seen["skills_assessment"]["agenda_modules"]
    assert modules["motivation"] == {"score": 80, "questions": 1, "answered": 1, "assessed": 1}
    assert seen["module_performance"]["motivation"] == 80
    missing = set(modules) - {"motivation"}
    assert missing
    for title in missing:
        assert modules[title]["score"] == "not assessed"
        assert seen["module_performance"][title].startswith("not assessed: the question was not")
    assert "1 answer was assessed; its score is 80 of 100." in seen["summary"]
    assert "Not assessed, because" in seen["summary"]
    assert "accent" in seen["assessment_fairness"]["notes"]
    assert seen["fairness_adjustments"] == []


@pytest.mark.parametrize("entries", [(), ENTRIES[:1]])
async def test_nobody_who_was_not_assessed_is_shown_a_number(
    serve: Serve, database_url: str, entries: Any
) -> None:
    client = await serve(database_url=database_url)
    seen = await stored(client, await finalized(client, entries))
    assert (seen["score"], seen["job_fit"]) == ("not assessed", "Not assessed")
    assert "there is no score" in seen["summary"]
    assert "The interview was not held" in seen["summary"]
    performed = seen["module_performance"].values()
    assert all(value.startswith("not assessed: ") for value in performed)


async def test_a_persons_score_is_what_the_window_shows_and_is_told_as_one(serve: Serve) -> None:
    client = await serve(fake.engines(llm=CountingLlm()))
    interview_id = await finalized(client)
    for question, score in ((0, 30), (1, 50)):
        given = {"score": score, "reason": "No example.", "by": "Jo Weber"}
        path = f"/interviews/{interview_id}/scores/{question}"
        async with client.put(path, json=given) as response:
            assert response.status == 200
            reviewed = (await response.json())["reviewed"]
    seen = await stored(client, interview_id)
    assert seen["score"] == reviewed["overall_score"] == 40
    assert seen["overall_score"] == 80
    assert seen["job_fit"].startswith("Weak (40 of 100 with the scores of a person")
    assert seen["module_performance"] == reviewed["skill_scores"]
    assert [each["adjustment"] for each in seen["fairness_adjustments"]] == [
        "Question 1: a person gave 30 of 100, the model 80. No example.",
        "Question 2: a person gave 50 of 100, the model none. No example.",
    ]
    assert "2 answers were scored by a person" in seen["assessment_fairness"]["notes"]
    assert seen["summary"].startswith(
        "2 answers were scored by a person; with that the score is 40 of 100."
        " What the model alone made of it: 2 of 2 questions were asked"
    )
    assert seen["summary"].count("by a person") == 1


async def test_a_persons_score_beside_none_of_the_model_is_not_said_to_be_missing(
    serve: Serve,
) -> None:
    client = await serve(fake.engines())
    interview_id = await finalized(client)
    given = {"score": 55, "reason": "Good.", "by": "Jo Weber"}
    async with client.put(f"/interviews/{interview_id}/scores/0", json=given) as response:
        assert response.status == 200
    seen = await stored(client, interview_id)
    assert seen["score"] == 55
    first, _, models = seen["summary"].partition(" What the model alone made of it: ")
    assert first == "1 answer was scored by a person; with that the score is 55 of 100."
    assert "there is no score" in models


async def test_a_mistake_in_an_engine_leaves_an_answer_unassessed_and_not_the_interview(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    class Mistaken(CountingLlm):
        async def fill(self, *given: Any, **more: Any) -> str:
            raise KeyError("choices")

    client = await serve(fake.engines(llm=Mistaken()))
    seen = await stored(client, await finalized(client))
    assert (seen["score"], seen["job_fit"]) == ("not assessed", "Not assessed")
    assert "not assessed: the model could not be asked" in seen["module_performance"].values()
    assert "a bug in asking the model" in caplog.text


def test_an_analysis_that_is_being_made_has_every_key() -> None:
    for key, kind in KEYS.items():
        assert isinstance(pending()[key], kind), key
