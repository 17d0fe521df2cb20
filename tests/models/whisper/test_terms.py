import pytest

from models.whisper.terms import MOST, Place, places, put, terms_of

NAMES = terms_of(("Siobhan Okonkwo", "Okonkwo", "Postgres", "mocha", "drip coffee", "light roast"))


def found(text, terms=NAMES):
    return [place.in_place(text) for place in places(text, terms)]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("Give me a light roast macho.", "Give me a light roast mocha."),
        ("I used post gress for it.", "I used Postgres for it."),
        ("My name is Oconquo.", "My name is Okonkwo."),
        ("I like trip coffee.", "I like drip coffee."),
    ],
)
def test_words_that_sound_like_a_term_are_found(heard, said):
    assert found(heard)[0] == said


@pytest.mark.parametrize(
    "text",
    [
        "I have worked as a software engineer for six years.",
        "I used Postgres, and drip coffee.",
        "",
        "Yes.",
    ],
)
def test_other_words_and_terms_that_are_there_already_are_left(text):
    assert found(text) == []


def test_a_part_of_a_term_that_is_there_is_no_other_term():
    assert found("a light-roast mocha", terms_of(("light roast", "latte", "mocha"))) == []


def test_short_terms_sound_like_too_many_words():
    assert terms_of(("Ada", "C#", "Go", "", "...")) == ()


def test_only_so_many_places_are_compared():
    assert len(places("macho " * 20, NAMES)) == MOST


def test_the_likeliest_of_terms_in_one_place_is_put_there():
    text = "I used post gress and trip coffee."
    likely = [
        (-3.0, Place(7, 17, "Postgres", 0.1)),
        (-2.0, Place(22, 33, "drip coffee", 0.1)),
        (-9.0, Place(7, 11, "Postman", 0.2)),
    ]
    assert put(text, likely) == "I used Postgres and drip coffee."
