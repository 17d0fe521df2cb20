"""The language model in this process: llama.cpp, one context, many conversations at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts import Message
from ..device import NOBODY, Occupied
from ..engine_state import EngineState
from ..errors import EngineBusy, EngineError
from .batch_plan import Priority
from .context import BATCH, LlamaContext
from .job import Job
from .json_grammar import closing, grammar
from .sampling import (
    GREEDY,
    ChoiceChooser,
    Chooser,
    FormChooser,
    OptionChooser,
    Sampling,
    speech_chooser,
)
from .scheduler import Counts, Scheduler
from .sentence_end import EndChooser, ends_in
from .slots import Slots
from .token_log import TokenLog
from .weights import Device, LlamaChat, LlamaWeights

FORMS = 2
"""Forms filled at the same time."""
FORMS_WAITING = 64
"""Forms accepted at the same time, in progress or waiting; one more raises `EngineBusy`."""
HEADS = 6
"""Heads of prompts that can be kept for all conversations."""
HEAD_TOKENS = 400
"""Tokens of one of them, at most."""
LONGEST_CONTEXT = 4096
"""Tokens of one conversation, if the model was trained on that many: enough for an hour's
interview."""


@dataclass(frozen=True, slots=True)
class LlamaSize:
    """The share of the machine that the model may use."""

    threads: int = 2
    """Threads of a step while no other engine computes."""
    occupied: Occupied = NOBODY
    """The cores that the other engines compute on."""
    sequences: int = 8
    """Conversations (1..200) that are kept in memory and may generate at the same time. More can be
    open: they take turns."""
    context: int = LONGEST_CONTEXT
    """Tokens that one conversation may have, capped at what the model was trained on."""
    cells: int | None = None
    """Tokens that all conversations together may have, the heads that they share included; by
    default enough for all at their longest."""


ORDINARY_SIZE = LlamaSize()


class LlamaLlm:
    """The language model of this process; see `models.contracts.Llm`."""

    def __init__(
        self,
        weights: Path,
        *,
        device: Device = "cpu",
        sampling: Sampling = GREEDY,
        size: LlamaSize = ORDINARY_SIZE,
    ) -> None:
        """Load the weights; blocks. Raises `WeightsMissing`, `WeightsUnusable` or
        `DeviceUnavailable`."""
        self._weights = LlamaWeights(weights, device)
        self._chat = LlamaChat(self._weights)
        self._sampling = sampling
        self._room = min(size.context, self._weights.trained_context)
        enough = size.sequences * self._room + HEADS * HEAD_TOKENS
        cells = max(size.cells or enough, self._room) + BATCH
        sequences = size.sequences + FORMS + HEADS
        try:
            self._context = LlamaContext(
                self._weights, sequences=sequences, cells=cells, threads=size.threads
            )
        except EngineError:
            self._weights.free()
            raise
        slots = Slots(self._context, dialogues=size.sequences, forms=FORMS, heads=HEADS)
        occupied = size.occupied
        free = partial(occupied.left, size.threads)
        self._scheduler = Scheduler(
            self._context, self._weights, slots, free, lambda: occupied.begun
        )
        self._forms = 0
        self._reader = ThreadPoolExecutor(1, "vocabulary")
        self._ends: Future[NDArray[np.bool_]] | None = None
        """The tokens that end a sentence, once somebody asked: looking at all takes 0.3 s."""
        self._thread = Thread(target=self._scheduler.run, name="llama", daemon=True)
        self._thread.start()

    @property
    def counts(self) -> Counts:
        return self._scheduler.counts

    @property
    def state(self) -> EngineState:
        return self._scheduler.state(alive=self._thread.is_alive())

    def open(self) -> "LlamaStream":
        return LlamaStream(self)

    async def fill(
        self, messages: Sequence[Message], schema: Mapping[str, Any], *, max_tokens: int = 400
    ) -> str:
        """Fill in a form; see `Llm.fill`. The model itself words at most `max_tokens`; a few more
        may be needed to close the JSON. Raises `SchemaUnsupported` for a schema that no grammar can
        be made of, `EngineBusy` when too many are waiting."""
        rules, ending = grammar(schema), closing(schema) + 1
        worded = min(max_tokens, self._room // 2)
        answer = _Answer()
        job = Job(
            Priority.FILL,
            TokenLog(self._chat),
            tuple(messages),
            limit=max(self._room - worded - ending, self._room // 8),
            budget=worded + ending,
            chooser=lambda: FormChooser(self._context, self._weights, rules, worded),
            sink=answer,
        )
        await self._form(job, answer)
        return _checked("".join(answer.pieces))

    async def weigh(self, messages: Sequence[Message], options: Sequence[str]) -> tuple[float, ...]:
        """Weigh options against each other; see `Llm.weigh`. Raises `EngineBusy` when too many
        forms are waiting."""
        tokens = [self._weights.plain(option, starts=True)[0] for option in options]
        chooser = OptionChooser(self._context, tokens)
        answer = _Answer()
        limit = self._room - 1
        log = TokenLog(self._chat)
        job = Job(Priority.FILL, log, tuple(messages), limit, 1, lambda: chooser, answer)
        await self._form(job, answer)
        return chooser.shares

    async def ends(self, messages: Sequence[Message]) -> float:
        """Tell whether a sentence ends; see `SentenceEnd.ends`. Raises `EngineBusy` as `weigh`."""
        self._ends = self._ends or self._reader.submit(ends_in, self._weights)
        ends = await asyncio.shield(asyncio.wrap_future(self._ends))
        chooser = EndChooser(self._context, self._weights, ends)
        answer, log = _Answer(), TokenLog(self._chat)
        limit = self._room - 1
        job = Job(
            Priority.PAUSE, log, tuple(messages), limit, 1, lambda: chooser, answer, goes_on=True
        )
        await self._form(job, answer)
        return chooser.probability

    async def _form(self, job: Job, answer: "_Answer") -> None:
        """Run a job that nobody listens to, as one of a bounded number."""
        if self._forms >= FORMS_WAITING:
            raise EngineBusy(f"{FORMS_WAITING} forms are waiting already")
        self._forms += 1
        try:
            await self._run(job, answer)
        finally:
            self._forms -= 1

    async def keep(self, heads: Sequence[Sequence[Message]]) -> None:
        """Compute heads of prompts ahead; see `Llm.keep`. Raises `ValueError` for too many of
        them. A model that cannot copy the beginning of a sequence keeps none."""
        if len(heads) > HEADS:
            raise ValueError(f"{len(heads)} heads: at most {HEADS} can be kept; leave some out")
        self._scheduler.forget_heads()
        for head in heads if self._weights.rewinds else ():
            answer, log = _Answer(), self.new_log()
            job = Job(Priority.WARM, log, tuple(head), HEAD_TOKENS, 0, None, answer, head=True)
            await self._run(job, answer)

    async def aclose(self) -> None:
        """Stop everything and free the memory. Jobs in progress fail with `EngineError`."""
        self._scheduler.close()
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._reader.shutdown)
        self._context.free()
        self._weights.free()

    def reply_job(
        self,
        log: TokenLog,
        messages: Sequence[Message],
        max_tokens: int,
        choices: Sequence[str],
        sink: "_Pieces",
    ) -> Job:
        """Start a reply."""
        budget = min(max_tokens, self._room // 2)
        job = Job(
            Priority.REPLY,
            log,
            tuple(messages),
            limit=self._room - budget,
            budget=budget,
            chooser=lambda: self._chooser(choices),
            sink=sink,
        )
        self._scheduler.start(job)
        return job

    def _chooser(self, choices: Sequence[str]) -> Chooser:
        if choices:
            return ChoiceChooser(self._context, self._weights, choices)
        return speech_chooser(self._context, self._weights, self._sampling)

    async def warm(self, log: TokenLog, messages: Sequence[Message]) -> None:
        answer = _Answer()
        limit = self._room - self._room // 8  # a reply's words need room, too
        job = Job(Priority.WARM, log, tuple(messages), limit, 0, None, answer)
        await self._run(job, answer)

    def new_log(self) -> TokenLog:
        return TokenLog(self._chat)

    def close_log(self, log: TokenLog) -> None:
        self._scheduler.close_log(log)

    async def _run(self, job: Job, answer: "_Answer") -> None:
        self._scheduler.start(job)
        try:
            await answer.done
        finally:
            job.stopped = True


class LlamaStream:
    """One dialogue with the model; see `models.contracts.LlmStream`."""

    def __init__(self, llm: LlamaLlm) -> None:
        self._llm = llm
        self._log = llm.new_log()

    async def reply(
        self, messages: Sequence[Message], *, max_tokens: int = 120, choices: Sequence[str] = ()
    ) -> AsyncIterator[str]:
        pieces = _Pieces(max_tokens)
        job = self._llm.reply_job(self._log, messages, max_tokens, choices, pieces)
        try:
            async for piece in pieces:
                yield piece
        finally:
            job.stopped = True

    async def warm(self, messages: Sequence[Message]) -> None:
        await self._llm.warm(self._log, messages)

    def close(self) -> None:
        self._llm.close_log(self._log)


class _Pieces:
    """A queue of the pieces that a reply's reader has not taken yet. It has room for all tokens of
    the reply and its end, so the scheduler never waits for a reader."""

    def __init__(self, max_tokens: int) -> None:
        self.loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | EngineError | None] = asyncio.Queue(max_tokens + 1)

    def text(self, piece: str) -> None:
        self._queue.put_nowait(piece)

    def end(self, error: EngineError | None) -> None:
        self._queue.put_nowait(error)

    async def __aiter__(self) -> AsyncIterator[str]:
        while isinstance(piece := await self._queue.get(), str):
            yield piece
        if piece:
            raise piece


@dataclass(slots=True, eq=False)
class _Answer:
    """A sink that waits for the end of a job."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    pieces: list[str] = field(default_factory=list)
    done: asyncio.Future[None] = field(init=False)

    def __post_init__(self) -> None:
        self.done = self.loop.create_future()

    def text(self, piece: str) -> None:
        self.pieces.append(piece)

    def end(self, error: EngineError | None) -> None:
        if self.done.done():
            return
        if error:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


def _checked(text: str) -> str:
    """Check that the text is JSON. The grammar makes sure of it, but this text is stored."""
    try:
        json.loads(text)
    except ValueError as exc:
        raise EngineError(f"the model's JSON of {len(text)} characters is incomplete") from exc
    return text
