"""An event loop whose clock stands still while an engine works and jumps to the next timer when
nothing is to be done: a conversation runs as in real time, sample by sample, and as fast as the
engines can."""

import asyncio
import selectors
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.working = 0
        """Calls of engines in progress."""

    def select(self, timeout=None):
        if self.working or timeout is None:
            return super().select(None if timeout != 0 else 0)
        ready = super().select(0)
        if not ready:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._selector_of_time = _JumpingSelector()
        super().__init__(self._selector_of_time)

    def time(self) -> float:
        return self._selector_of_time.now

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let no time pass meanwhile."""
        self._selector_of_time.working += 1
        try:
            yield
        finally:
            self._selector_of_time.working -= 1


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run like `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)


class Work:
    """The work of one engine, which does one thing at a time: it is done in no time, and then the
    time is let pass that it would have taken on a machine that does nothing else."""

    def __init__(self, threads: int) -> None:
        self.seconds = 0.0
        """CPU time used so far."""
        self.calls = 0
        self._threads = threads
        self._free_at = 0.0

    async def free(self) -> None:
        """Wait until what was begun before is done."""
        now = asyncio.get_running_loop().time()
        if self._free_at > now:
            await asyncio.sleep(self._free_at - now)

    async def do(self, job: Coroutine[Any, Any, T]) -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        before = time.process_time()
        with loop.stopped():
            result = await job
        used = time.process_time() - before
        self.seconds += used
        self.calls += 1
        self._free_at = max(self._free_at, loop.time()) + used / self._threads
        await asyncio.sleep(self._free_at - loop.time())
        return result
