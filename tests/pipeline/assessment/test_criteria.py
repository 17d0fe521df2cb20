"""A rubric is a list of criteria, whoever wrote it."""

import pytest

from pipeline.assessment.criteria import CRITERIA, DEFAULT_RUBRIC, criteria
from pipeline.interview.default_plans import TYPES, default_plan

USUAL = ("Is specific", "Gives an example", "States a result")


@pytest.mark.parametrize(
    ("rubric", "found"),
    [
        (DEFAULT_RUBRIC, USUAL),
        ("", USUAL),
        (" ;. ", USUAL),
        (
            "Describes one situation; says what they did themselves; states the result.",
            ("Describes one situation", "Says what they did themselves", "States the result"),
        ),
        ("Names a tool. Says why, and since when.", ("Names a tool", "Says why, and since when")),
        ("Knows 2.5 ways, e.g. joins; is honest", ("Knows 2.5 ways, e.g. joins", "Is honest")),
        (
            "Criteria: knows SQL; explains joins. Objectives: see the depth. Topics: joins; keys.",
            ("Knows SQL", "Explains joins"),
        ),
        ("Objectives: see the depth. Topics: joins; keys.", ("See the depth",)),
        ("Topics: joins; keys.", ("Joins", "Keys")),
        ("same; same", ("Same",)),
        ("Erklärt das Problem; nennt das Ergebnis", ("Erklärt das Problem", "Nennt das Ergebnis")),
    ],
)
def test_a_rubric_is_split_into_its_criteria(rubric, found):
    assert criteria(rubric) == found


def test_many_criteria_are_judged_with_their_neighbours():
    found = criteria(";".join(f"knows {n}" for n in range(10)))
    assert len(found) == CRITERIA
    assert "; ".join(found).lower() == "; ".join(f"knows {n}" for n in range(10))


@pytest.mark.parametrize("kind", TYPES)
def test_the_usual_plans_have_criteria_that_can_be_asked_one_by_one(kind):
    for question in default_plan(kind).questions:
        found = criteria(question.rubric)
        assert 1 <= len(found) <= 3
        assert all(len(each) < 80 for each in found)
