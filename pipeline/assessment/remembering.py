"""A language model that weighs the same words once: an answer is read twice where words in it may
be meant for the assessor, and questions share criteria."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.contracts import Llm, LlmStream, Message


class Remembering:
    """A language model that remembers what it weighed; for one interview, since it forgets
    nothing."""

    def __init__(self, llm: Llm) -> None:
        self._llm = llm
        self._known: dict[tuple[Message, ...], tuple[float, ...]] = {}

    def open(self) -> LlmStream:
        return self._llm.open()

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        return await self._llm.fill(messages, schema, max_tokens=max_tokens)

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        asked = (*messages, Message("assistant", " ".join(options)))
        if asked not in self._known:
            self._known[asked] = await self._llm.weigh(messages, options)
        return self._known[asked]

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        await self._llm.keep(heads)
