"""One reply of the agent: prepared ahead and held, then sent at the pace at which it is heard."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from models.contracts import SPEAKING_RATE, LlmStream, Reasoning, Samples, Voice
from models.errors import EngineError

from ..errors import code_of
from ..journal import ClauseSaid, ReplyEnded
from ..language.english import ENGLISH
from ..language.language import Language
from . import llm_words
from .agent import LlmTask, Move
from .checked_words import checked
from .clauses import split
from .journal_writer import JournalWriter
from .llm_speech import LlmSpeech
from .output import AudioDelta, AudioTranscriptDelta, ResponseCreated, ResponseDone
from .output_queue import OutputQueue
from .playout import FIRST_PIECE, PIECE, Playout, words_heard
from .stats import ConversationStats

log = logging.getLogger(__name__)

CLAUSES_AHEAD = 1
"""Clauses that are synthesized and not yet being sent. While a reply is held, this bounds the cost
of a wrong speculation; while it plays, it keeps the voice just ahead."""
CLAUSE_SECONDS = 30.0
"""Seconds after which a clause that has no voice yet is given up, and the reply goes on with the
next one."""

Status = Literal["completed", "cancelled"]


@dataclass(slots=True)
class Clause:
    """A clause of the reply. `at` is where it begins in the reply, once it is sent."""

    text: str
    audio: Samples
    at: int = 0


@dataclass(slots=True)
class Stopwatch:
    """Times at which the stages of a reply were reached, in seconds of the loop's clock."""

    now: Callable[[], float]
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str) -> None:
        self.marks.setdefault(stage, self.now())

    def between(self, start: str, end: str) -> float | None:
        """Return the milliseconds from one mark to another, or None if either is missing."""
        if start in self.marks and end in self.marks:
            return round((self.marks[end] - self.marks[start]) * 1000, 1)
        return None


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """Everything that the replies of a session need."""

    llm: LlmStream
    voice: Voice
    outputs: OutputQueue
    journal: JournalWriter
    clock: Callable[[], int]
    """The session's clock in ms."""
    stats: ConversationStats = field(default_factory=ConversationStats)
    names: tuple[str, str] = ("", "")
    """Names of the agent and the user."""
    language: Language = ENGLISH
    known: Reasoning = field(default_factory=Reasoning)
    """Evidence of all sessions about the model's reasoning."""
    reasoning: Reasoning = field(default_factory=Reasoning)
    """Evidence of this session."""


class Reply:
    """A reply. Make it, await `prepare()` in one task and, after the turn is committed, `play()` in
    another. `stop()` may come at any moment."""

    def __init__(self, context: ReplyContext, response: str, move: Move) -> None:
        self.response = response
        self.item = f"{response}_item"
        self.move = move
        self.watch = Stopwatch(asyncio.get_running_loop().time)
        self._context = context
        self._ready: asyncio.Queue[Clause | None] = asyncio.Queue(CLAUSES_AHEAD)
        self._going = asyncio.Event()
        self._going.set()
        self._playout = Playout()
        self._sent: list[Clause] = []
        self._announced = False
        self._most: int | None = None
        """Limit on the samples that the client has played, if it has reported one."""
        self._end: ReplyEnded | None = None

    # Preparation

    async def prepare(self) -> None:
        """Put clauses into the queue until the reply is complete."""
        self.watch.mark("asked")
        await self._say(self.move.opening)
        task = self.move.task
        if task and not await self._let_the_llm_say_it(task):
            await self._say(self.move.lead)
            await self._say(self.move.instead)
        await self._say(self.move.closing)
        await self._ready.put(None)

    async def _say(self, text: str) -> None:
        for clause in split(text, self._context.language):
            await self._voice(clause)

    async def _let_the_llm_say_it(self, task: LlmTask) -> bool:
        """Voice what may be said of the LLM's text; return True if that was anything."""
        context, said = self._context, False
        speech = LlmSpeech(*context.names, context.language)
        words = llm_words.read(
            context.llm,
            task.messages,
            speech,
            context.reasoning,
            max_tokens=task.max_tokens,
            shape=task.shape,
        )
        try:
            async with aclosing(checked(words, task)) as texts:
                async for text in texts:
                    if text is None:  # what it said before was reasoning
                        said = False
                        self._unsay()
                        continue
                    said = True
                    self.watch.mark("first_word")
                    await self._say(text)
        except (EngineError, TimeoutError) as exc:
            log.warning("reply %s: the LLM failed (%s)", self.response, type(exc).__name__)
            context.stats.failed("language_model", code_of(exc))
        if context.reasoning.seen and not context.known.seen:
            log.warning(llm_words.REASONS)
        context.known.learn_from(context.reasoning)
        return said

    def _unsay(self) -> None:
        """Drop the clauses that nobody has heard yet."""
        while not self._ready.empty():
            self._ready.get_nowait()

    async def _voice(self, clause: str) -> None:
        self.watch.mark("first_clause")
        try:
            async with asyncio.timeout(CLAUSE_SECONDS):
                audio = await self._context.voice.speak(clause)
        except (EngineError, TimeoutError) as exc:
            log.warning("reply %s: the voice failed (%s)", self.response, type(exc).__name__)
            self._context.stats.failed("voice", code_of(exc))
            return
        if audio.size:
            self.watch.mark("first_speech")
            await self._ready.put(Clause(clause, audio))

    # Playback

    async def play(self, recorded: asyncio.Event) -> None:
        """Send the reply piece by piece until the client has played all of it. `recorded` is set
        once the turn that it answers is on record."""
        await recorded.wait()
        self.watch.mark("recorded")
        self._context.outputs.put(ResponseCreated(self.response, self.item))
        self._announced = True
        while clause := await self._ready.get():
            await self._wait_until_due()
            said = ClauseSaid(self._context.clock(), self.response, clause.text)
            await self._context.journal.write(said).wait()
            await self._going.wait()
            clause.at = self._playout.sent
            self._sent.append(clause)
            self._context.outputs.put(AudioTranscriptDelta(self.response, self.item, clause.text))
            await self._send(clause.audio)
        await self._until_heard()

    async def _send(self, audio: Samples) -> None:
        at = 0
        while at < len(audio):
            await self._wait_until_due()
            piece = audio[at : at + (PIECE if self._playout.sent else FIRST_PIECE)]
            delta = AudioDelta(self.response, self.item, self._playout.sent, piece)
            await self._context.outputs.put_audio(delta)
            self._playout.send(len(piece), self._now())
            self.watch.mark("first_audio")
            at += len(piece)

    async def _wait_until_due(self) -> None:
        while True:
            await self._going.wait()
            wait = self._playout.due() - self._now()
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    async def _until_heard(self) -> None:
        await asyncio.sleep(max(0.0, self._playout.dry_at() - self._now()))
        await self._going.wait()

    def pause(self) -> None:
        """Send nothing more for now; the client plays what it has."""
        self._going.clear()

    def resume(self) -> None:
        self._going.set()

    # End

    def finish(self, status: Status, timing: dict[str, float]) -> str:
        """Report and record how the reply ended; return the words that were heard. Call it once,
        after `play` has ended or was cancelled."""
        late = self._context.outputs.drop_audio(self.response)
        played = min(self._playout.played(self._now()), self._playout.sent - late)
        self._end = self._ended(status, played if self._most is None else min(played, self._most))
        heard = self._end.heard
        text = " ".join(clause.text for clause in self._sent)
        done = ResponseDone(self.response, self.item, status, text, heard, timing)
        try:
            self._context.journal.write(self._end)
        finally:  # what was opened is closed, also where the record has no room
            if self._announced:  # of one that was stopped before it began, the client knows nothing
                self._context.outputs.put(done)
        return heard

    def truncate(self, played_ms: int) -> str | None:
        """Take in that the client has played no more than this. If the reply has ended and fewer
        words were heard than was thought, record that and return the words; otherwise return
        None."""
        self._most = played_ms * SPEAKING_RATE // 1000
        if self._end is None:
            return None
        end = self._ended(self._end.status, self._most)
        if len(end.heard) >= len(self._end.heard):
            return None
        self._end = end
        self._context.journal.write(end)
        return end.heard

    def _ended(self, status: Status, played: int) -> ReplyEnded:
        heard, unheard = self._heard(played)
        notices = self.move.notices_heard(heard)
        at = self._context.clock()
        return ReplyEnded(at, self.response, status, heard, unheard, notices)

    def _heard(self, played: int) -> tuple[str, str]:
        """Return the words that can have been heard, and the ones after them."""
        split = [words_heard(c.text, len(c.audio), played - c.at) for c in self._sent]
        heard = " ".join(before for before, _ in split if before)
        unheard = " ".join(after for _, after in split if after)
        return heard, unheard

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
