"""The sentences that the recognizer and the voice learn from."""

import re
from itertools import islice

import pytest

from scripts.starter.eval_recognizer import held_out
from scripts.starter.grammar import read
from scripts.starter.language import is_clean
from scripts.starter.sentences import GRAMMAR, Sentences, slots

MANY = 3000


@pytest.fixture(scope="module")
def utterances():
    source = Sentences(5)
    return [source.utterance() for _ in range(MANY)]


def test_a_seed_gives_the_same_sentences():
    first, second = Sentences(7), Sentences(7)
    assert [first.utterance() for _ in range(50)] == [second.utterance() for _ in range(50)]


def test_every_slot_that_is_used_is_there():
    used = {
        name
        for lines in read(GRAMMAR).values()
        for line in lines
        for name in re.findall(r"\{(.+?)\}", line)
    }
    assert {name for name in used if name not in slots() and name.lower() not in slots()} == set()


def test_sentences_are_written_out_clean_and_punctuated(utterances):
    for text in utterances:
        assert re.fullmatch(r"[A-Z][A-Za-z',.?' -]*[.?]", text), text
        assert is_clean(text)


def test_sentences_hardly_repeat(utterances):
    assert len(set(utterances)) > 0.85 * MANY


def test_no_phrase_of_four_words_takes_over(utterances):
    counts: dict[str, int] = {}
    for text in utterances:
        words = text.lower().split()
        for phrase in {" ".join(words[i : i + 4]) for i in range(len(words) - 3)}:
            counts[phrase] = counts.get(phrase, 0) + 1
    assert max(counts.values()) < 0.02 * MANY


@pytest.mark.parametrize("kind", ["interview", "general"])
def test_what_is_measured_with_is_never_generated(kind, utterances):
    sentences = {part for text in utterances for part in re.split(r"(?<=[.?]) ", text)}
    assert sentences.isdisjoint(held_out(kind))


@pytest.mark.parametrize(("kind", "least"), [("interview", 100), ("general", 60)])
def test_there_is_enough_to_measure_with(kind, least):
    assert len(set(islice(held_out(kind), 500))) >= least
