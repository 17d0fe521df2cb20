"""A language model by llama.cpp alone, and the same model in our engine."""

import asyncio
import itertools
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import llama_cpp

from models.contracts import LlmStream, Message
from models.llama.llm import LlamaLlm, LlamaSize
from models.speed import rate_together

PROMPTS = (40, 128)
"""Tokens of a prompt: a short answer in a task, and a conversation's beginning."""
AT_ONCE = (1, 2, 4)
BEFORE = 128
"""Tokens that each conversation has in memory while it writes."""
WRITTEN = 32
"""Tokens that each writes."""
WORDS = (
    "time work team year people thing world company question problem system place group country "
    "hand part week case point number fact water money month study book"
).split()
_COUNT = "Write all numbers from one to two hundred in words."
"""A task that does not end early."""


class Pair:
    """Both, with weights of their own."""

    def __init__(self, weights: Path, threads: int) -> None:
        self._llm = LlamaLlm(weights, size=LlamaSize(threads=threads, sequences=max(AT_ONCE)))
        self._loop = _PlainLoop(weights, threads)
        self._fresh = itertools.count()

    async def aclose(self) -> None:
        self._loop.free()
        await self._llm.aclose()

    async def library_reads(self, tokens: int) -> float:
        return tokens / await self._on_its_thread(partial(self._loop.read, tokens))

    async def library_writes(self, many: int) -> float:
        return many * WRITTEN / await self._on_its_thread(partial(self._loop.write, many, WRITTEN))

    async def _on_its_thread(self, measure: Callable[[], float]) -> float:
        """Measure on the scheduler's thread. If two threads of a process compute in turn, OpenMP
        counts the helpers of both, finds more threads than cores and hardly spins any more."""
        loop = asyncio.get_running_loop()
        took: asyncio.Future[float] = loop.create_future()
        self._llm._scheduler.submit(
            lambda: loop.call_soon_threadsafe(took.set_result, measure()) and None
        )
        return await took

    async def reads(self, tokens: int) -> float:
        """Return tokens read per second, by a conversation that begins like no other."""
        stream, text = self._llm.open(), self._text(tokens)
        before, began = self._llm.counts.read, time.perf_counter()
        await stream.warm((Message("user", text),))
        took = time.perf_counter() - began
        read = self._llm.counts.read - before
        stream.close()
        return read / took

    async def writes(self, many: int) -> float:
        """Return tokens per second, while all conversations write."""
        streams = [self._llm.open() for _ in range(many)]
        prompts = [(Message("user", self._text(BEFORE - 24) + _COUNT),) for _ in streams]
        for stream, messages in zip(streams, prompts, strict=True):
            await stream.warm(messages)
        times: list[list[float]] = [[] for _ in streams]

        async def reply(
            stream: LlmStream, messages: tuple[Message, ...], written: list[float]
        ) -> None:
            async for _ in stream.reply(messages, max_tokens=WRITTEN + 1):
                written.append(time.perf_counter())

        await asyncio.gather(*map(reply, streams, prompts, times))
        for stream in streams:
            stream.close()
        return rate_together(times)

    def _text(self, tokens: int) -> str:
        """Return a text of about so many tokens: most of these words are one."""
        n = next(self._fresh)
        words = (WORDS[(n * 7 + i * (n % 5 + 1)) % len(WORDS)] for i in range(tokens - 6))
        return f"{n}: {' '.join(words)}. "


class _PlainLoop:
    """The library's context with its own defaults, one sequence for each conversation."""

    def __init__(self, weights: Path, threads: int) -> None:
        self._model = llama_cpp.llama_model_load_from_file(
            str(weights).encode(), llama_cpp.llama_model_default_params()
        )
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = 512 * max(AT_ONCE)
        params.n_seq_max = max(AT_ONCE)
        params.n_batch = params.n_ubatch = 512
        params.n_threads = params.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(self._model, params)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._batch = llama_cpp.llama_batch_init(512, 0, 1)

    def free(self) -> None:
        llama_cpp.llama_batch_free(self._batch)
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self._model)

    def read(self, tokens: int) -> float:
        """Return the seconds that a prompt takes."""
        llama_cpp.llama_memory_clear(self._memory, True)
        return self._decode([(100 + n, n, 0, n == tokens - 1) for n in range(tokens)])

    def write(self, many: int, tokens: int) -> float:
        """Return the seconds in which `many` sequences write so many tokens each."""
        llama_cpp.llama_memory_clear(self._memory, True)
        for sequence in range(many):
            self._decode([(100 + n, n, sequence, False) for n in range(BEFORE)])
        return sum(
            self._decode([(200 + n, BEFORE + n, sequence, True) for sequence in range(many)])
            for n in range(tokens)
        )

    def _decode(self, rows: list[tuple[int, int, int, bool]]) -> float:
        batch = self._batch
        batch.n_tokens = len(rows)
        for n, (token, position, sequence, scored) in enumerate(rows):
            batch.token[n], batch.pos[n], batch.logits[n] = token, position, scored
            batch.n_seq_id[n], batch.seq_id[n][0] = 1, sequence
        began = time.perf_counter()
        if llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError("llama_decode failed")
        return time.perf_counter() - began
