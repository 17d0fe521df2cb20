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

from scripts.private_postgres import cluster, programs
from scripts.server import PRODUCT, ROOT

NAMESPACES = (("unshare", "--net"), ("unshare", "--user", "--map-root-user", "--net"))
"""For root, and for others where the system lets them make namespaces."""
TRACED = ("socket", "socketpair", "bind", "connect")
LEAVING = ("IpOutNoRoutes", "Ip6OutNoRoutes", "UdpOutDatagrams", "Udp6OutDatagrams")
"""Ways out that were looked for, and datagrams, which the service has no use for at all."""

ATTEMPTS = {
    "a server on the internet": "s.socket().connect_ex(('192.0.2.1', 443))",
    "the same by IPv6": "s.socket(s.AF_INET6).connect_ex(('2001:db8::1', 443))",
    "a datagram": "s.socket(s.AF_INET, s.SOCK_DGRAM).connect_ex(('192.0.2.1', 53))",
    "a program on this machine": "s.socket().connect_ex(('127.0.0.1', 9))",
    "a datagram on this machine": "s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
    "a second port to listen on": "kept = s.create_server(('127.0.0.1', 0))",
}


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


@pytest.fixture
def held(namespace: tuple[str, ...], tmp_path: Path) -> Held:
    """What is seen of an interview, or of a mere start."""

    def hold(
        command: Sequence[str] = PRODUCT, *, database: str = "", what: str = "interview"
    ) -> dict[str, Any]:
        url = database or f"sqlite+aiosqlite:///{tmp_path}/test.db"
        gap = (sys.executable, "-m", "tests.air_gap", what, str(tmp_path), url)
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


def own_port(port: int) -> str:
    at = f'sin_port=htons({port}), sin_addr=inet_addr("127.0.0.1")'
    return f"bind({{sa_family=AF_INET, {at}}}, 16)"


def test_a_whole_interview_reaches_for_nothing(held: Held) -> None:
    seen = held()
    assert seen["ended"] == "completed"
    assert seen["questions_asked"] == 1
    assert seen["status"] == 0, seen["output"]
    assert not beyond(seen)


@pytest.fixture
def strace(tmp_path: Path) -> tuple[str, ...]:
    """Before a command: it runs as if alone, and is watched from aside."""
    if not shutil.which("strace"):
        pytest.skip("no strace here: apt-get install strace; the kernel's counters are read anyway")
    calls = f"trace={','.join(TRACED)}"
    command = ("strace", "-D", "-f", "-qq", "-e", calls, "-e", "signal=none", "-o")
    tried = subprocess.run([*command, str(tmp_path / "tried"), "true"], capture_output=True)
    if tried.returncode:
        pytest.skip("this system forbids tracing; the kernel's counters are read anyway")
    return (*command, str(tmp_path / "trace"))


def test_its_only_socket_is_the_one_it_listens_on(
    tmp_path: Path, held: Held, strace: tuple[str, ...]
) -> None:
    seen = held([*strace, *PRODUCT])
    assert seen["ended"] == "completed"
    assert sockets(tmp_path / "trace") == {
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)",
        own_port(seen["port"]),
    }


def test_with_postgres_it_connects_to_the_database_and_to_nothing_else(
    tmp_path: Path, held: Held, strace: tuple[str, ...], namespace: tuple[str, ...]
) -> None:
    installed = programs()
    if installed is None:
        pytest.skip("no Postgres here: apt-get install postgresql")
    if os.geteuid() == 0 and namespace != NAMESPACES[0]:
        pytest.skip("root of a user namespace may not open the socket of another user's Postgres")
    with cluster(installed, durable=False) as url:
        seen = held([*strace, *PRODUCT], database=url.format(name="postgres"))
    assert seen["ended"] == "completed"
    assert not beyond(seen)
    found = sockets(tmp_path / "trace")
    reached = {call for call in found if call.startswith("connect")}
    assert len(reached) == 1
    assert f'sun_path="{url.rpartition("=")[2]}/.s.PGSQL.5432"' in reached.pop()
    assert {call for call in found if "AF_INET" in call} == {
        "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP)",
        own_port(seen["port"]),
    }


@pytest.mark.parametrize("attempt", list(ATTEMPTS.values()), ids=list(ATTEMPTS))
def test_a_service_that_reaches_for_something_is_caught(held: Held, attempt: str) -> None:
    run = "import runpy; runpy.run_module('scripts.fake_server', run_name='__main__')"
    talkative = (sys.executable, "-c", f"import socket as s; {attempt}; {run}")
    assert beyond(held(talkative, what="start"))


def test_one_that_does_not_is_not(held: Held) -> None:
    assert not beyond(held([sys.executable, "-m", "scripts.fake_server"], what="start"))


def test_strace_sees_a_socket_that_was_connected(tmp_path: Path, strace: tuple[str, ...]) -> None:
    attempt = f"import socket as s; {ATTEMPTS['a server on the internet']}"
    subprocess.run([*strace, sys.executable, "-c", attempt], check=True)
    assert any("192.0.2.1" in call for call in sockets(tmp_path / "trace"))
