"""The tasks of a session, and when it is over."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class SessionTasks:
    def __init__(self) -> None:
        self.conversation = asyncio.TaskGroup()
        self.finals = asyncio.TaskGroup()
        """What is transcribed for good outlasts the conversation."""
        self.over = asyncio.Event()
        """The agent has ended the conversation, and that is on record."""

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Start what ends with the conversation."""
        return self.conversation.create_task(work, name=name)

    def spawn_final(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Start what outlasts it."""
        return self.finals.create_task(work, name=name)
