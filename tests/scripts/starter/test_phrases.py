"""Noun phrases, and how an interviewer refers to the same things."""

import random

import pytest

from scripts.starter.phrases import phrase, plural, referred
from scripts.starter.terms import Terms

LINES = ["We talked about the old garden and the weather near the wooden kitchen window."] * 3


@pytest.fixture
def terms():
    return Terms(random.Random(5), LINES)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("box", "boxes"),
        ("key", "keys"),
        ("city", "cities"),
        ("van", "vans"),
        ("branch", "branches"),
    ],
)
def test_a_plural_is_spelled_as_english_spells_it(one, many):
    assert plural(one) == many


@pytest.mark.parametrize(
    ("article", "taken_up"), [("my", "your"), ("a", "the"), ("an", "the"), ("their", "their")]
)
def test_the_interviewer_speaks_of_the_same_thing(article, taken_up):
    assert referred(article) == taken_up


def test_what_is_taken_up_keeps_the_words_of_the_thing(terms):
    for _ in range(300):
        said, taken_up = phrase(terms)
        assert said.split()[-1] == taken_up.split()[-1]
        assert not {"my", "our"} & set(taken_up.split())


def test_a_theme_comes_back_within_a_document(terms):
    terms.new_theme()
    nouns = [terms.noun() for _ in range(200)]
    assert sum(noun in terms.theme for noun in nouns) > 15


def test_every_document_has_its_own_theme(terms):
    terms.new_theme()
    before = terms.theme
    terms.new_theme()
    assert terms.theme != before
