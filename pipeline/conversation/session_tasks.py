"""The tasks of a session, and its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class SessionTasks:
    def __init__(self) -> None:
        self.conversation = asyncio.TaskGroup()
        self.finals = asyncio.TaskGroup()
        """Final transcriptions, which outlast the conversation."""
        self.over = asyncio.Event()
        """Set when the agent has ended the conversation and that is on record."""

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Start a task that ends with the conversation. The work is dropped if that is ending: a
        final transcript, which outlasts it, may come then."""
        try:
            return self.conversation.create_task(work, name=name)
        except RuntimeError:  # nothing else tells that the group shuts down
            work.close()  # some versions of Python have done so
            return self.spawn_final(asyncio.sleep(0), name=name)

    def spawn_final(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Start a task that outlasts the conversation."""
        return self.finals.create_task(work, name=name)
