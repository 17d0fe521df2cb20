"""A machine whose cable is pulled out says nothing."""

import subprocess
import sys

import pytest

from scripts.measure.hosts import hosts, possible

pytestmark = pytest.mark.skipif(not possible(), reason="needs root and `ip`")
HELLO = (
    "import socket; s = socket.create_server(('{}', 9200)); print(1, flush=True);"
    "s.accept()[0].recv(1)"
)
CALL = "import socket; socket.create_connection(('{}', 9200), {}).sendall(b'1')"


def test_it_is_reached_until_then_and_again_when_it_is_back():
    with hosts(1) as machines:
        here = machines.address(0)
        command = [*machines.prefix(0), sys.executable, "-c", HELLO.format(here)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as listening:
            assert listening.stdout
            listening.stdout.readline()
            machines.cut(0)
            assert subprocess.run([sys.executable, "-c", CALL.format(here, 0.5)], check=False,
                                  stderr=subprocess.DEVNULL).returncode  # fmt: skip
            assert listening.poll() is None
            machines.mend(0)
            subprocess.run([sys.executable, "-c", CALL.format(here, 20)], check=True)
            assert listening.wait(20) == 0
