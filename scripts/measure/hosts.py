"""Machines of one's own: network namespaces on one bridge, whose cables can be pulled out. Needs
Linux, `ip` and root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

NETWORK = "10.213.7"
HERE = f"{NETWORK}.1"
"""This machine's address, for the load balancer and the database."""
BRIDGE = "vvbridge"


def possible() -> bool:
    return os.geteuid() == 0 and shutil.which("ip") is not None


class Hosts:
    """Some machines, numbered from 0."""

    def __init__(self, number: int) -> None:
        self.number = number

    def address(self, which: int) -> str:
        return f"{NETWORK}.{which + 2}"

    def prefix(self, which: int) -> tuple[str, ...]:
        """What a command begins with that runs there."""
        return ("ip", "netns", "exec", f"vvhost{which}")

    def cut(self, which: int) -> None:
        """Pull out its cable: what is sent to it and by it is lost, and nobody is told."""
        _ip("link", "set", f"vvport{which}", "down")

    def mend(self, which: int) -> None:
        _ip("link", "set", f"vvport{which}", "up")


def _ip(*arguments: str, check: bool = True) -> None:
    subprocess.run(("ip", *arguments), check=check, capture_output=not check)


@contextmanager
def hosts(number: int) -> Iterator[Hosts]:
    """Make them; they are gone at the end."""
    try:
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{HERE}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        made = Hosts(number)
        for n in range(number):
            inside = ("netns", "exec", f"vvhost{n}", "ip")
            _ip("netns", "add", f"vvhost{n}")
            _ip("link", "add", f"vvport{n}", "type", "veth", "peer", "eth0", "netns", f"vvhost{n}")
            _ip("link", "set", f"vvport{n}", "master", BRIDGE, "up")
            _ip(*inside, "address", "add", f"{made.address(n)}/24", "dev", "eth0")
            _ip(*inside, "link", "set", "eth0", "up")
            _ip(*inside, "link", "set", "lo", "up")
        yield made
    finally:
        for n in range(number):
            _ip("netns", "delete", f"vvhost{n}", check=False)
        _ip("link", "delete", BRIDGE, check=False)
