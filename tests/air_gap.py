"""Hold an interview where there is no network, and print what the kernel saw of it, as JSON:

    unshare -rn python -m tests.air_gap interview FOLDER DATABASE_URL COMMAND …

It is alone in its network namespace with the service (COMMAND), which it starts in FOLDER; with
`start` in the place of `interview` it only waits until the service is ready. Nothing leads out of
the namespace, so whatever a process in it tries to reach fails, and is counted by the kernel,
whichever library and system call it came from.
"""

import asyncio
import fcntl
import json
import socket
import struct
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from scripts.measure.candidate import Candidate, finalize, in_starter_voice, interview, post, start
from scripts.measure.server import free_port, launch, wait_until_ready

ANSWER = "My name is Maria and I have five years of experience with Python."
QUESTION = {"text": "What did you build last?", "follow_ups": 0}
ANSWERS = 3
"""More than the interview takes: an answer may have to be given again."""

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_LISTEN = "0A"
"""The state of a TCP socket in /proc/net/tcp."""


@dataclass(slots=True)
class Seen:
    port: int
    ended: str = ""
    """Why the interviewer ended the interview."""
    questions_asked: int = 0
    status: int | None = None
    """With which the service ended."""
    listening: list[int] = field(default_factory=list)
    """TCP ports, while the interview went on."""
    datagram_sockets: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    own_connections: int = 0
    """TCP connections that this program opened."""
    output: str = ""
    """Of the service; its end."""

    def look(self) -> None:
        """At the sockets that there are now."""
        rows = _rows("tcp") + _rows("tcp6")
        ports = [int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == _LISTEN]
        self.listening = sorted(ports)
        unconnected = ("udp", "udp6", "raw", "raw6", "packet")
        self.datagram_sockets = sum(len(_rows(name)) for name in unconnected)


def _rows(name: str) -> list[list[str]]:
    path = Path("/proc/self/net", name)
    if not path.exists():  # IPv6 is switched off
        return []
    return [line.split() for line in path.read_text().splitlines()[1:]]


# docs/decisions/024-air-gap-test.md: the kernel sees what C++ libraries do
def counters() -> dict[str, int]:
    """What this namespace's kernel counted, by names such as TcpActiveOpens, Ip6OutNoRoutes."""
    lines = Path("/proc/self/net/snmp").read_text().splitlines()
    found = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        group = names.partition(":")[0]
        for name, value in zip(names.split()[1:], values.split()[1:], strict=True):
            found[group + name] = int(value)
    ipv6 = Path("/proc/self/net/snmp6")
    lines = ipv6.read_text().splitlines() if ipv6.exists() else []
    return found | {name: int(value) for name, value in (line.split() for line in lines)}


def wake_loopback() -> None:
    """A new namespace has one interface, and it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(any_socket, _GET_FLAGS, asked), 16)
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


async def hold(url: str, seen: Seen) -> None:
    """An interview of one question, from its greeting to its assessment."""
    (answer,) = await in_starter_voice(ANSWER)
    async with aiohttp.ClientSession() as http:
        made = await post(http, f"{url}/interviews", {"questions": [QUESTION]})
        session = await start(http, url, made["interview_id"])
        async with interview(http, url, session) as candidate:
            await candidate.reply()
            seen.look()
            for _ in range(ANSWERS):
                spoken = candidate.say(answer)
                await candidate.until(lambda spoken=spoken: _answered(candidate, spoken))
                if candidate.ended:
                    break
        analysis = await finalize(http, url, made["interview_id"], candidate)
    seen.ended = candidate.ended
    seen.questions_asked = analysis["measures"]["questions_asked"]


def _answered(candidate: Candidate, spoken: Any) -> object:
    reply = candidate.answer_to(spoken)
    closing = reply and "goodbye" in reply.text.lower()
    return candidate.ended or (reply and reply.end and not closing)


def main() -> None:
    what, folder, database, *command = sys.argv[1:]
    connects: list[object] = []
    sys.addaudithook(lambda name, _: connects.append(name) if name == "socket.connect" else None)
    wake_loopback()
    seen = Seen(free_port())
    url = f"http://127.0.0.1:{seen.port}"
    child = launch(command, {"DATABASE_URL": database}, seen.port, folder)
    try:
        wait_until_ready(child, url, folder)
        if what == "interview":
            asyncio.run(hold(url, seen))
        else:
            seen.look()
    finally:
        child.terminate()
        try:
            seen.status = child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    seen.counters = counters()
    seen.own_connections = len(connects)
    seen.output = Path(folder, "output").read_text(errors="replace")[-4000:]
    sys.stdout.write(json.dumps(asdict(seen)))


if __name__ == "__main__":
    main()
