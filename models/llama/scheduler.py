"""The loop that computes for all conversations at once, on the thread that owns the model."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition
from time import monotonic, perf_counter
from typing import Any

from .. import device
from ..engine_state import EngineState, since
from ..errors import EngineError
from .batch_plan import APART, Chunks, Pace, Priority, Share, Work, next_step
from .context import BATCH, LlamaContext, Outcome, Span
from .job import Job, again
from .outbox import Outbox
from .slots import Slot, Slots
from .step_threads import StepThreads
from .weights import LlamaWeights

log = logging.getLogger(__name__)

BESIDE_SECONDS = 0.03
"""Time in seconds that reading may add to a step in which others write: less than a syllable of
speech."""
ALONE_SECONDS = 0.12
"""Longest time in seconds that a newcomer waits for a step that only reads. With half a billion
parameters on two cores that is 64 tokens, from which on the library attends in tiles."""
LEAST_CHUNK = 16
"""Tokens that a step may always read; smaller chunks waste more than they spare."""
FORM_EVERY = 8
"""Forms get one step in this many even while replies are written, so that they come to an end."""


@dataclass(slots=True)
class Counts:
    """Counters since the start, for measurements. Written by the scheduler's thread."""

    steps: int = 0
    read: int = 0
    """Prompt tokens computed."""
    reused: int = 0
    """Prompt tokens that were already in memory."""
    written: int = 0
    """Tokens generated."""
    preempted: int = 0
    """Number of times that a sequence was given up because memory was full."""


class Scheduler:
    """The scheduler of one model. `run` is the body of its thread; `start`, `submit` and `close`
    may be called from any."""

    def __init__(
        self,
        context: LlamaContext,
        weights: LlamaWeights,
        slots: Slots,
        free: Callable[[], int],
        begun: Callable[[], int] = lambda: 0,
    ) -> None:
        """`free` tells how many threads the other engines leave at this moment, `begun` how often
        one of them began to compute."""
        self.counts = Counts()
        self._threads = StepThreads(free, begun)
        self._context = context
        self._weights = weights
        self._slots = slots
        self._jobs: list[Job] = []
        self._inbox: deque[Callable[[], None]] = deque()
        self._changed = Condition()
        self._closed = False
        self._step_began: float | None = None
        self._pace = Pace(least=LEAST_CHUNK, capacity=BATCH, first=ALONE_SECONDS / 32)
        self._outbox = Outbox()

    def state(self, *, alive: bool) -> EngineState:
        """Return the engine's state. Only replies count as waiting, since nothing else is urgent.
        `alive` comes from the owner of the thread. Safe from any thread."""
        jobs = list(self._jobs)  # a copy at one moment
        seated = sum(job.slot is not None for job in jobs)
        asked = [
            job.asked
            for job in jobs
            if job.slot is None and job.priority is Priority.REPLY and not job.stopped
        ]
        waiting = since(min(asked, default=None))
        return EngineState(alive, len(asked), waiting, seated, since(self._step_began))

    def start(self, job: Job) -> None:
        """Queue a job. It replaces an earlier one of the same log."""
        self.submit(lambda: self._start(job))

    def close_log(self, owner: object) -> None:
        """End a conversation: stop its job and free its memory."""
        if not self._closed:
            self.submit(lambda: self._forget(owner))

    def forget_heads(self) -> None:
        """Give up what is kept for all conversations, before other heads are started."""

        def forget() -> None:
            for job in [j for j in self._jobs if j.head]:
                self._end(job)
            self._slots.forget_heads()

        self.submit(forget)

    def submit(self, command: Callable[[], None]) -> None:
        """Run a command between two steps."""
        with self._changed:
            if self._closed:
                raise EngineError("the language model is shut down")
            self._inbox.append(command)
            self._changed.notify()

    def close(self) -> None:
        """End the thread, in the middle of a step if necessary; jobs that wait fail."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._context.abort()

    def run(self) -> None:
        self._outbox.open()
        # docs/decisions/043-cores-over-time.md: a step that has begun keeps its threads
        device.give_way()
        while self._receive():
            try:
                self._step()
            except BaseException as exc:  # whatever it was, nobody may be left waiting
                log.exception("a step of the language model failed")
                self._fail(EngineError(f"the language model failed: {type(exc).__name__}"))
            self._outbox.deliver()
        self._fail(EngineError("the language model is shut down"))
        self._outbox.close()

    def _receive(self) -> bool:
        """Take incoming commands, waiting for one when there is nothing to do; return False at the
        end."""
        self._step_began = None
        with self._changed:
            while not (self._inbox or self._jobs or self._closed):
                self._changed.wait()
            commands = [self._inbox.popleft() for _ in range(len(self._inbox))]
        self._step_began = monotonic()
        for command in commands:
            try:
                command()
            except BaseException:  # the others are obeyed all the same
                log.exception("the language model could not do what it was told")
        return not self._closed

    def _start(self, job: Job) -> None:
        for other in [j for j in self._jobs if j.log is job.log]:
            if other.priority < job.priority and not other.stopped:
                return self._tell(job, job.sink.end, None)  # a reply is not disturbed by warming
            self._end(other)
        self._jobs.append(job)
        try:
            self._prepare(job)
        except BaseException as exc:  # this one's alone: the others go on
            log.exception("a request to the language model cannot be met")
            self._end(job, EngineError(f"the request cannot be met: {type(exc).__name__}"))

    def _prepare(self, job: Job) -> None:
        answers = job.chooser is not None and not job.goes_on
        prompt = job.log.prompt(job.messages, job.limit, reply=answers)
        if prompt.kept < len(job.messages):
            log.info("the context holds %d of %d messages", prompt.kept, len(job.messages))
        job.tokens = prompt.tokens
        if job.chooser:
            job.choosing = job.chooser()

    def _forget(self, owner: object) -> None:
        for job in [j for j in self._jobs if j.log is owner]:
            self._end(job)
        self._slots.forget_owner(owner)

    def _step(self) -> None:
        for job in [j for j in self._jobs if j.stopped]:
            self._end(job)
        self._seat()
        jobs = {n: job for n, job in enumerate(self._jobs) if job.slot}
        work = [
            Work(n, job.priority, job.pending, job.pending == 1 and job.writing.begun)
            for n, job in jobs.items()
        ]
        fills = self.counts.steps % FORM_EVERY == 0
        chunks = Chunks(BATCH, self._pace.chunk(ALONE_SECONDS), self._pace.chunk(BESIDE_SECONDS))
        self.counts.steps += 1
        if shares := next_step(work, chunks, fills=fills):
            self._compute([(jobs[share.job], share) for share in shares])

    def _seat(self) -> None:
        """Give sequences to the jobs that have none, the most urgent first."""
        waiting = [job for job in self._jobs if not job.slot and not job.held]
        for job in sorted(waiting, key=lambda job: job.priority):
            job.slot = self._slot_for(job)
            if job.slot is None and job.priority is Priority.REPLY:
                job.slot = self._instead_of_warming(job)
            if job.slot is None:
                continue
            leave = 1 if job.choosing else 0
            self.counts.reused += self._slots.begin(job.slot, job.tokens, leave=leave)
            if not job.pending:
                self._end(job)

    def _slot_for(self, job: Job) -> Slot | None:
        if job.head:
            return self._slots.take_head(job)
        return self._slots.take(job.log, form=job.priority in APART)

    def _instead_of_warming(self, job: Job) -> Any:
        warming = [j for j in self._jobs if j.slot and j.priority is Priority.WARM and not j.head]
        if warming:
            self._end(warming[-1])
        return self._slots.take(job.log, form=False)

    def _compute(self, shares: list[tuple[Job, Share]]) -> None:
        spans = []
        for job, share in shares:
            assert job.slot
            start = len(job.slot.tokens)
            tokens = job.tokens[start : start + share.tokens]
            scored = job.choosing is not None and share.tokens == job.pending
            spans.append(Span(job.slot.sequence, start, tokens, scored))
        size = sum(len(span.tokens) for span in spans)
        began = perf_counter()
        threads = self._threads.choose(size, began)
        outcome, rows = self._context.compute(spans, threads)
        if outcome is Outcome.FULL:
            return self._make_room()
        self._threads.took(size, threads, perf_counter() - began, perf_counter())
        if outcome is Outcome.FAILED:
            if self._closed:
                return None  # aborted; `run` tells all who wait
            return self._fail(EngineError("the language model could not compute"))
        for (job, _), span, row in zip(shares, spans, rows, strict=True):
            if job.priority is Priority.FILL:
                self._outbox.deliver()  # nobody waits for a grammar
            try:
                self._advance(job, span, row)
            except BaseException as exc:  # this one's alone, as above
                log.exception("the language model cannot go on with a request")
                if job in self._jobs:
                    error = EngineError(f"the language model failed: {type(exc).__name__}")
                    self._end(job, error)
        self._pace.took(size, perf_counter() - began)

    def _advance(self, job: Job, span: Span, row: int) -> None:
        """Continue a job whose span the model has read."""
        assert job.slot
        job.slot.tokens.extend(span.tokens)
        if len(span.tokens) > 1 or not job.writing.begun:
            self.counts.read += len(span.tokens)
        if job.pending:
            return
        if job.choosing is None:
            return self._end(job)
        token = job.choosing.choose(row)
        if self._weights.ends(token):
            return self._end(job)
        self._write(job, token)
        rest = job.choosing.rest()
        for following in rest or ():
            self._write(job, following)
        if job.budget <= 0 or rest is not None:
            self._end(job)

    def _write(self, job: Job, token: int) -> None:
        if job.budget <= 0:
            return
        self.counts.written += 1
        job.tokens.append(token)
        job.budget -= 1
        if piece := job.writing.add(token, self._weights.piece(token)):
            self._tell(job, job.sink.text, piece)

    def _end(self, job: Job, error: EngineError | None = None) -> None:
        """End a job and log what it generated: that may turn up in the history even if the job was
        stopped."""
        self._jobs.remove(job)
        if job.priority is Priority.REPLY:
            job.log.said(job.writing.generated)
        if job.slot and not job.head:
            self._slots.rest(job.slot)
        elif job.slot and job.pending:
            self._slots.forget(job.slot)
        if job.choosing:
            job.choosing.free()
        self._tell(job, job.sink.end, error)
        for other in self._jobs:
            other.held = False

    def _make_room(self) -> None:
        """Free memory when it is full: forget the conversation that was silent longest, or else
        make the least urgent job wait and begin again. Either has to be read again later."""
        self.counts.preempted += 1
        if self._slots.forget_idle():
            return
        seated = [job for job in self._jobs if job.slot]
        last = max(reversed(seated), key=lambda job: job.priority)
        assert last.slot
        self._slots.forget(last.slot)
        last.slot, last.held = None, True
        if len(seated) == 1:
            log.warning("a conversation of %d tokens fills the whole memory", len(last.tokens))
            self._end(last)

    def _fail(self, error: EngineError) -> None:
        self._context.clear()
        kept = [
            job for job in self._slots.heads if job not in self._jobs
        ]  # the others may fail again
        for job in list(self._jobs):
            self._end(job, error)
        self._slots.forget_all()
        for job in kept if not self._closed else ():
            self._start(again(job))

    def _tell(self, job: Job, callback: Callable[..., None], argument: Any) -> None:
        self._outbox.tell(job.sink.loop, callback, argument)
