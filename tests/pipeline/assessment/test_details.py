"""What counts as something to check in an answer, and what does not."""

import pytest

from pipeline.assessment.details import ENOUGH, details, substance
from pipeline.assessment.sentences import sentences
from pipeline.language.english import ENGLISH

ASKED = "Tell me about a garden that you changed for the better."


def found(sentence, asked=ASKED):
    return details(sentence, asked, ENGLISH)


def told(answer):
    said = sentences(answer)
    return substance(said, [details(each, ASKED, ENGLISH) for each in said], ENGLISH)


def test_numbers_names_things_and_own_deeds_count():
    said = "At the rectory in Hexham I dug two trial holes and laid a drain."
    assert found(said) == {"rectory", "hexham", "dug", "two", "trial", "holes", "laid", "drain"}


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
