"""A Postgres of one's own, for tests and benchmarks: a new cluster in a temporary folder, reachable
by a Unix socket only, gone at the end. It uses the programs that the system has installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALLED = "usr/lib/postgresql/*/bin/initdb"
"""Where Debian has them."""
USER = "vivavoce"
LEASH = '"$@" & read _; told=$?; kill -QUIT $!; wait $!; [ $told = 0 ] || rm -rf data'
"""Ends the server when it is told to by a line, and when the program that uses it has ended, in
whichever way; then nothing of it stays."""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None when Postgres is not installed."""
    found = sorted(Path("/").glob(INSTALLED), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).resolve().parent if other else None


class Cluster:
    """A server that can be stopped and started again; its data stay."""

    def __init__(self, bin_folder: Path, folder: str, *, durable: bool, listen: str = "") -> None:
        self.url = f"postgresql+asyncpg://{USER}@/{{name}}?host={folder}"
        """Of its databases, with `{name}` in the place of the name."""
        self._bin_folder = bin_folder
        self._folder = folder
        self._listen = listen
        self._fsync = "fsync=on" if durable else "fsync=off"
        self._leash: subprocess.Popen[bytes] | None = None
        self._as_owner: dict[str, Any] = {}
        if them := owner():
            os.chown(folder, them.pw_uid, them.pw_gid)
            ids = {"user": them.pw_uid, "group": them.pw_gid, "extra_groups": []}
            self._as_owner = ids
        auth = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self._run("initdb", "-D", f"{folder}/data", *auth)
        if listen:
            with Path(folder, "data/pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")

    def start(self) -> None:
        """Returns when it takes connections."""
        program = [str(self._bin_folder / "postgres"), "-D", f"{self._folder}/data"]
        command = [*program, "-k", self._folder]
        listen = f"listen_addresses={self._listen}"
        for setting in (self._fsync, listen, "max_wal_size=64MB", "min_wal_size=32MB"):
            command += ["-c", setting]
        self._leash = leash = subprocess.Popen(
            ["sh", "-c", LEASH, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            start_new_session=True,  # Ctrl-C is for the program that uses it
            **self._as_owner,
        )
        while self._run("pg_isready", "-q", "-h", self._folder, check=False):
            if leash.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as if it had crashed."""
        if self._leash:
            self._leash.communicate(b"stop\n")
            self._leash = None

    def end(self) -> None:
        """For good."""
        if self._leash:
            self._leash.communicate()

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._bin_folder / program), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        done = subprocess.run(command, check=check, cwd=self._folder, **quiet, **self._as_owner)
        return done.returncode


@contextmanager
def stoppable_cluster(
    bin_folder: Path, *, durable: bool = True, listen: str = ""
) -> Iterator[Cluster]:
    """A server that runs. It also takes connections at the address `listen`, from the networks of
    this machine.

    `durable=False` leaves out the disk's own waiting, for tests that do not kill the server."""
    with tempfile.TemporaryDirectory(prefix="vv-pg-", ignore_cleanup_errors=True) as folder:
        made = Cluster(bin_folder, folder, durable=durable, listen=listen)
        try:
            made.start()
            yield made
        finally:
            made.end()


@contextmanager
def cluster(bin_folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Run a server; yields the URL of its databases with `{name}` in the place of the name."""
    with stoppable_cluster(bin_folder, durable=durable) as made:
        yield made.url


def owner() -> pwd.struct_passwd | None:
    """Whom to run it as: Postgres refuses to be root. None: as we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
