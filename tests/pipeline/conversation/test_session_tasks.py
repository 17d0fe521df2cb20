"""Tasks of a session that begin while it ends."""

import asyncio

import pytest

from pipeline.conversation.session_tasks import SessionTasks


async def test_work_that_comes_while_the_conversation_ends_is_dropped() -> None:
    tasks, begun = SessionTasks(), asyncio.Event()

    async def work() -> None:
        begun.set()

    async def lingers() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            tasks.spawn(work(), name="late")

    async def converse() -> None:
        async with tasks.conversation:
            tasks.spawn(lingers(), name="lingers")
            await asyncio.sleep(0)
            raise ConnectionError

    async with tasks.finals:
        with pytest.raises(ExceptionGroup):
            await converse()
    assert not begun.is_set()
