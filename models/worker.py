"""Run a blocking engine on threads that it owns, and load one on a thread of its own."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from threading import Condition, Thread
from threading import enumerate as running_threads
from time import monotonic
from typing import Any, TypeVar

from .engine_state import EngineState, since
from .errors import EngineBusy, EngineError

log = logging.getLogger(__name__)

T = TypeVar("T")
Job = tuple[asyncio.Future[Any], Callable[[], Any], float]
"""The future that the caller waits for, the call, and when it was queued."""


def told(engine: str, error: BaseException) -> Exception:
    """Return the exception that a job's caller gets for the error that ended it. An error that
    would end the whole program (SystemExit), or that asyncio would take for its own
    (CancelledError, StopIteration), becomes the engine's failure in this one request."""
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    log.error("%s: a job ended with %s", engine, type(error).__name__, exc_info=error)
    failure = EngineError(f"{engine}: the engine failed: {type(error).__name__}")
    failure.__cause__ = error
    return failure


def settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    """Complete a future of this loop, unless its caller has left."""
    if future.done():
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(result)


UNINTERRUPTIBLE = "uninterruptible: "
"""Prefix of the names of threads that a process must not wait for."""


async def uninterruptible(name: str, work: Callable[[], T]) -> T:
    """Return the result of work that blocks and cannot be stopped; see `begun`."""
    return await begun(name, work)


def begun(name: str, work: Callable[[], T]) -> asyncio.Future[T]:
    """Begin work that blocks and cannot be stopped, such as reading gigabytes of weights, and
    return its result when it is there.

    It runs on its own thread, because asyncio waits for the threads of `to_thread` when a program
    ends. If the future is cancelled, the thread goes on and its result is dropped; a process that
    ends meanwhile has to ask `unfinished`.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as exc:  # noqa: BLE001 -- the caller's error, not ours
            error = told(name, exc)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, future, result, error)

    Thread(target=run, name=UNINTERRUPTIBLE + name, daemon=True).start()
    return future


def unfinished() -> bool:
    """Return True while work of `uninterruptible` is going on. The interpreter must then not be
    shut down in the usual way: a thread that comes back from a library during the shutdown
    crashes."""
    return any(thread.name.startswith(UNINTERRUPTIBLE) for thread in running_threads())


class EngineThread:
    """Runs jobs in the order in which they came, on `threads` threads of its own. `bound` jobs may
    wait; one more raises `EngineBusy`. A job whose caller was cancelled before it began is
    skipped.

    A job that is done ahead, before anybody needs it, begins only while no other waits, and never
    on the last free thread if there are several."""

    def __init__(self, name: str, *, bound: int = 256, threads: int = 1) -> None:
        self._name = name
        self._bound = bound
        self._jobs: deque[Job] = deque()
        self._ahead: deque[Job] = deque()
        """Jobs that are done ahead."""
        self._changed = Condition()
        self._closed = False
        self._working: dict[int, float] = {}
        """Start time of each thread's present job, by the thread's number."""
        self._threads = [
            Thread(target=self._work, args=(n,), name=f"{name}-{n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def state(self) -> EngineState:
        with self._changed:
            queued = [at for future, _, at in self._jobs if not future.cancelled()]
            began = list(self._working.values())
        return EngineState(
            all(thread.is_alive() for thread in self._threads),
            len(queued),
            since(min(queued, default=None)),
            len(began),
            since(min(began, default=None)),
        )

    def call(self, fn: Callable[..., T], *args: Any, ahead: bool = False) -> asyncio.Future[T]:
        """Queue a call, and return a future for its result. Raises `EngineBusy`, `EngineError`."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._closed:
                raise EngineError(f"{self._name}: the engine has been closed")
            jobs = self._ahead if ahead else self._jobs
            if len(jobs) >= self._bound:
                raise EngineBusy(f"{self._name}: {self._bound} jobs are waiting already")
            jobs.append((future, partial(fn, *args), monotonic()))
            self._changed.notify()
        return future

    async def aclose(self) -> None:
        """Finish the jobs that wait, then end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _next(self) -> deque[Job] | None:
        """Return the queue whose first job a free thread may begin."""
        if self._jobs:
            return self._jobs
        room = not self._working or len(self._working) < len(self._threads) - 1
        return self._ahead if self._ahead and (room or self._closed) else None

    def _work(self, number: int) -> None:
        while True:
            with self._changed:
                while not (jobs := self._next()) and not self._closed:
                    self._changed.wait()
                if not jobs:
                    return
                future, call, _ = jobs.popleft()
                if future.cancelled():
                    continue
                self._working[number] = monotonic()
            result, error = None, None
            try:
                result = call()
            except BaseException as exc:  # noqa: BLE001 -- the caller's error, not ours
                error = told(self._name, exc)
            with self._changed:
                del self._working[number]
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                future.get_loop().call_soon_threadsafe(settle, future, result, error)
