import pytest

from scripts.measure.hearing.words import Errors, counted, errors, slots_heard


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("two thirty p.m.", "2:30 PM"),
        ("the forty-two line Bible of fourteen fifty-five", "The 42-line Bible of 1455."),
        ("one oh nine, double", "1 0 9 double"),
        ("two thousand and twenty six", "2026"),
        ("one hundred and five", "105"),
        ("I'm sure it's Mr. Smith, y'know", "I am sure it is mister smith you know"),
        ("Um, I can't, uh, say [noise] so", "I cannot say so."),
        ("She's happy", "she is happy"),
        ("1,455 people", "1455 people"),
        ("my first job", "my 1st job"),
    ],
)
def test_differences_of_spelling_are_none(one, other):
    assert counted(one) == counted(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("four clubs", "five clubs"), ("john's house", "john is house"), ("twenty one", "twenty")],
)
def test_other_words_stay_different(one, other):
    assert counted(one) != counted(other)


def test_an_oh_that_is_no_digit_stays_a_word():
    assert counted("Oh, I see") == ["oh", "i", "see"]


def test_words_that_differ_are_counted_by_kind():
    found = errors("a b c d e g".split(), "a x c e g h".split())
    assert (found.said, found.substituted, found.lost, found.added) == (6, 1, 1, 1)
    assert found.share == pytest.approx(3 / 6)


def test_what_was_said_and_not_heard_is_lost():
    assert errors(["a", "b"], []) == Errors(2, 0, 2, 0)
    assert errors([], ["a"]).added == 1


def test_each_slot_word_counts_as_often_as_it_is_wanted():
    assert slots_heard((("soy", "milk"), ("milk",)), "with milk and soy".split()) == (2, 3)
