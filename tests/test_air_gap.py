"""The running service opens no socket beyond its own port and its database.

It holds an interview, with its real engines, in a network namespace out of which nothing leads. The
kernel counts every attempt to reach something there, from whatever library; strace, where it is
installed, also names each socket that the service and its threads made, bound and connected.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from scripts.measure.private_postgres import cluster, programs
from scripts.measure.server import PRODUCT, ROOT

NAMESPACES = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
"""For root, and for others where the system lets them make namespaces."""
TRACED = ("socket", "socketpair", "bind", "connect")
LEAVING = ("IpOutNoRoutes", "Ip6OutNoRoutes", "UdpOutDatagrams", "Udp6OutDatagrams")
"""Ways out that were looked for, and datagrams, which the service has no use for at all."""

ATTEMPTS = """
import runpy, socket as s
s.socket().connect_ex(("192.0.2.1", 443))
s.socket(s.AF_INET, s.SOCK_DGRAM).connect_ex(("192.0.2.1", 53))
s.socket().connect_ex(("127.0.0.1", 9))
s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b"", ("127.0.0.1", 9))
kept = s.create_server(("127.0.0.1", 0)), s.socket(s.AF_INET, s.SOCK_DGRAM)
kept[1].bind(("127.0.0.1", 0))
runpy.run_module("scripts.measure.fake_server", run_name="__main__")
"""
"""A service that first tries everything that it must not."""
ATTEMPT_BY_IPV6 = "import socket as s; s.socket(s.AF_INET6).connect_ex(('2001:db8::1', 443))\n"


@pytest.fixture(scope="module")
def namespace() -> tuple[str, ...]:
    """Runs the command that follows without a network."""
    if not shutil.which("unshare"):
        pytest.skip("no unshare here: apt-get install util-linux")
    said = ""
    for command in NAMESPACES:
        made = subprocess.run([*command, "true"], capture_output=True, text=True)
        if made.returncode == 0:
            return command
        said = made.stderr.strip()
    pytest.skip(f"this system forbids new network namespaces: {said}")


Held = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def held(namespace: tuple[str, ...]) -> Held:
    """What is seen of an interview, or of a mere start."""

    def hold(
        folder: Path, command: Sequence[str] = PRODUCT, *, url: str = "", what: str = "interview"
    ) -> dict[str, Any]:
        database = url or f"sqlite+aiosqlite:///{folder}/test.db"
        gap = (sys.executable, "-m", "tests.air_gap", what, str(folder), database)
        program = [*namespace, *gap, *command]
        said = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=240)
        assert said.returncode == 0, said.stderr
        return dict(json.loads(said.stdout))

    return hold


def beyond(seen: dict[str, Any]) -> dict[str, Any]:
    """What the kernel saw besides the candidate's connections to the service's port."""
    counted = seen["counters"]
    found = {name: counted[name] for name in LEAVING if counted.get(name)}
    if (opened := counted["TcpActiveOpens"] - seen["own_connections"]) != 0:
        found["connections"] = opened
    if seen["listening"] != [seen["port"]]:
        found["listening"] = seen["listening"]
    if seen["datagram_sockets"]:
        found["datagram sockets"] = seen["datagram_sockets"]
    return found


def sockets(trace: Path) -> set[str]:
    """The traced calls, without the numbers of processes and descriptors. A library that connects
    to itself, by a pair, reaches nobody."""
    calls = {line.split(maxsplit=1)[1] for line in trace.read_text().splitlines()}
    return {
        re.sub(r"\((\d+), ", "(", re.sub(r"\s+= .*", "", call))
        for call in calls
        if call.startswith(TRACED) and not call.startswith("socketpair(AF_UNIX")
    }


def listening(port: int) -> set[str]:
    at = f'sin_port=htons({port}), sin_addr=inet_addr("127.0.0.1")'
    return {
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)",
        f"bind({{sa_family=AF_INET, {at}}}, 16)",
    }


@pytest.fixture(scope="module")
def strace(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """What stands before a file's name and a command that is to be watched, from aside and as if
    alone; nothing where that is impossible."""
    calls = f"trace={','.join(TRACED)}"
    command = ("strace", "-D", "-f", "-qq", "-e", calls, "-e", "signal=none", "-o")
    if not shutil.which("strace"):
        return ()
    tried = [*command, str(tmp_path_factory.mktemp("tried") / "trace"), "true"]
    return command if subprocess.run(tried, capture_output=True).returncode == 0 else ()


def traced(strace: tuple[str, ...], folder: Path) -> list[str]:
    return [*strace, str(folder / "trace"), *PRODUCT] if strace else [*PRODUCT]


NO_STRACE = "strace cannot be used here (apt-get install strace); the kernel's counters were read"


@pytest.fixture(scope="module")
def interview(
    held: Held, strace: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """One with SQLite, and the folder that it was held in."""
    folder = tmp_path_factory.mktemp("interview")
    return held(folder, traced(strace, folder)), folder


def test_a_whole_interview_reaches_for_nothing(interview: tuple[dict[str, Any], Path]) -> None:
    seen, _ = interview
    assert seen["ended"] == "completed"
    assert seen["questions_asked"] == 1
    assert seen["status"] == 0, seen["output"]
    assert not beyond(seen)


def test_its_only_socket_is_the_one_it_listens_on(
    interview: tuple[dict[str, Any], Path], strace: tuple[str, ...]
) -> None:
    if not strace:
        pytest.skip(NO_STRACE)
    seen, folder = interview
    assert sockets(folder / "trace") == listening(seen["port"])


def test_with_postgres_it_connects_to_the_database_and_to_nothing_else(
    tmp_path: Path, held: Held, strace: tuple[str, ...], namespace: tuple[str, ...]
) -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    if os.geteuid() == 0 and namespace != NAMESPACES[0]:
        pytest.skip("root of a user namespace may not open the socket of another user's Postgres")
    with cluster(installed, durable=False) as url:
        seen = held(tmp_path, traced(strace, tmp_path), url=url.format(name="postgres"))
    assert seen["ended"] == "completed"
    assert not beyond(seen)
    if not strace:
        pytest.skip(NO_STRACE)
    found = sockets(tmp_path / "trace")
    (reached,) = (call for call in found if call.startswith("connect"))
    assert f'sun_path="{url.rpartition("=")[2]}/.s.PGSQL.5432"' in reached
    assert {call for call in found if "AF_UNIX" not in call} == listening(seen["port"])


def test_a_service_that_reaches_for_something_is_caught(tmp_path: Path, held: Held) -> None:
    ipv6 = Path("/proc/net/if_inet6").exists()
    program = (ATTEMPT_BY_IPV6 if ipv6 else "") + ATTEMPTS
    seen = held(tmp_path, [sys.executable, "-c", program], what="start")
    found = beyond(seen)
    assert seen["port"] in found.pop("listening")
    assert found.pop("Ip6OutNoRoutes", 0) == int(ipv6)
    assert found == {
        "IpOutNoRoutes": 2,
        "UdpOutDatagrams": 1,
        "connections": 1,
        "datagram sockets": 1,
    }


def test_one_that_does_not_is_not(tmp_path: Path, held: Held) -> None:
    command = [sys.executable, "-m", "scripts.measure.fake_server"]
    assert not beyond(held(tmp_path, command, what="start"))


def test_strace_sees_a_socket_that_was_connected(tmp_path: Path, strace: tuple[str, ...]) -> None:
    if not strace:
        pytest.skip(NO_STRACE)
    attempt = "import socket; socket.socket().connect_ex(('192.0.2.1', 443))"
    command = [*strace, str(tmp_path / "trace"), sys.executable, "-c", attempt]
    subprocess.run(command, check=True)
    assert any("192.0.2.1" in call for call in sockets(tmp_path / "trace"))
