import asyncio
import threading

import pytest

from models.errors import EngineError
from models.worker import EngineThread, unfinished, uninterruptible


async def test_a_closed_engine_refuses_work_and_leaves_nobody_waiting():
    thread = EngineThread("test")
    last = thread.call(int, "7")
    await thread.aclose()
    assert await last == 7
    with pytest.raises(EngineError, match="closed"):
        thread.call(int, "8")


def test_a_caller_whose_event_loop_is_gone_does_not_end_the_thread():
    thread, begun, gate = EngineThread("test"), threading.Event(), threading.Event()

    def work():
        begun.set()
        gate.wait()

    async def leave():
        thread.call(work)
        await asyncio.to_thread(begun.wait)

    async def come():
        gate.set()
        async with asyncio.timeout(10):
            assert await thread.call(int, "7") == 7
        assert thread.state.alive
        await thread.aclose()

    asyncio.run(leave())
    asyncio.run(come())


async def test_work_that_cannot_be_stopped_is_left_behind() -> None:
    begun, done = threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        done.wait(60)
        return "done"

    assert not unfinished()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(uninterruptible("test", work))
        await asyncio.to_thread(begun.wait, 60)
        waiting.cancel()
    assert unfinished()
    done.set()
    async with asyncio.timeout(60):
        while unfinished():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_its_result_and_its_error_are_the_callers() -> None:
    assert await uninterruptible("test", lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await uninterruptible("test", lambda: 1 // 0)
