import asyncio

import pytest

from service.finalization.shared_work import SharedWork


async def test_all_who_ask_at_once_get_the_result_of_one_run() -> None:
    runs = 0

    async def work() -> int:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0)
        return runs

    async with asyncio.TaskGroup() as tasks:
        shared: SharedWork[int] = SharedWork(tasks)
        assert await asyncio.gather(*(shared.once("a", work) for _ in range(20))) == [1] * 20
        assert await shared.once("a", work) == 2


async def test_work_goes_on_when_whoever_asked_for_it_has_left() -> None:
    leave, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await leave.wait()
        done.set()

    async with asyncio.TaskGroup() as tasks:
        shared: SharedWork[None] = SharedWork(tasks)
        asking = tasks.create_task(shared.once("a", work))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])
        leave.set()
    assert done.is_set()


async def test_an_error_reaches_everybody_who_waits_and_nothing_else() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async with asyncio.TaskGroup() as tasks:
        shared: SharedWork[None] = SharedWork(tasks)
        results = await asyncio.gather(
            *(shared.once("a", work) for _ in range(3)), return_exceptions=True
        )
        assert [str(result) for result in results] == ["no"] * 3
        with pytest.raises(ValueError, match="no"):
            await shared.once("a", work)
