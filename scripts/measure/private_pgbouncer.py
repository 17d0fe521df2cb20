"""A PgBouncer of one's own in front of a private Postgres, reachable by a Unix socket only."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from .private_postgres import USER, owner

INSTALLED = "/usr/sbin/pgbouncer"
"""Where Debian has it."""
PORT = 6432

CONFIGURATION = """
[databases]
* = host={postgres} user={user}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
auth_file = {folder}/users
pool_mode = {mode}
"""


def program() -> str | None:
    """Its path; None when it is not installed."""
    return INSTALLED if Path(INSTALLED).exists() else shutil.which("pgbouncer")


@contextmanager
def pooler(postgres: str, mode: str) -> Iterator[str]:
    """Run it in this mode in front of the databases at this URL; yields the URL of its databases,
    both with `{name}` in the place of the name."""
    behind = parse_qs(urlsplit(postgres).query)["host"][0]
    with tempfile.TemporaryDirectory(prefix="vv-pool-", ignore_cleanup_errors=True) as folder:
        file, users = Path(folder, "pgbouncer.ini"), Path(folder, "users")
        file.write_text(
            CONFIGURATION.format(postgres=behind, folder=folder, port=PORT, mode=mode, user=USER)
        )
        users.write_text(f'"{USER}" ""\n')
        ids = {}
        if them := owner():
            for path in (folder, file, users):
                os.chown(path, them.pw_uid, them.pw_gid)
            ids = {"user": them.pw_uid, "group": them.pw_gid, "extra_groups": []}
        command = [program() or INSTALLED, "-q", str(file)]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder, **ids)  # type: ignore[call-overload]
        try:
            while not Path(folder, f".s.PGSQL.{PORT}").exists():
                if running.poll() is not None:
                    raise RuntimeError(f"{command[0]} did not start")
                time.sleep(0.02)
            yield f"postgresql+asyncpg://{USER}@/{{name}}?host={folder}&port={PORT}"
        finally:
            running.kill()
            running.wait()
