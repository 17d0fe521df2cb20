"""Decide whose speech is transcribed next, and how much of it in one go."""

import asyncio
import contextlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Condition, Thread
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from ..contracts import Transcript
from ..engine_state import EngineState, since
from ..errors import EngineBusy, EngineError
from ..worker import settle, told
from .lines import Kind, Lines

WITHIN = {Kind.FINAL: 0.3, Kind.LOOK: 0.06, Kind.CAPTION: 0.1}
"""Seconds that a batch of each kind may take: whatever comes meanwhile waits for all of it."""


class Shaped(Protocol):
    @property
    def shape(self) -> Hashable:
        """The property that must be equal for requests to be transcribed together."""
        ...


Asked = TypeVar("Asked")
AskedIn = TypeVar("AskedIn", contravariant=True)
Ready = TypeVar("Ready", bound=Shaped)


class Recognizer(Protocol[AskedIn, Ready]):
    """A recognizer that does the blocking work; only the queue's thread calls it."""

    def prepare(self, request: AskedIn) -> Ready: ...

    def fitting(self, ready: Ready, seconds: float, most: int) -> int:
        """Return how many requests of this shape, at most `most`, take no longer than this
        together; at least 1."""
        ...

    def transcribe(self, batch: Sequence[Ready]) -> list[Transcript]: ...


Outcome = asyncio.Future[Transcript | None]


@dataclass(eq=False)
class _Job(Generic[Asked, Ready]):
    request: Asked
    outcome: Outcome
    recognizer: Recognizer[Asked, Ready]
    asked: float = field(default_factory=monotonic)

    @cached_property
    def ready(self) -> Ready:
        return self.recognizer.prepare(self.request)


class TranscriptionQueue(Generic[Asked, Ready]):
    """The queue in front of a recognizer, called on the event loop; one thread owns the recognizer.

    `bound` finals may wait; one more raises `EngineBusy`. Partials beyond it give None at once. A
    session has at most one partial waiting: a newer one takes its place in the line, a final
    cancels it, and a partial that is dropped gives None. Up to `batch` requests go together, if
    this machine does them quickly enough. Work that has begun is not interrupted. A job whose
    caller left before it began is dropped.
    """

    def __init__(
        self, recognizer: Recognizer[Asked, Ready], *, batch: int = 1, bound: int = 256
    ) -> None:
        self._recognizer = recognizer
        self._batch = batch
        self._bound = bound
        self._lines: Lines[_Job[Asked, Ready]] = Lines()
        self._changed = Condition()
        self._closed = False
        self._working: tuple[int, float] = (0, 0.0)
        """Number of requests that are being transcribed, and the time at which that began."""
        self._thread = Thread(target=self._work, name="recognizer", daemon=True)
        self._thread.start()

    @property
    def state(self) -> EngineState:
        """Return the engine's state. Partials do not count as waiting, because nobody is kept
        waiting by one."""
        with self._changed:
            finals = self._lines.of(Kind.FINAL).values()
            asked = [job.asked for job in finals if not job.outcome.cancelled()]
            working, began = self._working
        return EngineState(
            self._thread.is_alive(),
            len(asked),
            since(min(asked, default=None)),
            working,
            since(began) if working else 0.0,
        )

    def final(self, session: Hashable, request: Asked) -> Outcome:
        """Queue a final transcription. Raises `EngineBusy`."""
        job = self._job(request)
        with self._changed:
            finals = self._lines.of(Kind.FINAL)
            if len(finals) >= self._bound:
                raise EngineBusy(f"{self._bound} stretches of speech wait for the recognizer")
            self._drop_partial(session)
            finals[job.outcome] = job
            self._changed.notify()
        return job.outcome

    def partial(self, session: Hashable, request: Asked, *, urgent: bool = False) -> Outcome:
        """Queue a partial transcription. It is `urgent` if a reply is held up for it."""
        job = self._job(request)
        with self._changed:
            if replaced := self._lines.add_partial(session, job, _kind(urgent=urgent)):
                settle(replaced.outcome, None, None)
            elif self._lines.partials > self._bound:
                self._drop_partial(session)
            self._changed.notify()
        return job.outcome

    def forget(self, session: Hashable) -> None:
        """Drop the partial of a session that has ended."""
        with self._changed:
            self._drop_partial(session)

    async def aclose(self) -> None:
        """Drop the partials, finish the finals that wait, then end the thread."""
        with self._changed:
            self._closed = True
            for session in self._lines.sessions:
                self._drop_partial(session)
            self._changed.notify()
        await asyncio.to_thread(self._thread.join)

    def _job(self, request: Asked) -> _Job[Asked, Ready]:
        if self._closed:
            raise EngineError("the recognizer has been closed")
        return _Job(request, asyncio.get_running_loop().create_future(), self._recognizer)

    def _drop_partial(self, session: Hashable) -> None:
        if job := self._lines.drop(session):
            settle(job.outcome, None, None)

    def _work(self) -> None:
        while (kind := self._wait()) is not None:
            self._working = (1, monotonic())
            line = self._lines.of(kind)
            jobs = self._take(line, 1)
            results: Sequence[Transcript | None] = []
            error = None
            try:
                if jobs and self._batch > 1:
                    first = jobs[0].ready
                    fitting = self._recognizer.fitting(first, WITHIN[kind], self._batch)
                    jobs += self._take(line, fitting - 1, first.shape)
                if jobs:
                    self._working = (len(jobs), monotonic())
                    results = self._recognizer.transcribe([job.ready for job in jobs])
                    if len(results) != len(jobs):
                        raise EngineError(f"{len(results)} transcripts of {len(jobs)} requests")
            except BaseException as exc:  # noqa: BLE001 -- the callers' error, not ours
                results, error = [None] * len(jobs), told("recognizer", exc)
            self._working = (0, 0.0)
            for job, result in zip(jobs, results, strict=True):
                _report(job.outcome, result, error)

    def _wait(self) -> Kind | None:
        """Wait for the kind that is next; None when the queue is closed and empty."""
        with self._changed:
            while (kind := self._lines.next()) is None and not self._closed:
                self._changed.wait()
            return kind

    def _take(
        self, line: dict[Hashable, _Job[Asked, Ready]], most: int, shape: Hashable = None
    ) -> list[_Job[Asked, Ready]]:
        """Take up to `most` jobs from the head of the line; with `shape`, only those of that shape.
        The lock is free while they are prepared, because that takes time."""
        with self._changed:
            candidates = list(line.items())
        taken: list[_Job[Asked, Ready]] = []
        for key, job in candidates:
            if len(taken) == most:
                break
            if shape is not None and not job.outcome.cancelled() and not _is_of(job, shape):
                continue
            with self._changed:  # it may have been replaced, dropped or left meanwhile
                if line.get(key) is job:
                    del line[key]
                    if not job.outcome.cancelled():
                        taken.append(job)
        return taken


def _kind(*, urgent: bool) -> Kind:
    return Kind.LOOK if urgent else Kind.CAPTION


def _is_of(job: _Job[Any, Any], shape: Hashable) -> bool:
    try:
        return bool(job.ready.shape == shape)
    except BaseException:  # noqa: BLE001 -- its caller hears of it when its own turn comes
        return False


def _report(outcome: Outcome, result: Transcript | None, error: BaseException | None) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        outcome.get_loop().call_soon_threadsafe(settle, outcome, result, error)
