"""Bring what the scheduler has to tell to the event loops that wait for it."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any

log = logging.getLogger(__name__)

Told = tuple[asyncio.AbstractEventLoop, Callable[..., None], Any]
"""The loop to call, the callback, and its argument."""


class Outbox:
    """Output that is gathered during a step and delivered after it, on a thread of its own.

    To wake a loop is to let it run: it takes Python's lock and a core, at just the moment when the
    next step wants both. So the scheduler only hands over and goes on. There are never more pieces
    here than the jobs in progress may write.
    """

    def __init__(self) -> None:
        self._gathered: list[Told] = []
        self._handed: SimpleQueue[list[Told] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="llama-out", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def tell(self, loop: asyncio.AbstractEventLoop, callback: Callable[..., None], it: Any) -> None:
        self._gathered.append((loop, callback, it))

    def deliver(self) -> None:
        """Hand over what was gathered."""
        if self._gathered:
            self._handed.put(self._gathered)
            self._gathered = []

    def close(self) -> None:
        """Deliver the rest, and wait until it is delivered."""
        self.deliver()
        self._handed.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (told := self._handed.get()) is not None:
            _send(told)


def _send(told: list[Told]) -> None:
    """Wake every event loop once for all that it is told."""
    for loop, calls in itertools.groupby(told, key=lambda each: each[0]):
        try:
            loop.call_soon_threadsafe(_call_all, [(call, value) for _, call, value in calls])
        except RuntimeError:  # the loop is closed: nobody is there to hear
            log.debug("text for a closed event loop was dropped")


def _call_all(calls: list[tuple[Callable[..., None], Any]]) -> None:
    for call, value in calls:
        call(value)
