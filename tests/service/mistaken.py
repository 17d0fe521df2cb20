"""What runs for ever beside the interviews, on a database that does what nobody has thought of."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn


class MistakenDatabase:
    """Every use of it is a bug."""

    def __init__(self, uses: int) -> None:
        self._left = uses
        self.used = asyncio.Event()
        """Set with the last of so many uses."""

    def read(self) -> NoReturn:
        self._left -= 1
        if not self._left:
            self.used.set()
        raise KeyError("a mistake")

    write = read


async def goes_on(work: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """Whether `work`, given such a database, tries again after a bug."""
    database = MistakenDatabase(uses=2)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(work(database))
        await database.used.wait()
        running.cancel()
