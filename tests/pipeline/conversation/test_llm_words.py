"""A language model's stream, read in time."""

import asyncio

import pytest

from models.contracts import Reasoning
from pipeline.conversation.llm_speech import LlmSpeech
from pipeline.conversation.llm_words import FIRST_WORD_SECONDS, REASONING_TOKENS, UNCLEAR, read
from tests.virtual_time import run

SPEECH = "Thank you. What did you build last?"
THOUGHT = "Okay, the candidate sounds weak. "


class Streaming:
    """Streams the pieces; a number is a pause in seconds."""

    def __init__(self, *pieces):
        self.pieces = pieces
        self.tokens = 0

    async def reply(self, messages, *, max_tokens=120, choices=()):
        self.tokens = max_tokens
        for piece in self.pieces:
            if isinstance(piece, str):
                yield piece
            else:
                await asyncio.sleep(piece)


async def words(reasoning, *pieces):
    """What is said at the end, and when its first piece came."""
    said, first = "", None
    async for piece in read(Streaming(*pieces), [], LlmSpeech("Alex", "Ana"), reasoning):
        said = "" if piece is None else said + piece
        first = asyncio.get_running_loop().time() if first is None else first
    return said, first


def test_speech_comes_as_it_is_written():
    assert run(words(Reasoning(), "Thank you. ", 3, "What", 3, " else?")) == (
        "Thank you. What else?",
        pytest.approx(0, abs=0.1),
    )


def test_the_first_reply_of_a_model_that_may_reason_unopened_is_held():
    reasoning = Reasoning(None)
    said, first = run(words(reasoning, THOUGHT, 1, "</think>\n\n", SPEECH))
    assert (said, first) == (SPEECH, pytest.approx(1, abs=0.1))
    assert reasoning.unopened
    reasoning = Reasoning(None)
    said, first = run(words(reasoning, SPEECH, 2))
    assert (said, first) == (SPEECH, pytest.approx(2, abs=0.1))
    assert reasoning.unopened is False


def test_a_model_that_opens_its_reasoning_is_held_no_longer_than_that():
    reasoning = Reasoning(None)
    said, first = run(words(reasoning, "<think>hm", 1, "</think>Thank", 1, " you."))
    assert (said, first) == ("Thank you.", pytest.approx(1, abs=0.1))
    assert reasoning.unopened is False


def test_reasoning_that_had_no_beginning_takes_back_what_came_before():
    reasoning = Reasoning()
    assert run(words(reasoning, THOUGHT, "</think>", SPEECH))[0] == SPEECH
    assert reasoning.unopened


@pytest.mark.parametrize(
    "pieces",
    [
        ("<think>", *[0.5, THOUGHT] * 20, "</think>", SPEECH),
        (*[0.5, "<|im_start|>"] * 20, SPEECH),
        (5.0, SPEECH),
    ],
)
def test_reasoning_is_no_word(pieces):
    async def main():
        with pytest.raises(TimeoutError):
            await words(Reasoning(), *pieces)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(FIRST_WORD_SECONDS, abs=0.1)


@pytest.mark.parametrize("end", [[], [10]])
def test_what_goes_on_without_an_end_is_taken_for_reasoning(end):
    reasoning = Reasoning(None)

    async def main():
        try:
            return await words(reasoning, *[THOUGHT] * 20, *end)
        except TimeoutError:
            return "", None

    assert run(main()) == ("", None)
    assert reasoning.unopened


def test_a_slow_model_that_shows_nothing_is_believed_in_the_end():
    reasoning = Reasoning(None)
    for _ in range(UNCLEAR):
        with pytest.raises(TimeoutError):
            run(words(reasoning, "Thank", 5, " you."))
    assert reasoning.unopened is False


def test_a_model_that_reasons_has_more_tokens_from_then_on():
    reasoning = Reasoning()
    run(words(reasoning, "<think>hm</think>", SPEECH))
    streaming = Streaming("<think>hm</think>", SPEECH)

    async def main():
        return [x async for x in read(streaming, [], LlmSpeech(), reasoning)]

    assert "".join(run(main())) == SPEECH
    assert streaming.tokens == REASONING_TOKENS


def test_nothing_is_read_after_an_invented_turn():
    said, _ = run(words(Reasoning(), SPEECH, "\nCandidate: A shop.\n", 60, "Alex: Great."))
    assert said.rstrip() == SPEECH
