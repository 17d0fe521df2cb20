"""Replicas of the service, each with a supervisor that starts it again."""

import asyncio
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .hosts import Hosts
from .server import ServerFailed, free_port, launch, wait_until_ready

RESTART_SECONDS = 0.5
"""As deploy/vivavoce.service has it."""
CLUSTER = {
    "CLUSTER": "true",
    "API_KEYS": "recruiter:" + 32 * "k",
    "METRICS_KEYS": "monitoring:" + 32 * "m",
    "GRANTS_KEY": 32 * "g",
}


class Replica:
    """One process, on the same port for as long as it is restarted."""

    def __init__(
        self,
        command: Sequence[str],
        settings: Mapping[str, str],
        folder: Path,
        *,
        host: str = "127.0.0.1",
        prefix: Sequence[str] = (),
    ) -> None:
        self.address = f"{host}:{free_port()}"
        self.url = f"http://{self.address}"
        self.busy = False
        """True while something happens to it, until it is ready again."""
        self.starts: list[float] = []
        """Seconds until it was ready."""
        self._command = (*prefix, *command)
        self._settings = {**settings, "HOST": host}
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        folder.mkdir(exist_ok=True)

    async def start(self) -> None:
        """Start it, again and again where it ends at once, as without its database; returns when it
        is ready."""
        clock = asyncio.get_running_loop().time
        began = clock()
        port = int(self.address.rpartition(":")[2])
        while True:
            self._child = launch(self._command, self._settings, port, str(self._folder))
            waiting = (self._child, self.url, str(self._folder))
            try:
                await asyncio.to_thread(wait_until_ready, *waiting)
            except ServerFailed:
                if clock() - began > 200:
                    raise
                self.kill()
                await asyncio.sleep(RESTART_SECONDS)
            else:
                self.starts.append(clock() - began)
                return

    def kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def drain(self) -> None:
        """Tell it to stop, and wait until it has."""
        self._signal(signal.SIGTERM)
        if self._child:
            await asyncio.to_thread(self._child.wait)

    def _signal(self, number: int) -> None:
        if self._child and self._child.poll() is None:
            self._child.send_signal(number)


def replicas(
    number: int, command: Sequence[str], settings: Mapping[str, str], folder: Path,
    machines: Hosts | None = None,
) -> list[Replica]:  # fmt: skip
    """Make them, on this machine or each on one of its own."""

    def one(n: int) -> Replica:
        host = machines.address(n) if machines else "127.0.0.1"
        prefix = machines.prefix(n) if machines else ()
        return Replica(command, settings, folder / f"replica{n}", host=host, prefix=prefix)

    return [one(n) for n in range(number)]
