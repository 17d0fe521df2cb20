"""Let through of an LLM's words what its task's check allows: the text as a whole, or sentence by
sentence."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from .agent import LlmTask
from .clauses import Sentences


async def checked(
    words: AsyncGenerator[str | None, None], task: LlmTask
) -> AsyncGenerator[str | None, None]:
    """Yield the texts that may be said; None when everything before was reasoning. Reads `words` no
    further than it has to, and closes it. Raises what it raises, but a text that is checked
    sentence by sentence keeps the sentences before."""
    async with aclosing(words) as pieces:
        allowed = _whole(pieces, task) if task.whole else _sentence_by_sentence(pieces, task)
        async with aclosing(allowed) as texts:
            async for text in texts:
                yield text


async def _whole(
    pieces: AsyncIterator[str | None], task: LlmTask
) -> AsyncGenerator[str | None, None]:
    sentences, said = Sentences(), list[str]()
    async for piece in pieces:
        if piece is None:
            sentences, said = Sentences(), []
            continue
        said += sentences.feed(piece)
    said += sentences.flush()
    if text := task.check(" ".join(said)):
        yield text


async def _sentence_by_sentence(
    pieces: AsyncIterator[str | None], task: LlmTask
) -> AsyncGenerator[str | None, None]:
    sentences = Sentences()
    async for piece in pieces:
        if piece is None:
            sentences = Sentences()
            yield None
            continue
        for sentence in sentences.feed(piece):
            if not (text := task.check(sentence)):
                return
            yield text
    for sentence in sentences.flush():
        if text := task.check(sentence):
            yield text
