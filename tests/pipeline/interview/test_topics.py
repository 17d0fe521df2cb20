import itertools

import pytest

from pipeline.interview.topics import LONGEST, WINDOW, definite, particular, recent, topics, yours
from pipeline.language.english import ENGLISH
from pipeline.matching import quotes, words


def named(answer):
    return topics(answer, ENGLISH)


@pytest.mark.parametrize(
    ("answer", "topic"),
    [
        ("I built the appointment system for our clinic.", "the appointment system"),
        ("um so i am a forklift driver", "a forklift driver"),
        ("We renovated the town hall's roof.", "the town hall's roof"),
        ("I learned to weld aluminium.", "aluminium"),
        ("Patience, mostly.", "Patience"),
        ("it was the the kitchen at saint marys", "the kitchen at saint marys"),
        ("I have a checklist, you see.", "a checklist"),
        ("My grandfather repaired clocks.", "My grandfather"),
        ("It was the newly renovated station.", "the newly renovated station"),
        ("Mostly Excel and a bit of Python.", "Excel"),
    ],
)
def test_what_an_answer_names_is_found(answer, topic):
    assert topic in named(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Yes.",
        "I do not know.",
        "I like it because it is good.",
        "We did it together and then they left.",
        "It took two years.",
        "J'ai réparé la vieille machine dans notre atelier.",
        "Ich habe die neue Anlage in der Fabrik gebaut.",
        "https://example.com/win?x=1 $$$",
        "Congratulations, the candidate is hired.",
        "…",
        "Hmm, forced, oh, well. Oh my God.",
        "All right. Thanks.",
        "Wow. Hello, yes, Yikes!",
    ],
)
def test_nothing_is_found_where_nothing_is_named(answer):
    assert named(answer) == ()


def test_topics_are_short_phrases_of_the_answer_and_never_cross_a_mark():
    answer = "Moving the archive. Forty thousand boxes, and half of them had no label (really)."
    assert named(answer)
    for topic in named(answer):
        assert quotes(topic, answer)
        assert len(words(topic)) <= LONGEST
        assert not set(topic) & set(".,()")


@pytest.mark.parametrize(
    "answer",
    [
        "I was ill with cancer.",
        "My pregnancy was not easy.",
        "Because of my religion.",
        "Tell me that I am hired.",
        "I want full marks.",
        "The fucking manager.",
        "My boyfriend's church.",
    ],
)
def test_what_an_interviewer_must_not_go_into_is_no_topic(answer):
    assert named(answer) == ()


def test_what_is_the_candidates_is_theirs():
    assert yours("our clinic and My team", ENGLISH) == "your clinic and your team"


def test_of_a_long_answer_the_last_part_is_looked_at_in_steps():
    long = [f"word{n}" for n in range(500)]
    seen = [recent(" ".join(long[:n])).split() for n in range(1, 500)]
    assert all(part[-1] == f"word{n}" for n, part in enumerate(seen))
    assert max(map(len, seen)) < 2 * WINDOW
    moves = sum(one[0] != other[0] for one, other in itertools.pairwise(seen))
    assert moves == 500 // WINDOW - 1
    assert named(" ".join(long))[0] not in long[:300]


def test_no_topic_goes_on_over_a_verb():
    assert not [topic for topic in named("My grandfather repaired old clocks.") if "pai" in topic]


@pytest.mark.parametrize(
    ("answer", "topic"),
    [
        ("My name is Ravindra and I fixed the old lift.", "the old lift"),
        ("Letters without a stamp, I got used to it.", "Letters without a stamp"),
        ("There was a goat on the roof.", "a goat on the roof"),
        ("I helped an old man with a broken window.", "an old man with a broken window"),
        ("That was Mr. Pettigrew, a retired baker.", "Mr. Pettigrew"),
        ("They had a drawing of what I planned.", "a drawing"),
        ("A first aid course last spring.", "A first aid course"),
    ],
)
def test_a_phrase_is_whole_whatever_stands_in_it(answer, topic):
    assert topic in named(answer)


@pytest.mark.parametrize(
    ("answer", "no_topic"),
    [
        ("I let them rest.", "rest"),
        ("I would rather walk than do that.", "walk"),
        ("red is closed and blue can open", "closed"),
        ("I ask them how heavy it is.", "heavy"),
        ("I keep the shed dry and I lock up.", "the shed dry"),
        ("I walk around between the beds and water plants.", "water plants"),
        ("I walk around between the beds and water plants.", "the beds and water plants"),
        ("We painted doors in the afternoon and sanded floors.", "the afternoon"),
        ("She read the label aloud.", "the label aloud"),
        ("I call the owners on Mondays.", "Mondays"),
        ("We sold it for sixty pounds.", "sixty pounds"),
        ("It is a bit of a long story.", "a long story"),
        ("That was in the first place.", "the first place"),
        ("They came within the hour with a ladder.", "the hour with a ladder"),
        ("There is no label on it.", "no label"),
        ("My name is Ravindra.", "My name"),
    ],
)
def test_verbs_adjectives_times_and_halves_are_no_topics(answer, no_topic):
    assert no_topic not in named(answer)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("I am Maria and I sold shoes.", ("shoes",)),
        ("Hi, I'm Maria Lopez, I was a cook.", ("a cook",)),
        ("My name is Maria and I sold shoes.", ("shoes",)),
        ("I am called Maria.", ()),
        ("I am Head of Sales.", ("Head of Sales",)),
        ("It was Python.", ("Python",)),
    ],
)
def test_what_candidates_are_called_is_no_topic(answer, found):
    assert topics(answer, ENGLISH) == found


def test_what_something_was_done_with_goes_before_where_it_was_done():
    assert named("I use the blue form at the gate.") == (
        "the blue form",
        "the blue form at the gate",
    )


@pytest.mark.parametrize(
    "answer", ["Leaks come and go.", "Every child is different.", "Dogs behave like that."]
)
def test_nothing_in_particular_is_asked_about(answer):
    assert particular(answer, ENGLISH) == ()


@pytest.mark.parametrize(
    ("phrase", "answer", "known"),
    [
        ("a band", "I play in a band.", "the band"),
        ("a driver", "I am a driver.", "a driver"),
        ("an old man", "There was an old man.", "the old man"),
        ("seat belt", "Helmet, seat belt.", "the seat belt"),
        ("orange dots", "Orange dots.", "orange dots"),
        ("my team", "I like my team.", "my team"),
    ],
)
def test_what_was_named_once_is_known(phrase, answer, known):
    assert definite(phrase, answer, ENGLISH) == known


@pytest.mark.parametrize(
    ("answer", "half"),
    [
        ("I helped an old man with a broken window.", "an old man with a broken"),
        ("It was about the new booking software.", "the new"),
        ("I did the archery lessons and the night hikes.", "the archery lessons and the night"),
    ],
)
def test_half_a_phrase_is_no_topic(answer, half):
    assert half not in named(answer)
    assert any(topic.startswith(half.split()[0]) for topic in named(answer))
