"""nginx or HAProxy in front of replicas on this machine, for tests and scripts/kill_loop.py.

They run on the files in deploy/, as an operator does: here only the addresses are others, and
there is no TLS.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .server import ROOT, free_port

DEPLOY = ROOT / "deploy"
PATIENCE = 10.0
"""Seconds it may take to answer."""
EXAMPLE = r"^(\s*)server (?:replica1 )?127\.0\.0\.1:8008(.*)$"
"""The line of the one replica in both files."""


def nginx(listen: str, replicas: Sequence[str]) -> str:
    """Return a whole configuration around deploy/nginx-cluster.conf."""
    text = (DEPLOY / "nginx-cluster.conf").read_text()
    servers = "\n".join(rf"\1server {address}\2" for address in replicas)
    text = re.sub(EXAMPLE, servers, text, flags=re.MULTILINE)
    text = re.sub(r"\nserver \{\n\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^\s*ssl_.*\n", "", text, flags=re.MULTILINE)
    text = text.replace("listen 443 ssl;", f"listen {listen};")
    text = text.replace("/var/log/nginx/vivavoce.log", "access.log")
    user = "user root;" if os.geteuid() == 0 else ""
    bodies = " ".join(
        f"{what}_temp_path {what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"{user} pid pid; events {{}} http {{ {bodies}\n{text}\n}}"


def haproxy(listen: str, replicas: Sequence[str]) -> str:
    """Return deploy/haproxy.cfg with these addresses."""
    text = (DEPLOY / "haproxy.cfg").read_text()
    servers = "\n".join(rf"\1server r{n} {address}\2" for n, address in enumerate(replicas))
    text = re.sub(EXAMPLE, servers, text, flags=re.MULTILINE)
    text = re.sub(r"^\s*bind :80\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"bind :443 ssl .*", f"bind {listen}", text)
    text = re.sub(r"^\s*(http-request redirect|http-response set-header Strict).*\n", "", text,
                  flags=re.MULTILINE)  # fmt: skip
    return text.replace("log /dev/log local0", "log stdout format raw local0")


BALANCERS: dict[str, tuple[Callable[[str, Sequence[str]], str], tuple[str, ...]]] = {
    "nginx": (nginx, ("-p", ".", "-e", "error.log", "-g", "daemon off;", "-c")),
    "haproxy": (haproxy, ("-db", "-f")),
}
"""Of each, how its configuration is made, and the arguments before its file."""


def program(kind: str) -> str | None:
    """Return where it is installed; `sbin` is not on everybody's path."""
    return shutil.which(kind) or shutil.which(kind, path="/usr/sbin:/usr/local/sbin")


@contextmanager
def balancing(kind: str, replicas: Sequence[str], host: str = "127.0.0.1") -> Iterator[str]:
    """Run it in front of these addresses (`host:port`); yields its URL. Raises `RuntimeError`."""
    installed = program(kind)
    if installed is None:
        raise RuntimeError(f"{kind} is not installed: apt-get install {kind}")
    make, arguments = BALANCERS[kind]
    listen = f"{host}:{free_port()}"
    with tempfile.TemporaryDirectory(prefix=f"vv-{kind}-") as folder:
        file = Path(folder, "conf")
        file.write_text(make(listen, replicas))
        with Path(folder, "output").open("wb") as output:
            child = subprocess.Popen(
                [installed, *arguments, str(file)], cwd=folder, stdout=output, stderr=output
            )
        try:
            _wait(child, f"http://{listen}", Path(folder, "output"))
            yield f"http://{listen}"
        finally:
            child.terminate()
            child.wait()


def _wait(child: subprocess.Popen[bytes], url: str, output: Path) -> None:
    """Until it answers, whatever it says."""
    until = time.monotonic() + PATIENCE
    while child.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/metrics", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"the load balancer does not answer: {output.read_text()[-1000:]}")
