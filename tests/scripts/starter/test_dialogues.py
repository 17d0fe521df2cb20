"""The documents that the interviewer learns from."""

import json
import random
from itertools import pairwise

import pytest

from pipeline.assessment.rating import SYSTEM
from pipeline.interview import wording
from pipeline.matching import quotes, words
from scripts.starter.answers import answer, as_heard
from scripts.starter.dialogues import KINDS, assessment, copying, document
from scripts.starter.language import is_clean
from scripts.starter.terms import Terms

LINES = [
    "We talked about the old garden and the weather.",
    "My brother repaired the kitchen window with wooden boards.",
    "The weather in the garden was better than in the kitchen.",
] * 3


@pytest.fixture
def terms():
    return Terms(random.Random(11), LINES, ["tion", "foo", "kitchen"])


def asked(note: str) -> str | None:
    """The question that a director's note gives word for word."""
    if "ask again: " in note:
        return note.split("ask again: ", 1)[1]
    return note.split(": ", 2)[2] if "ask question" in note else None


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_director_wants_asked_is_asked_word_for_word(kind, terms):
    heard = 0
    for _ in range(60):
        spoken = document(terms, kind)
        for (role, note), (_, reply) in pairwise(spoken):
            question = asked(note) if role == "system" and note.startswith("Next: ") else None
            if question:
                heard += 1
                assert reply.endswith(question)
    assert heard > 30


def test_the_last_answer_is_what_is_taken_up(terms):
    taken_up, asked_on = 0, 0
    for _ in range(40):
        spoken = document(terms, "topics")
        for (_, said), (_, note), (_, reply) in zip(*(spoken[i::3] for i in range(3)), strict=True):
            if note == wording.FOLLOW_UP_NOTE:
                asked_on += 1
                taken_up += bool({w for w in words(said) if len(w) > 5} & set(words(reply)))
    assert taken_up > asked_on / 2


def test_a_seed_gives_the_same_documents():
    made = [document(Terms(random.Random(4), LINES), "full") for _ in range(2)]
    assert made[0] == made[1]


def test_nothing_is_left_unfilled(terms):
    for kind in KINDS:
        for _ in range(80):
            text = " ".join(text for role, text in document(terms, kind) if role != "assistant")
            assert "{" not in text.replace('{"score"', "")
            assert "\x01" not in text


def test_what_is_made_up_passes_the_filter_of_rough_language():
    pieces = ["ass", "tion", "lo"]
    terms = Terms(random.Random(2), LINES, pieces)
    assert all(is_clean(terms.blend()) and is_clean(terms.syllables()) for _ in range(2000))


def test_an_acknowledgement_can_name_what_stands_in_the_answer(terms):
    for _ in range(300):
        given = answer(terms, 1, 3)
        if given.topic:
            assert given.topic.said in given.text


def test_what_a_recognizer_writes_keeps_the_topic(terms):
    for _ in range(200):
        given = answer(terms, 1, 1)
        again = as_heard(terms, given)
        assert again.topic is None or again.topic.said in again.text


def test_a_rating_is_json_and_cites_the_answer(terms):
    for _ in range(200):
        (_, system), (_, content), (_, reply) = assessment(terms)
        spoken = content.split("\nAnswer: ")[1].split("\nRubric: ")[0]
        found = json.loads(reply)
        assert system == SYSTEM
        assert 0 <= found["score"] <= 100
        assert quotes(found["evidence"], spoken) or not any(map(str.isalnum, spoken))


def test_copying_ends_with_what_was_to_be_copied(terms):
    for _ in range(50):
        spoken = copying(terms)
        assert spoken[-1][0] == "assistant"
        if spoken[0][1].startswith("Repeat: "):
            assert spoken[1][1] == spoken[0][1].replace("Repeat:", "Sure:")
