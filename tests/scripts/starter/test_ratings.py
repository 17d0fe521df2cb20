"""The rule by which generated answers are rated."""

import json

from scripts.starter.ratings import evidence, rating

FULL = (
    "In my last job I managed a team of twelve people. We reduced waiting times by twenty percent "
    "within half a year, because I planned every shift with the nurses."
)


def score(answer: str, *keywords: str) -> int:
    return int(json.loads(rating(answer, keywords))["score"])


def test_a_full_answer_beats_a_vague_one_and_that_beats_nothing():
    vague = "I think it always depends on the situation that you are in."
    assert score(FULL, "shift") > score(vague, "shift") > score("I don't know.", "shift")


def test_what_the_rubric_names_counts():
    assert score(FULL, "shift") > score(FULL, "welding")


def test_improvements_say_what_is_missing():
    found = json.loads(rating("I think it always depends on who is there.", ["welding"]))
    assert found["improvements"] == ["Say more about welding", "Add a measurable result"]


def test_a_few_words_that_name_something_beat_none():
    assert score("Mostly with wooden boards.") > score("No, not really.")


def test_evidence_is_the_first_sentence_that_says_something():
    assert evidence("Sure. I planned every shift with the nurses.") == (
        " I planned every shift with the nurses"
    )


def test_evidence_ends_at_a_pause_or_after_twelve_words():
    assert evidence("First, I asked them, and then I wrote it down.") == " First, I asked them"
    assert len(evidence(FULL.replace(".", "").replace(",", "")).split()) == 12


def test_evidence_of_a_short_answer_is_the_answer():
    assert evidence("No.") == " No"


def test_evidence_begins_as_its_words_do_in_the_answer():
    assert evidence(FULL)[0] == " "
