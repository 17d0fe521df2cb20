import re
from itertools import pairwise

import pytest

from pipeline.interview.variants import fitting, variant
from pipeline.language.known import LANGUAGES
from pipeline.matching import QUESTION_MARKS, words

WORDS = ("Thank you.", "I see.", "That is clear.")
NOTED = ("You mentioned {topic}.", "I have noted {topic}.")


def said_in_turn(variants, count, key=""):
    """What is said when one variant is asked for after another."""
    said: list[str] = []
    for _ in range(count):
        said.append(f"{variant(variants, said, key)} What did you do then?")
    return [reply.removesuffix(" What did you do then?") for reply in said]


def test_no_two_in_a_row_are_alike_and_all_come_up():
    said = said_in_turn(WORDS, 12)
    assert all(one != other for one, other in pairwise(said))
    assert set(said[:3]) == set(said[3:6]) == set(WORDS)


def test_the_same_journal_gives_the_same_choice():
    said = said_in_turn(WORDS, 7)
    again = [variant(WORDS, [f"{each} Next?" for each in said[:n]]) for n in range(7)]
    assert again == said


def test_interviews_with_another_key_begin_with_other_words():
    assert {variant(WORDS, [], key) for key in "abcdefgh"} > {variant(WORDS, [], "a")}


def test_a_sentence_is_known_again_whatever_filled_its_blank():
    first = variant(NOTED, [])
    assert variant(NOTED, [first.format(topic="the greenhouse")]) != first


def test_a_cut_sentence_does_not_count_as_said():
    first = variant(WORDS, [])
    assert variant(WORDS, [first.split()[0][:-1]]) == first


def test_a_sentence_of_which_only_the_first_word_was_heard_is_not_begun_again_at_once():
    first = variant(WORDS, [])
    assert variant(WORDS, [first.split()[0]]) != first
    noted = variant(NOTED, [])
    assert variant(NOTED, [noted.split()[0]]) != noted


THANKS = re.compile(r"\bthank")


def test_what_is_said_before_a_text_does_not_thank_once_more():
    assert fitting(WORDS, "Thanks for that.", [THANKS]) == WORDS[1:]
    assert fitting(WORDS, "You mentioned a dog.", [THANKS]) == WORDS
    assert fitting(WORDS[:1], "Thanks for that.", [THANKS]) == WORDS[:1]


def test_one_variant_alone_is_not_said_again_and_again():
    assert fitting(WORDS[:2], "Thanks for that.", [THANKS]) == WORDS[:2]


def test_without_variants_nothing_is_said():
    assert variant((), ["Hello."]) == ""


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=str)
def test_every_language_has_variants_of_the_right_form(language):
    many = language.sentences.variants
    assert min(len(many.leads), len(many.noted)) >= 6
    assert min(map(len, (many.follow_ups, many.pass_ons, many.settled))) >= 4
    assert len(many.more) >= 3
    assert all(f"{{{'topic'}}}" in each for each in (*many.noted, *many.more))
    assert all("{fact}" in each for each in many.facts)
    assert all(len(words(lead)) <= 4 for lead in many.leads)  # about a second
    for each in (*many.more, *many.follow_ups):
        assert each.endswith(QUESTION_MARKS)
    said = (*many.leads, *many.acknowledgements, *many.noted, *many.pass_ons)
    assert not [each for each in said if any(mark in each for mark in QUESTION_MARKS)]
