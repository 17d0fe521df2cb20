"""A Postgres of one's own, for tests and benchmarks: a new cluster in a temporary folder, reachable
by a Unix socket only, gone at the end. It uses the programs that the system has installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALLED = "usr/lib/postgresql/*/bin/initdb"
"""Where Debian has them."""
USER = "vivavoce"


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

        def run(program: str, *arguments: str) -> None:
            command = [str(bin_folder / program), "-D", data, *arguments]
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )

        run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if durable else 'off'}"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://{USER}@/{{name}}?host={folder}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _owner() -> pwd.struct_passwd | None:
    """Whom to run it as: Postgres refuses to be root. None: as we are."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
