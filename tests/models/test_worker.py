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


class Broken:
    """An engine whose every job ends with this error."""

    def __init__(self, error):
        self.error = error

    def work(self):
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        SystemExit(1),
        KeyboardInterrupt(),
        GeneratorExit(),
        StopIteration(),
        asyncio.CancelledError(),
        BaseException("of no kind"),
    ],
    ids=repr,
)
async def test_what_would_end_the_program_ends_one_job(error, caplog):
    thread = EngineThread("test")
    bad, good = thread.call(Broken(error).work), thread.call(int, "7")
    async with asyncio.timeout(10):
        with pytest.raises(EngineError, match=type(error).__name__):
            await bad
        assert await good == 7
    assert thread.state.alive
    assert type(error).__name__ in caplog.text
    await thread.aclose()


async def test_what_would_end_the_program_while_a_model_is_loaded_is_an_error_of_it() -> None:
    with pytest.raises(EngineError, match="the voice: the engine failed: SystemExit"):
        await uninterruptible("the voice", Broken(SystemExit(1)).work)


async def test_an_ordinary_error_reaches_the_caller_as_it_is():
    thread = EngineThread("test")
    with pytest.raises(OSError, match="full"):
        await thread.call(Broken(OSError("full")).work)
    await thread.aclose()


class Gate:
    """Work that goes on until it is let go, and notes when it began."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.open = threading.Event()

    def work(self, name: str) -> str:
        self.order.append(name)
        self.open.wait(60)
        return name


async def begun(gate: Gate, count: int) -> None:
    async with asyncio.timeout(60):
        while len(gate.order) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_what_is_done_ahead_waits_for_everything_else() -> None:
    thread, gate = EngineThread("test"), Gate()
    first = thread.call(gate.work, "first")
    await begun(gate, 1)
    calls = [
        thread.call(gate.work, "ahead", ahead=True),
        thread.call(gate.work, "second"),
        thread.call(gate.work, "third"),
    ]
    assert thread.state.waiting == 2  # nobody waits for what is done ahead
    gate.open.set()
    await asyncio.gather(first, *calls)
    assert gate.order == ["first", "second", "third", "ahead"]
    await thread.aclose()


async def test_what_is_done_ahead_leaves_a_thread_free() -> None:
    thread, gate = EngineThread("test", threads=2), Gate()
    calls = [thread.call(gate.work, f"ahead {n}", ahead=True) for n in range(2)]
    await begun(gate, 1)
    calls.append(thread.call(gate.work, "urgent"))
    await begun(gate, 2)
    assert gate.order == ["ahead 0", "urgent"]
    gate.open.set()
    await asyncio.gather(*calls)
    await thread.aclose()


async def test_a_closed_engine_finishes_what_is_done_ahead() -> None:
    thread = EngineThread("test", threads=2)
    calls = [thread.call(int, str(n), ahead=True) for n in range(9)]
    await thread.aclose()
    assert await asyncio.gather(*calls) == list(range(9))
