"""How a grammar file is expanded."""

import random

from scripts.starter.grammar import Grammar, read, sentence_case


def expand(slots, slot="start", **made):
    return Grammar(slots, random.Random(1), made).one(slot)


def test_a_slot_is_filled_and_its_capital_kept():
    slots = {"start": ["{Animal} sees {animal}"], "animal": ["cat"]}
    assert expand(slots) == "Cat sees cat"


def test_alternatives_may_be_empty_and_hold_slots():
    found = {
        Grammar({"start": ["(a {x}|)go"], "x": ["b "]}, random.Random(seed)).one("start")
        for seed in range(20)
    }
    assert found == {"a b go", "go"}


def test_the_article_fits_what_follows():
    slots = {"start": ["a {x}, a house, a user, a uncle, A egg"], "x": ["apple"]}
    assert expand(slots) == "an apple, a house, a user, an uncle, An egg"


def test_code_may_make_up_what_a_slot_holds():
    assert expand({"start": ["{n} boxes"]}, n=lambda: "twelve") == "twelve boxes"


def test_comments_and_empty_lines_are_no_expansions(tmp_path):
    path = tmp_path / "grammar.txt"
    path.write_text("# note\n= one\na\n\n# note\nb\n= two\nc\n", encoding="utf-8")
    assert read(path) == {"one": ["a", "b"], "two": ["c"]}


def test_every_sentence_begins_with_a_capital():
    assert sentence_case("so it is.  then we go. ok?") == "So it is. Then we go. Ok?"
