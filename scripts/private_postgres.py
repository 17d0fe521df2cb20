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
LEASH = '"$@" & read _; kill -QUIT $!; wait $!; rm -rf data'
"""Ends the server when the program that uses it has ended, in whichever way."""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None when Postgres is not installed."""
    found = sorted(Path("/").glob(INSTALLED), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).resolve().parent if other else None


@contextmanager
def cluster(bin_folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Run a server; yields the URL of its databases with `{name}` in the place of the name.

    `durable=False` leaves out the disk's own waiting, for tests that do not kill the server."""
    owner = _owner()
    with tempfile.TemporaryDirectory(prefix="vv-pg-", ignore_cleanup_errors=True) as folder:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = f"{folder}/data"

        as_owner: dict[str, Any] = {}
        if owner:
            as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}

        def run(program: str, *arguments: str, check: bool = True) -> int:
            command = [str(bin_folder / program), *arguments]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            return subprocess.run(command, check=check, cwd=folder, **quiet, **as_owner).returncode

        run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        fsync = "fsync=on" if durable else "fsync=off"
        command = [str(bin_folder / "postgres"), "-D", data, "-k", folder, "-c", fsync]
        leash = subprocess.Popen(
            ["sh", "-c", LEASH, "sh", *command, "-c", "listen_addresses="],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the program that uses it
            **as_owner,
        )
        with leash:  # at the end its input is closed, and it is waited for
            while run("pg_isready", "-q", "-h", folder, check=False):
                if leash.poll() is not None:
                    raise RuntimeError(f"{command[0]} did not start")
                time.sleep(0.05)
            yield f"postgresql+asyncpg://{USER}@/{{name}}?host={folder}"


def _owner() -> pwd.struct_passwd | None:
    """Whom to run it as: Postgres refuses to be root. None: as we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
