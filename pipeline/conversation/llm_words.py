"""Read the words to be said from a language model's stream, within time limits."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import cast

from models.contracts import LlmStream, Message, Reasoning

from .llm_speech import LlmSpeech

FIRST_WORD_SECONDS = 4.0
"""Seconds after which an LLM without a single word is given up, and the move's own words are said.
Reasoning does not count as words."""
NEXT_WORD_SECONDS = 4.0
"""Seconds that each further piece of text may take."""
MAX_TOKENS = 120
"""Maximum tokens of a reply: a few sentences."""
REASONING_TOKENS = 1000
"""Maximum tokens of a reply with reasoning in front; on most machines the time limit ends it long
before."""
SHORT = 400
"""Characters of a short reply. One or two sentences are shorter; longer text without an end of
reasoning, from a model that may begin within it, is reasoning."""
UNCLEAR = 3
"""Number of slow replies that showed nothing, after which a model is taken to begin with speech."""
REASONS = (
    "the language model writes its reasoning into its replies; it is not said, but candidates wait"
    " for it and then often hear the plan's own words: switch it off, or take a model that does"
    " not reason (docs/models.md)"
)


async def read(
    llm: LlmStream,
    messages: Sequence[Message],
    speech: LlmSpeech,
    reasoning: Reasoning,
    *,
    max_tokens: int = MAX_TOKENS,
    choices: Sequence[str] = (),
) -> AsyncGenerator[str | None, None]:
    """Yield the words; None when everything before was reasoning. A reply that may begin within
    reasoning is held until it is known whether it does. Raises `TimeoutError` when there are no
    words for too long."""
    tokens = max_tokens
    if reasoning.seen or reasoning.unopened:  # which is none of the choices
        tokens, choices = REASONING_TOKENS, ()
    held: str | None = "" if reasoning.unopened is not False else None
    deadline = _now() + FIRST_WORD_SECONDS
    async with aclosing(_reply(llm, messages, tokens, choices)) as stream:
        while not speech.closed:
            piece = await _next(stream, deadline, held, reasoning)
            if piece is None:
                break
            unopened = speech.unopened
            said = speech.feed(piece)
            reasoning.seen = reasoning.seen or speech.reasoned
            if speech.unopened > unopened:
                reasoning.unopened, held = True, None
                yield None
            elif held is not None and speech.reasoned:  # its text has the opening tag
                reasoning.unopened, said, held = False, held + said, None
            if held is not None:
                held += said
            elif said:
                yield said
                deadline = _now() + NEXT_WORD_SECONDS
    rest = (held or "") + speech.flush()
    if rest and (held is None or _is_speech(rest, reasoning)):
        yield rest


def _reply(
    llm: LlmStream, messages: Sequence[Message], tokens: int, choices: Sequence[str]
) -> AsyncGenerator[str, None]:
    stream = llm.reply(messages, max_tokens=tokens, choices=choices)
    return cast(AsyncGenerator[str, None], stream)


async def _next(
    stream: AsyncIterator[str], deadline: float, held: str | None, reasoning: Reasoning
) -> str | None:
    """Return the next piece; None at the end. Raises `TimeoutError` after the deadline."""
    try:
        async with asyncio.timeout_at(deadline):
            piece = await anext(stream, None)
        if _now() > deadline:  # a stream that is always ready never lets the timeout end it
            raise TimeoutError
    except TimeoutError:
        if held is not None:
            _timed_out(held, reasoning)
        raise
    return piece


def _is_speech(held: str, reasoning: Reasoning) -> bool:
    """Return True if a reply that ended without an end of reasoning was speech."""
    reasoning.unopened, reasoning.unclear = len(held) > SHORT, 0
    return not reasoning.unopened


def _timed_out(held: str, reasoning: Reasoning) -> None:
    """Note that a reply was still held when its time ran out."""
    if len(held) > SHORT:
        reasoning.unopened = True
    elif held:
        reasoning.unclear += 1
        if reasoning.unclear >= UNCLEAR:
            reasoning.unopened, reasoning.unclear = False, 0


def _now() -> float:
    return asyncio.get_running_loop().time()
