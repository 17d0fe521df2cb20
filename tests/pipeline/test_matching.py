"""Whether certain words were said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.matching import quotes, says, was_heard, word_errors, words

QUESTION = "How do you find the cause of a fault in the field?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUESTION, True),
        (f"Thanks! {QUESTION.upper()} Take your time.", True),
        ("how do you find a cause of the fault in the field", True),
        ("How do you find the cause?", False),
        ("", False),
    ],
)
def test_a_question_is_said_with_at_most_one_word_in_five_wrong(text, said):
    assert says(text, QUESTION) == said


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Thanks. How do you find the cause of", True),
        ("Thanks. How do you find the", False),
        ("of a fault in the field", False),
        ("", False),
    ],
)
def test_a_question_is_heard_from_three_fifths_on(text, heard):
    assert was_heard(QUESTION, text) == heard


def test_a_quote_is_whole_words_in_order():
    assert quotes("saved 40 percent", "We SAVED 40 percent, he said")
    assert quotes("it’s done", "It's done.")
    assert not quotes("save", "We saved it")
    assert not quotes("percent 40", "40 percent")
    assert not quotes("…", "anything")


@pytest.mark.parametrize(
    ("understood", "errors"),
    [
        ("I like, to help PEOPLE!", 0),
        ("I like to help", 1),
        ("I do like to help all people", 2),
        ("I liked to help people", 1),
        ("", 5),
    ],
)
def test_word_errors_count_what_was_left_out_put_in_and_mistaken(understood, errors):
    assert word_errors("I like to help people.", understood) == errors / 5


@given(st.text(min_size=1))
def test_what_was_said_in_full_was_said_and_heard(question):
    assert says(question, question)
    assert was_heard(question, question) == bool(words(question))
