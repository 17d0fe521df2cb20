"""The choosers with the starter's vocabulary and scores drawn by chance in place of a model:
whatever a model would like to say, its JSON is whole and fits, and its choice is one of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.llama.context import LlamaContext, Span
from models.llama.json_grammar import closing, grammar
from models.llama.sampling import (
    GREEDY,
    ChoiceChooser,
    FormChooser,
    LikeliestChooser,
    Sampling,
    SpeechChooser,
    in_string,
    speech_chooser,
)
from models.llama.weights import LlamaWeights

from .test_json_grammar import fits, schemas

STARTER = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf")


class Whims:
    """A context whose scores are random, and the same for the same seed."""

    def __init__(self, likes, seed):
        self.random = np.random.default_rng(seed)
        self.likes = likes

    def logits(self, row):
        return (self.random.normal(size=len(self.likes)) + self.likes).astype(np.float32)


@pytest.fixture(scope="module")
def weights():
    weights = LlamaWeights(STARTER, "cpu")
    yield weights
    weights.free()


@pytest.fixture(scope="module")
def likes(weights):
    """Pieces of characters are unlikely: put together by chance they are not UTF-8."""
    return np.array([0 if weights.piece(n).isascii() else -50 for n in range(weights.words)])


def write(weights, whims, schema, worded):
    chooser = FormChooser(whims, weights, grammar(schema), worded)
    tokens, written = 0, b""
    while not weights.ends(token := chooser.choose(0)):
        written += weights.piece(token)
        tokens += 1
    chooser.free()
    return written.decode(), tokens


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schemas(), st.integers(0, 2**32), st.integers(0, 60))
def test_whatever_the_model_likes_the_json_fits_and_ends_in_time(
    weights, likes, schema, seed, worded
):
    text, tokens = write(weights, Whims(likes, seed), schema, worded)
    assert fits(json.loads(text), schema)
    assert tokens <= worded + closing(schema)


@pytest.mark.parametrize(
    ("text", "inside"),
    [(b'{"a', True), (b'{"a"', False), (b'{"a\\"', True), (b'{"a\\\\"', False), (b"", False)],
)
def test_where_a_text_breaks_off_is_known(text, inside):
    assert in_string(text) is inside


def test_the_likeliest_token_is_the_one_that_the_library_would_choose(weights):
    context = LlamaContext(weights, sequences=2, cells=512, threads=1)
    theirs = SpeechChooser(context, weights, GREEDY)
    ours = speech_chooser(context, weights, GREEDY)
    try:
        assert isinstance(ours, LikeliestChooser)
        tokens = weights.tokens("Thank you for your answer about the museum.", special=False)
        for length in range(1, len(tokens)):
            context.clear()
            _, (row,) = context.compute([Span(0, 0, tokens[:length])], 1)
            assert ours.choose(row) == theirs.choose(row)
    finally:
        theirs.free()
        context.free()


def test_a_penalty_or_a_temperature_needs_the_librarys_samplers(weights):
    context = LlamaContext(weights, sequences=1, cells=512, threads=1)
    for sampling in (Sampling(repeat_penalty=1.1), Sampling(temperature=0.7)):
        chooser = speech_chooser(context, weights, sampling)
        assert isinstance(chooser, SpeechChooser)
        chooser.free()
    context.free()


def written(weights, chooser, most=60):
    """What is written, with the tokens that need not be computed."""
    text = b""
    for _ in range(most):
        token = chooser.choose(0)
        if weights.ends(token):
            break
        rest = chooser.rest()
        text += b"".join(map(weights.piece, (token, *(rest or ()))))
        if rest is not None:
            break
    chooser.free()
    return text.decode().strip()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32),
    st.lists(st.text("abc de", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=9),
)
def test_whatever_the_model_likes_one_of_the_choices_is_written(weights, likes, seed, choices):
    chooser = ChoiceChooser(Whims(likes, seed), weights, choices)
    assert written(weights, chooser) in choices


def test_what_follows_without_a_choice_is_not_computed(weights, likes):
    chooser = ChoiceChooser(Whims(likes, 1), weights, ("The salary is 3,400 euros a month.",))
    assert written(weights, chooser, most=1) == "The salary is 3,400 euros a month."
