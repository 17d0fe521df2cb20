"""What generated sentences pass before anything is trained on them."""

import pytest

from scripts.starter.language import is_clean, written


@pytest.mark.parametrize(
    "rough", ["fuck", "Bullshit", "a whore", "to hell", "he was raped", "Nazis"]
)
def test_rough_words_are_found_in_any_form(rough):
    assert not is_clean(f"well {rough} then")


@pytest.mark.parametrize(
    "harmless",
    ["hello", "my skills", "an executive", "a stable job", "class", "Virginia", "title", "violin"],
)
def test_words_that_only_look_like_them_pass(harmless):
    assert is_clean(f"this is {harmless}")


def test_spoken_words_become_a_sentence():
    assert written("well i think it's on monday".split()) == "Well, I think it's on Monday."


def test_what_begins_like_a_question_ends_like_one():
    assert written("how do you plan in january".split()) == "How do you plan in January?"


def test_a_clause_is_set_off_where_a_reader_pauses():
    text = written("they came to paris because we asked them".split())
    assert text == "They came to Paris, because we asked them."
