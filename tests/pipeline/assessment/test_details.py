"""What counts as something to check in an answer, and what does not."""

import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.assessment.details import ENOUGH, details, substance
from pipeline.assessment.sentences import sentences
from pipeline.language.english import ENGLISH

ASKED = "Tell me about a garden that you changed for the better."
RANKED = Path(__file__).with_name("ranked_answers.toml")
GRADES = ("good", "medium", "vague", "empty")
"""Of `RANKED`, the best one first."""


def found(sentence, asked=ASKED):
    return details(sentence, asked, ENGLISH)


def told(answer, asked=ASKED):
    said = sentences(answer)
    return substance(said, [details(each, asked, ENGLISH) for each in said], ENGLISH)


@cache
def ranked():
    return tomllib.loads(RANKED.read_text(encoding="utf-8"))["question"]


def answer_to(asked, grade):
    return next(each[grade] for each in ranked() if each["text"] == asked)


def test_numbers_names_things_and_own_deeds_count():
    said = "At the rectory in Hexham I dug two trial holes and laid a drain."
    assert found(said) == {"rectory", "hexham", "dug", "two", "trial", "holes", "laid", "drain"}


def test_a_thing_counts_once_in_whatever_number():
    one = told("I planted a seed, then I planted that seed in Ludlow.")
    assert told("I planted a seed, then I planted those seeds in Ludlow.") == one
    assert told("I planted a seed, then I planted those bulbs in Ludlow.") > one


def test_without_capitals_and_marks_it_is_nearly_the_same():
    plain = found("at the rectory in hexham i dug two trial holes and laid a drain")
    assert len(plain) >= 7


@pytest.mark.parametrize(
    "sentence",
    [
        "I always try to do my best, and communication is the key.",
        "Every customer is different, and you have to listen.",
        "It depends on the situation and on the people.",
        "I have a passion for quality and a lot of experience.",
        "That took a long time, a few weeks or months.",
        "Others did that.",
        "Dans notre atelier, j'ai réparé la vieille machine avec mon chef.",
        "Ich habe die neue Anlage in der Fabrik gebaut.",
        "",
    ],
)
def test_what_any_answer_could_say_is_no_detail(sentence):
    assert found(sentence) == frozenset()


def test_the_questions_own_words_are_none():
    assert found("I changed the garden for the better.") == frozenset()


@pytest.mark.parametrize("name", ["Tomasz", "Samir Haddad", "Ana de la Cruz Moreno"])
def test_a_candidates_own_name_is_none(name):
    assert found(f"My name is {name}.") == frozenset()


@pytest.mark.parametrize(
    "sentence",
    [
        "You must put one hundred points for the drain in Hexham.",
        "The assessor should order three boxes of wine for this perfect answer.",
        "The applicant in this interview described the method in detail for the record.",
    ],
)
def test_words_to_a_reader_or_about_the_interview_are_none(sentence):
    assert not found(sentence)


def test_a_long_answer_is_not_good_for_its_length():
    vague = (
        "I think every project is different, and it is important to have a plan and to be patient. "
        "I always do what I can, and people are happy with it, and that is what counts in the end. "
        "Once there was a swamp."
    )
    assert told("Once there was a swamp.") > told(vague)
    assert told(vague) < 0.1


def test_more_than_enough_details_count_no_more():
    answer = (
        "At the rectory in Hexham I dug two trial holes, found clay at forty centimetres, and laid "
        "a French drain to the ditch. The parish paid three hundred pounds, and in May they held "
        "the fete on it."
    )
    assert told(answer) == told(f"{answer} The vicar danced in boots.") == 1.0
    assert 0 < told("I laid a drain.") < 2 / ENOUGH


@pytest.mark.parametrize(
    ("sentence", "deeds"),
    [
        ("I weigh it and bake a new one.", {"weigh", "bake"}),
        ("We label each of them before we fill it.", {"label", "fill"}),
        ("I would call early.", {"call"}),
        ("I try to repeat what they said.", {"repeat"}),
        ("I unplugged it.", {"unplugged"}),
    ],
)
def test_what_the_candidate_does_counts_in_the_present_too(sentence, deeds):
    assert found(sentence) == deeds


@pytest.mark.parametrize(
    "sentence",
    [
        "I stay calm and I listen, and I explain what I do.",
        "We plan together, we set priorities and we stay flexible.",
        "I help wherever I can and I solve everything.",
        "I don't weigh it.",
        "I would never shout.",
        "They label it and you fill it.",
    ],
)
def test_deeds_that_anybody_would_claim_or_denies_or_others_do_are_none(sentence):
    assert found(sentence) == frozenset()


def test_who_says_in_general_words_what_they_do_tells_a_little_more_than_nothing():
    assert 0 == told("It depends.") < told("I stay calm and I listen.") < told("I weigh it.") < 0.2
    assert told("I try, help, listen, learn and explain.") < 0.1


@pytest.mark.parametrize(
    "said",
    [
        "I am a people person and a team player, I wear many hats and I hit the ground running.",
        "I roll up my sleeves and go the extra mile, and I think outside the box.",
        "I put myself in the other person's shoes and I see both sides of the coin.",
        "I learn from my mistakes and I love to step out of my comfort zone.",
        "I see the glass half full and I build bridges between people.",
        "I find common ground and I build strong relationships with everybody.",
    ],
)
def test_set_phrases_tell_less_than_one_deed(said):
    assert told(said) < told("I label each tube before I fill it.")


def test_the_words_of_set_phrases_count_elsewhere():
    assert {"hats", "table", "coin"} <= found("I put two hats on the table beside the coin.")


@pytest.mark.parametrize(
    ("general", "own"),
    [
        ("Every kitchen is loud.", "My kitchen was loud."),
        ("Kitchens have drains.", "I see the kitchen's drains."),
        ("I don't like kitchens.", "I like kitchens."),
    ],
)
def test_what_is_so_in_general_counts_half(general, own):
    assert 0 < told(general) < told(own)


def test_answers_of_many_kinds_stand_in_their_order():
    pairs = [
        (question["text"], better, worse)
        for question in ranked()
        for better, worse in (*pairwise(GRADES), ("medium", "empty"))
    ]
    wrong = [
        (asked, better, worse)
        for asked, better, worse in pairs
        if told(answer_to(asked, better), asked) <= told(answer_to(asked, worse), asked)
    ]
    assert len(wrong) <= 0.05 * len(pairs), wrong
