"""A server of one's own: a child process on a free port with an empty database."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = (sys.executable, "-m", "service")
FAKES = (sys.executable, "-m", "scripts.measure.fake_server")


def slow_fakes(seconds: float, *, fails: bool = False) -> tuple[str, ...]:
    """Scripted engines that take so long to load."""
    return (*FAKES, "--loading", str(seconds), *(["--fails"] if fails else []))


STARTERS = {
    "STT_MODEL": "starter-recognizer",
    "LLM_MODEL": "starter-interviewer",
    "TTS_VOICE": "starter-voice",
    "END_OF_TURN_MODEL": "none",
}
"""The models that it runs unless its settings name others, whatever was fetched here."""
PATIENCE = 150.0
"""Seconds it may take to become ready, on a machine that is busy with other things."""


class ServerFailed(Exception):
    """It did not become ready; the message ends with what it printed."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    pid: int
    ready_seconds: float
    """From the start of the process until its models were loaded."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that the system gives to nobody else for a minute: a connection to
    it has just been closed, over which only a server that asks for this very port may listen."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address):
            server.accept()[0].close()  # first: so it is this end that the system remembers
        return int(address[1])


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return bool(json.load(answer)["status"] == "ready")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def launch(
    command: Sequence[str], settings: Mapping[str, str], port: int, folder: str
) -> subprocess.Popen[bytes]:
    """Start a server on this port of 127.0.0.1 with these VIVAVOCE_ settings (prefix left out). It
    runs in `folder`, where no .env and no database should lie, and prints to its file `output`."""
    own = STARTERS | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MODELS_DIR": str(ROOT / "models"),
        "DRAIN_SECONDS": "0",  # whoever stops it has finished
    }
    env = {k: v for k, v in os.environ.items() if not k.startswith("VIVAVOCE_")}
    env |= {f"VIVAVOCE_{name}": value for name, value in (own | dict(settings)).items()}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
    with Path(folder, "output").open("ab") as output:
        return subprocess.Popen(
            command, cwd=folder, env=env, stdout=output, stderr=subprocess.STDOUT
        )


def wait_until_ready(child: subprocess.Popen[bytes], url: str, folder: str) -> float:
    """The seconds until it was. Raises `ServerFailed`."""
    began = time.monotonic()
    while not _is_ready(url):
        if child.poll() is not None or time.monotonic() - began > PATIENCE:
            printed = Path(folder, "output").read_text(errors="replace")
            raise ServerFailed(f"the server did not become ready:\n{printed[-2000:]}")
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def running(
    command: Sequence[str] = PRODUCT, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Start it with these settings in an empty folder, wait until it is ready, and end it with
    SIGTERM."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="vivavoce-") as folder:
        child = launch(command, settings or {}, port, folder)
        try:
            yield Server(url, child.pid, wait_until_ready(child, url, folder))
        finally:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
