"""The grammar of short texts, with a model's wishes drawn by chance."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.contracts import Shape
from models.llama.sampling import GREEDY
from models.llama.shape_sampling import ChoiceChooser, ShapeChooser
from models.llama.shaping import ShapedText
from models.llama.weights import LlamaWeights

from .test_sampling import STARTER, Whims

STATEMENT, QUESTION, TWO = Shape(), Shape(question=True), Shape(sentences=2, question=True)


@pytest.fixture(scope="module")
def weights():
    weights = LlamaWeights(STARTER, "cpu")
    yield weights
    weights.free()


@pytest.fixture(scope="module")
def likes(weights):
    return np.array([0 if weights.piece(n).isascii() else -50 for n in range(weights.words)])


def grows(shape, text):
    """The text is written character by character."""
    shaped = ShapedText(shape)
    for character in text:
        if not shaped.allows(character):
            return False
        shaped.add(character)
    return True


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (STATEMENT, "I have noted the mother-in-law's 3.5 percent, thank you."),
        (STATEMENT, "Das habe ich mir gemerkt!"),
        (QUESTION, "What did you do about it?"),
        (QUESTION, "¿Cómo lo hizo?"),
        (TWO, "You said 4.50. What was that?"),
    ],
)
def test_a_text_of_the_shape_may_be_written_and_is_then_full(shape, text):
    assert grows(shape, text)
    shaped = ShapedText(shape)
    shaped.add(text)
    assert shaped.may_end
    assert shaped.is_full


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (STATEMENT, "What was that?"),
        (STATEMENT, "One. Two"),
        (STATEMENT, 'He said "no'),
        (STATEMENT, "A list:"),
        (STATEMENT, "*bold"),
        (STATEMENT, "one\n"),
        (STATEMENT, ", so"),
        (STATEMENT, "two  spaces"),
        (STATEMENT, "a pause ,."),
        (QUESTION, "Thank you. What"),
        (QUESTION, "What? Why"),
        (TWO, "One. Two. Three"),
        (TWO, "What? And"),
    ],
)
def test_what_breaks_the_shape_cannot_be_written(shape, text):
    assert not grows(shape, text)


def test_a_text_may_not_end_before_its_mark():
    shaped = ShapedText(QUESTION)
    shaped.add("Could you tell me how it went")
    assert not shaped.may_end
    shaped.add("?")
    assert shaped.may_end


def test_a_statement_of_two_sentences_may_end_after_one_and_is_full_after_two():
    shaped = ShapedText(Shape(sentences=2))
    shaped.add("One.")
    assert (shaped.may_end, shaped.is_full) == (True, False)
    shaped.add(" Two.")
    assert shaped.is_full


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
@given(st.integers(0, 2**32), st.sampled_from([STATEMENT, QUESTION, TWO]))
def test_whatever_the_model_likes_the_text_keeps_its_shape(weights, likes, seed, shape):
    chooser = ShapeChooser(Whims(likes, seed), weights, GREEDY, shape)
    text = written(weights, chooser)
    assert grows(shape, text)
    assert sum(text.count(mark) for mark in ".!?") <= shape.sentences or "." in text


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


def test_a_model_that_wants_to_end_too_early_ends_its_question(weights):
    class Ending:
        def logits(self, row):
            scores = np.zeros(weights.words, np.float32)
            scores[weights.end] = 9
            return scores

    chooser = ShapeChooser(Ending(), weights, GREEDY, QUESTION)
    chooser._text.add("Why is that")
    assert weights.piece(chooser.choose(0)) == b"?"
    assert chooser.rest() == ()
