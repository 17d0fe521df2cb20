"""What candidates do, as it is asked about."""

import pytest

from pipeline.interview.topics import done
from pipeline.language.english import ENGLISH
from pipeline.language.known import language_of


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("I call the owners on Mondays.", ["how you call the owners on Mondays"]),
        (
            "i let the dogs sleep and then i brush them slowly that mostly works",
            ["how you let the dogs sleep", "how you brush them slowly"],
        ),
        ("I peel it and make a soup.", ["how you peel it and make a soup"]),
        ("I once put in a drain, mostly.", ["how you put in a drain"]),
        ("We sent our plan to my boss.", ["how you sent your plan to your boss"]),
        ("I do not eat much at night.", ["why you do not eat much at night"]),
        ("I like coffee and people.", ["why you like coffee and people"]),
        ("I would tear down the old fence.", ["how you would tear down the old fence"]),
        ("I ask them how heavy it is.", ["how you ask them how heavy it is"]),
        ("I try to learn why it leaks.", ["how you try to learn why it leaks"]),
        ("After two weeks I ring the owner.", ["how you ring the owner"]),
        (
            "I shut the branches one by one until I had it.",
            ["how you shut the branches one by one"],
        ),
        ("I switched my torch off.", ["how you switched your torch off"]),
        ("I count one drawer and mark what is old.", ["how you count one drawer"]),
    ],
)
def test_what_the_candidate_does_is_turned_to_you(answer, asked):
    assert list(done(answer, ENGLISH)) == asked


@pytest.mark.parametrize(
    "answer",
    [
        "I know the people there.",
        "I think about the money.",
        "I can't say anything about the boss.",
        "I am a night person.",
        "I have no free Saturday.",
        "They see me and then they do it.",
        "My aunt had a lot of work with it.",
        "I work.",
        "I told my wife about the church.",
        "J'ai réparé la machine.",
        "",
    ],
)
def test_what_is_no_deed_to_ask_about_is_left_alone(answer):
    assert done(answer, ENGLISH) == ()


def test_a_long_deed_is_cut_where_something_is_added():
    (asked,) = done(
        "I polished the old organ pipes with a soft cloth before each concert.", ENGLISH
    )
    assert asked == "how you polished the old organ pipes"


def test_another_language_has_no_deeds():
    assert done("I call the owners on Mondays.", language_of("de")) == ()
