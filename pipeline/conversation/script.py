"""The script of a reply, part by part: what the plan words, and between it the LLM's words or,
where they are late, refused or failed, ready ones."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from models.errors import EngineError

from ..errors import code_of
from . import llm_words
from .agent import LlmTask, Move
from .checked_words import checked
from .llm_speech import LlmSpeech
from .reply_context import ReplyContext
from .reply_part import Clause, ReplyPart
from .stats import Missing
from .stopwatch import Stopwatch

log = logging.getLogger(__name__)

CLAUSE_SECONDS = 30.0
"""Seconds after which a clause that has no voice yet is given up, and the reply goes on with the
next one."""
BREATH = 0.45
"""Seconds of silence after the lead-in in which the LLM's words are still waited for; with a longer
one it would sound as if the interviewer had been cut off."""
SOUND = 0.35
"""Seconds that they are waited for in addition when they are known and only have no sound yet."""
SOON = 0.1
"""Seconds before the end of what is being said at which a lead-in is due."""

Say = Callable[[Clause], Awaitable[None]]
"""Sends a clause at the pace at which it is heard."""
Wait = Callable[[asyncio.Event, float], Awaitable[bool]]
"""Waits for an event until the client has been silent for so many seconds; returns whether it
happened."""


class Script:
    """The script of one reply. Await `prepare` in one task and, once the reply may be heard,
    `perform` in another."""

    def __init__(self, context: ReplyContext, response: str, move: Move, watch: Stopwatch) -> None:
        self._context = context
        self._response = response
        self._move = move
        self._watch = watch
        self._opening, self._words, self._closing = ReplyPart(), ReplyPart(), ReplyPart()
        self._wording: asyncio.Task[None] | None = None
        self._missing: Missing = "refused"
        """Reason why the LLM has no words, if it ends without any."""
        self._performed = asyncio.Event()

    async def prepare(self) -> None:
        """Work out each part up to its first clauses, until all was said."""
        self._watch.mark("asked")
        async with asyncio.TaskGroup() as tasks:
            if task := self._move.task:
                self._wording = tasks.create_task(self._word(task), name="wording")
            await self._voice(self._move.opening, self._opening)
            await self._opening.end()
            await self._performed.wait()  # most often it is ready, so a guess need not pay for it
            await self._voice(self._move.closing, self._closing)
            await self._closing.end()

    # docs/decisions/045-lead-in.md: nobody waits for the LLM
    async def perform(self, say: Say, wait: Wait) -> None:
        """Say it all, the LLM's words if they come in time."""
        self._performed.set()
        while clause := await self._opening.take():
            await say(clause)
        if self._move.task:
            await self._say_words(say, wait)
        else:
            await self._say_now(self._move.lead, say)
            await self._say_now(self._move.instead, say)
        while clause := await self._closing.take():
            await say(clause)

    async def _say_words(self, say: Say, wait: Wait) -> None:
        words = self._words
        led = not await wait(words.begun, -SOON)  # what was said before has bought time, too
        if led:
            await self._say_now(self._move.lead, say)
            if await wait(words.known, BREATH):
                await wait(words.begun, BREATH + SOUND)
        worded = self._context.stats.worded
        if words.silent or not words.begun.is_set():
            worded[self._missing if words.silent else "late"] += 1
            self._give_up()
            if not led:
                await self._say_now(self._move.lead, say)
            return await self._say_now(self._move.instead, say)
        worded["lead_in" if led and self._move.lead else "model"] += 1
        self._watch.mark("words")
        while await wait(words.known, BREATH):
            if not (clause := await words.take()):
                return
            await say(clause)
        self._give_up()

    def _give_up(self) -> None:
        """Stop the LLM: it is done, or too late."""
        if self._wording and not self._wording.done():
            self._wording.cancel()

    async def _say_now(self, text: str, say: Say) -> None:
        for words in self._context.voice.clauses(text):
            if clause := await self._voiced(words):
                await say(clause)

    # Preparation

    async def _word(self, task: LlmTask) -> None:
        """Voice what may be said of the LLM's text."""
        context = self._context
        try:
            async with aclosing(checked(self._read(task), task)) as texts:
                async for text in texts:
                    if text is None:  # what it said before was reasoning
                        self._words.unsay()
                    else:
                        await self._voice(text, self._words)
        except (EngineError, TimeoutError) as exc:
            log.warning("reply %s: the LLM failed (%s)", self._response, type(exc).__name__)
            context.stats.failed("language_model", code_of(exc))
            self._missing = "failed"
        if context.reasoning.seen and not context.known.seen:
            log.warning(llm_words.REASONS)
        context.known.learn_from(context.reasoning)
        await self._words.end()

    async def _read(self, task: LlmTask) -> AsyncGenerator[str | None, None]:
        context = self._context
        words = llm_words.read(
            context.llm,
            task.messages,
            LlmSpeech(*context.names, context.language),
            context.reasoning,
            max_tokens=task.max_tokens,
            choices=task.choices,
        )
        async with aclosing(words) as pieces:
            async for piece in pieces:
                self._watch.mark("first_word")
                yield piece

    async def _voice(self, text: str, part: ReplyPart) -> None:
        """Voice a text of a part, clause by clause."""
        clauses = self._context.voice.clauses(text)
        part.expect(len(clauses))
        for clause in clauses:
            timed = part is self._words or not self._move.task
            if timed:
                self._watch.mark("first_clause")
            voiced = await self._voiced(clause)
            if timed and voiced:
                self._watch.mark("first_speech")
            if part is self._words and not voiced:
                self._missing = "failed"
            await part.add(voiced)

    async def _voiced(self, clause: str) -> Clause | None:
        try:
            async with asyncio.timeout(CLAUSE_SECONDS):
                audio = await self._context.voice.speak(clause)
        except (EngineError, TimeoutError) as exc:
            log.warning("reply %s: the voice failed (%s)", self._response, type(exc).__name__)
            self._context.stats.failed("voice", code_of(exc))
            return None
        return Clause(clause, audio) if audio.size else None
