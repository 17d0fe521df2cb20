"""Heads of prompts that are kept for all conversations, with the starter weights."""

import asyncio

import pytest

from models.contracts import Message
from models.llama.context import Outcome
from models.llama.llm import HEADS

from .test_llm import NAMES, engine, opening, said

HEAD = (
    Message("system", "You take notes. Write down what is named, in two to five words."),
    Message("user", "I built the appointment system for our clinic."),
    Message("assistant", "the appointment system"),
)
ANSWER = Message("user", "We renovated the roof.")
CHOICES = ("the roof", "renovated the roof")


async def new_tokens(llm, messages, choices=CHOICES):
    """The tokens that a new conversation has to read."""
    read, stream = llm.counts.read, llm.open()
    assert await said(stream, messages, choices=choices) in CHOICES
    stream.close()
    return llm.counts.read - read


async def test_every_session_reads_only_what_comes_after_a_head():
    async with engine(sequences=2) as llm:
        before = await new_tokens(llm, (*HEAD, ANSWER))
        await llm.keep([HEAD])
        after = [await new_tokens(llm, (*HEAD, ANSWER)) for _ in range(3)]
    assert before > 40
    assert max(after) < 20


async def test_a_head_outlasts_more_conversations_than_there_are_sequences():
    async with engine(sequences=2, context=256, cells=640) as llm:
        await llm.keep([HEAD])
        await asyncio.gather(*(said(llm.open(), opening(name), max_tokens=20) for name in NAMES))
        assert await new_tokens(llm, (*HEAD, ANSWER)) < 20


async def test_several_heads_are_kept_and_new_ones_take_their_place():
    other = (Message("system", "Speak only of lighthouses, foghorns and the keepers' gardens."),)
    async with engine() as llm:
        await llm.keep([HEAD, other])
        assert await new_tokens(llm, (*HEAD, ANSWER)) < 20
        assert await new_tokens(llm, (*other, ANSWER)) < 20
        await llm.keep([other] * HEADS)
        assert await new_tokens(llm, (*other, ANSWER)) < 20
        with pytest.raises(ValueError, match="at most"):
            await llm.keep([other] * (HEADS + 1))


async def test_heads_are_computed_again_when_the_memory_was_lost():
    async with engine() as llm, asyncio.timeout(60):
        await llm.keep([HEAD])
        compute = llm._context.compute

        def fail(*_):
            llm._context.compute = compute
            return Outcome.FAILED, []

        llm._context.compute = fail
        with pytest.raises(Exception, match="could not compute"):
            await said(llm.open(), opening("Ana"))
        read = [await new_tokens(llm, (*HEAD, ANSWER)) for _ in range(4)]
    assert read[-1] < 20  # the head was computed beside the first ones


async def test_a_head_that_cannot_be_computed_is_given_up():
    async with engine() as llm, asyncio.timeout(60):
        compute = llm._context.compute
        llm._context.compute = lambda *_: (Outcome.FAILED, [])
        with pytest.raises(Exception, match="could not compute"):
            await llm.keep([HEAD])
        llm._context.compute = compute
        assert await new_tokens(llm, (*HEAD, ANSWER)) > 40
