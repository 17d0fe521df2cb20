"""How many files, sockets among them, may be open, and how many of them are for clients."""

import os
import resource

MOST = 65_536
"""Asked for, where the system allows as many: far more than interviews need on any machine."""
FEWEST_CONNECTIONS = 8


def raise_limit() -> int:
    """Raise the soft limit as far as it may be; the limit that then holds. Shells and systemd give
    1024 for the sake of old programs."""
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
    """Connections that may be open at once: half of what is left, for the database, the models and
    the recordings need files too, and without one nothing goes on."""
    return max((limit - _open()) // 2, FEWEST_CONNECTIONS)


def _open() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 32
