"""The limit of open files, which includes sockets, and the share of it that clients may use."""

import os
import resource

MOST = 65_536
"""The limit that is asked for, where the system allows it: far more than interviews need on any
machine."""
FEWEST_CONNECTIONS = 8
"""Connections that are allowed even where hardly any files are left."""


def raise_limit() -> int:
    """Raise the soft limit of open files as far as allowed and return the limit that then holds.
    Shells and systemd give 1024 for the sake of old programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # a system with a limit of its own
        return soft
    return wanted


def for_clients(limit: int) -> int:
    """Return how many client connections may be open at once: half of the files that are left. The
    database, the models and the recordings need files too, and nothing works without one."""
    return max((limit - _open()) // 2, FEWEST_CONNECTIONS)


def _open() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 32
