"""A language model with a deadline, so that an assessment ends with the answers judged by then."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.contracts import Llm, LlmStream, Message


@dataclass(frozen=True, slots=True)
class Punctual:
    """A language model with a deadline, a moment of `time.monotonic`. Answers for which no time is
    left count as failed, so the assessment ends with the answers that were judged."""

    llm: Llm
    until: float

    def open(self) -> LlmStream:
        return self.llm.open()

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """Fill in the schema before the deadline. Raises TimeoutError."""
        async with asyncio.timeout(self.until - time.monotonic()):
            return await self.llm.fill(messages, schema, max_tokens=max_tokens)

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        """Weigh the options before the deadline. Raises TimeoutError."""
        async with asyncio.timeout(self.until - time.monotonic()):
            return await self.llm.weigh(messages, options)

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        await self.llm.keep(heads)
