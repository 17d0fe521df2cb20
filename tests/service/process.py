"""The service as a process of its own, which can be killed and started again."""

import asyncio
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts.measure.server import FAKES, free_port, launch, wait_until_ready

PATIENCE = 60.0


class Process:
    """The service on one port, with one database and whatever engines."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """The settings are without their prefix; a database is in the folder unless they name
        another."""
        self._folder = folder
        self.database_url = f"sqlite+aiosqlite:///{folder}/test.db"
        self.settings = {"DATABASE_URL": self.database_url, **settings}
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str] = FAKES) -> None:
        self.child = launch(command, self.settings, self._port, str(self._folder))

    async def ready(self) -> None:
        assert self.child
        await asyncio.to_thread(wait_until_ready, self.child, self.url, str(self._folder))

    async def start_up(self, command: Sequence[str] = FAKES) -> None:
        """Start, and wait until its models are loaded."""
        self.start(command)
        await self.ready()

    def signal(self, number: int) -> None:
        assert self.child
        self.child.send_signal(number)

    async def ended(self) -> int:
        """Its exit status."""
        assert self.child
        return await asyncio.to_thread(self.child.wait, PATIENCE)

    def kill(self) -> None:
        if self.child:
            self.child.kill()
            self.child.wait()

    @property
    def printed(self) -> str:
        return (self._folder / "output").read_text()
