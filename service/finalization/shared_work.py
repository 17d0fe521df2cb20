"""Work that outlives the request that asked for it, and is done once for all who ask."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)


class SharedWork(Generic[T]):
    """At most one run per key at a time. Its tasks belong to `tasks`, not to the caller."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks
        self._running: dict[Hashable, asyncio.Future[T]] = {}
        self._runs: set[asyncio.Task[None]] = set()

    async def once(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the result of the run under way for this key, or else of a new one. A caller that
        leaves early does not stop it."""
        return await asyncio.shield(self.begin(key, work))

    def begin(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Future[T]:
        """Start the work, unless it is under way, and return its future; do not cancel that."""
        future = self._running.get(key)
        if future is None:
            future = asyncio.get_running_loop().create_future()
            self._running[key] = future
            run = self._tasks.create_task(self._run(key, work, future))
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)
        return future

    def break_off(self) -> None:
        """Cancel the runs under way, also for those who wait for them."""
        for run in self._runs:
            run.cancel()

    async def _run(
        self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]], future: asyncio.Future[T]
    ) -> None:
        try:
            future.set_result(await work())
        except Exception as exc:  # noqa: BLE001 -- handed to those who wait
            future.set_exception(exc)
            future.exception()  # retrieved, or asyncio logs it where nobody waits any more
            logger.warning("shared work failed: %s", type(exc).__name__)
        finally:
            future.cancel()
            del self._running[key]
