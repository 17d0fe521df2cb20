"""The exercises in small tasks that the interviewer learns from."""

import random

import pytest

from pipeline.assessment import weighing
from pipeline.interview.examples import ANSWERING, ASKING, NOTING
from pipeline.matching import words
from scripts.measure import held_out
from scripts.measure.check_paraphrases import fresh
from scripts.starter import heldout_plans
from scripts.starter.dialogues import document
from scripts.starter.exercises import MAKERS, exercise
from scripts.starter.language import is_clean
from scripts.starter.terms import TABLES, Terms

LINES = [
    "We talked about the old garden and the weather.",
    "My brother repaired the kitchen window with wooden boards.",
    "The weather in the garden was better than in the kitchen.",
] * 3
HEADS = {"note": NOTING, "ask": ASKING, "answer": ANSWERING, "weigh": weighing.HEAD}
COUNT = 60


@pytest.fixture(scope="module")
def made():
    """Exercises by kind."""
    terms = Terms(random.Random(23), LINES, ["tion", "foo", "kitchen"])
    return {kind: [exercise(terms, kind) for _ in range(COUNT)] for kind in MAKERS}


def measured_with() -> set[str]:
    """Everything that is written by hand to measure with and has more than three words."""
    asked = fresh()
    fresh_texts = [
        text
        for each in asked
        for text in (each.text, each.good, each.medium, each.good_again, each.medium_again)
    ]
    jobs = heldout_plans.source()["job"]
    given = [text for job in jobs for pair in job["answers"] for text in pair]
    known = {" ".join(words(text)) for text in (*held_out.texts(), *fresh_texts, *given)}
    return {text for text in known if len(text.split()) > 3}


def test_an_exercise_is_put_as_the_service_puts_it(made):
    for kind, head in HEADS.items():
        assert all(each.head == head and each.asked.role == "user" for each in made[kind])


def test_what_is_right_is_one_of_several_choices(made):
    for each in (each for kind in MAKERS for each in made[kind]):
        assert each.wanted in each.choices
        assert len(set(each.choices)) > 1


def test_no_place_among_the_choices_is_the_right_one(made):
    for kind in ("note", "answer", "weigh"):
        first = [each.choices.index(each.wanted) == 0 for each in made[kind]]
        assert 0.15 * COUNT < sum(first) < 0.85 * COUNT, kind


def test_a_general_word_is_not_taken_up(made):
    general = {" ".join(words(each)) for each in TABLES["general thing"]}
    for each in made["note"]:
        assert " ".join(words(each.wanted)) not in general


def test_what_says_nothing_meets_no_criterion(made):
    vague = {" ".join(words(each)) for each in TABLES["vague sentence"]}
    judged = {each.asked.content.split("\n")[1]: each.wanted for each in made["weigh"]}
    judged = {" ".join(words(text.removeprefix("Sentence: "))): met for text, met in judged.items()}
    assert {judged[text] for text in vague & set(judged)} == {"No"}


def test_a_seed_gives_the_same_exercises():
    first, second = (
        [exercise(Terms(random.Random(6), LINES), kind) for kind in MAKERS] for _ in range(2)
    )
    assert first == second


def test_what_is_measured_with_is_in_no_exercise_and_no_document(made):
    terms = Terms(random.Random(29), LINES)
    spoken = [text for _ in range(COUNT) for _, text in document(terms, "medium")]
    asked = [each.asked.content for kind in MAKERS for each in made[kind]]
    written = f" {' '.join(' '.join(words(text)) for text in (*spoken, *asked))} "
    assert [text for text in measured_with() if f" {text} " in written] == []


def test_what_is_measured_with_is_in_no_line_of_the_grammar():
    grammar = {" ".join(words(line)) for lines in TABLES.values() for line in lines}
    assert grammar.isdisjoint(measured_with())


def test_what_is_said_is_clean(made):
    assert all(is_clean(each.asked.content) for kind in MAKERS for each in made[kind])
