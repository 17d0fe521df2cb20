"""Work ahead while the user speaks, so that the reply can begin at once: have the speech of what
may be said next made, and the turn so far read by the LLM. All of it may be thrown away."""

import asyncio
import logging
from typing import Any

from models.errors import EngineError

from ..matching import words
from .agent import Agent
from .recognition import Spawn
from .reply_context import ReplyContext

log = logging.getLogger(__name__)

MORE_WORDS = 4
"""Words by which a turn has to grow before the LLM reads on."""


class Ahead:
    """The work of one session that is done ahead, one piece of each kind at a time."""

    def __init__(self, agent: Agent[Any], context: ReplyContext, spawn: Spawn) -> None:
        self._agent = agent
        self._context = context
        self._spawn = spawn
        self._speaking: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._read = 0
        """Words of the turn that were read, or are being read."""

    def speak(self, *, besides: str = "") -> None:
        """Have the speech of what may come next made, while the voice has nothing urgent to do;
        `besides` is being said already."""
        texts = self._agent.upcoming()
        self._context.voice.want([text for text in texts if text != besides])
        if self._speaking is None or self._speaking.done():
            self._speaking = self._spawn(self._context.voice.fill(), name="ready-speech")

    def begin(self) -> None:
        """Have the LLM read the conversation up to the turn that begins now."""
        self._read = 0
        self._start_reading("")

    def read(self, partial: str) -> None:
        """Have the LLM read more of the turn."""
        count = len(words(partial))
        if count >= self._read + MORE_WORDS and self._start_reading(partial):
            self._read = count

    # docs/decisions/008-partial-prefill.md: the first thing to go under load
    def _start_reading(self, partial: str) -> bool:
        """Return False if the LLM is still reading: then there is no time for more."""
        if self._reading and not self._reading.done():
            return False
        self._reading = self._spawn(self._warm(partial), name="warm")
        return True

    async def _warm(self, partial: str) -> None:
        try:
            await self._context.llm.warm(self._agent.anticipate(partial))
        except EngineError as exc:  # only a head start is lost; the reply will tell what failed
            log.info("the language model was not warmed: %s", exc.code)
