import asyncio
import logging
from datetime import datetime

from service.privacy.periodic import TURN_SECONDS, repeat
from tests.virtual_time import run

HOUR = 3600.0
logger = logging.getLogger(__name__)


class Turn:
    """Whose turn it is, and when the work was done."""

    def __init__(self) -> None:
        self.ours = False
        self.done: list[float] = []

    def may(self) -> bool:
        return self.ours

    async def work(self, now: datetime) -> None:
        self.done.append(asyncio.get_running_loop().time())


async def _in_turns(turn: Turn) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(repeat(turn.work, HOUR, "testing", logger, turn.may))
        for ours in (False, True, False, True):
            turn.ours = ours
            await asyncio.sleep(1.5 * HOUR)
        running.cancel()


def test_work_that_is_shared_is_done_in_its_turn_and_at_once_when_that_begins() -> None:
    turn = Turn()
    run(_in_turns(turn))
    first, again, anew, last = turn.done
    for moment, expected in ((first, 1.5), (again, 2.5), (anew, 4.5), (last, 5.5)):
        assert 0 <= moment - expected * HOUR <= 2 * TURN_SECONDS


async def _alone(turn: Turn) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(repeat(turn.work, HOUR, "testing", logger))
        await asyncio.sleep(2.5 * HOUR)
        running.cancel()


def test_a_service_that_is_alone_works_at_the_start_and_then_regularly() -> None:
    turn = Turn()
    run(_alone(turn))
    assert [round(moment / HOUR, 3) for moment in turn.done] == [0.0, 1.0, 2.0]
