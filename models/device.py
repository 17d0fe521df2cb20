"""Find out what this machine has, and divide it among the engines."""

import contextlib
import ctypes
import math
import os
import platform
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .errors import DeviceUnavailable

Wanted = Literal["auto", "cpu", "cuda"]
Device = Literal["cpu", "cuda"]

NICE = 5
"""Steps in niceness of a thread that gives way: beside another, it gets a quarter of a core."""
NO_GPU = "no CUDA GPU and driver found: use the device cpu or auto"


class Occupied:
    """Counts the cores on which engines compute at this moment.

    Nobody waits for a core here. An engine that can choose its number of threads anew for every
    step takes as many as the others leave; the others say when they begin and when they end.
    """

    def __init__(self) -> None:
        self.begun = 0
        """Number of times that an engine began to compute on cores."""
        self._threads = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def by(self, threads: int) -> Iterator[None]:
        """Count `threads` as computing while this is open."""
        self._add(threads)
        try:
            yield
        finally:
            self._add(-threads)

    def left(self, threads: int) -> int:
        """Return how many of `threads` are free for the caller, at least one."""
        return max(1, threads - self._threads)

    def _add(self, threads: int) -> None:
        with self._lock:  # for an addition only, since += is not one step between threads
            self._threads += threads
            self.begun += threads > 0


def give_way() -> None:
    """Let the other threads of this process have the cores first, from now on; threads that this
    one starts give way, too."""
    if sys.platform == "linux":  # elsewhere a whole process can give way, not a thread
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            before = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, before + NICE)


NOBODY = Occupied()
"""For an engine that works by itself."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The share of the machine that the engines may use."""

    device: Wanted = "auto"
    compute_type: str = "auto"
    """Number format of the recognizer, by CTranslate2's name."""
    threads: int = 0
    """Number of threads; 0 means one per core."""
    sessions: int = 8
    """Number of conversations that the language model keeps in memory at once."""
    occupied: Occupied = field(default_factory=Occupied, compare=False)
    """The cores in use, by all engines together."""


@dataclass(frozen=True, slots=True)
class Threads:
    """The number of threads that each engine computes on."""

    recognizer: int
    language_model: int
    """At most, while no other engine computes."""
    voice: int
    """Threads that work on one clause."""
    voice_workers: int
    """Clauses synthesized at the same time."""


def resolve(wanted: Wanted, ready: bool, otherwise: str) -> Device:
    """Return the device to use. Raises `DeviceUnavailable`, with the sentence `otherwise`, when
    CUDA was asked for and the engine is not `ready` for it."""
    if wanted == "cuda" and not ready:
        raise DeviceUnavailable(otherwise)
    return "cuda" if ready and wanted != "cpu" else "cpu"


def share(threads: int = 0) -> Threads:
    """Divide `threads` among the engines; 0 means one for each core that this process may use.

    In one interview the engines work in turn, but with several they overlap. The language model
    makes room for the others from step to step, so it may have all; the recognizer cannot.
    """
    # docs/decisions/043-cores-over-time.md: what an engine that works alone gets
    threads = threads or cores()
    half = max(1, threads // 2)
    return Threads(
        recognizer=half,
        language_model=threads,
        # A second thread for a clause pays only where cores are idle: on 4 busy ones it cost time.
        voice=2 if half >= 4 else 1,
        voice_workers=min(4, max(2, half)),
    )


def cores() -> int:
    """Return the number of cores that this process may use, by its affinity and its control group's
    quota."""
    allowed = len(os.sched_getaffinity(0))
    return max(1, int(min(allowed, quota(Path("/sys/fs/cgroup"), _control_group()))))


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return the processor's name, or whatever else tells it from others."""
    lines = cpuinfo.read_text(errors="replace").splitlines() if cpuinfo.exists() else []
    told = {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    parts = (told.get(name) for name in ("CPU implementer", "CPU part"))  # ARM has no names
    return told.get("model name") or " ".join(filter(None, [platform.machine(), *parts]))


def gpus(root: Path = Path("/proc/driver/nvidia/gpus")) -> tuple[str, ...]:
    """Return the names of all GPUs that the driver knows. Loads no library where there is no
    driver."""
    found = []
    for information in sorted(root.glob("*/information")):
        for line in information.read_text(errors="replace").splitlines():
            if line.startswith("Model:"):
                found.append(line.partition(":")[2].strip())
    return tuple(found)


def cuda_devices() -> int:
    """Return the number of GPUs that a CUDA program would find, as the driver counts them; 0
    without a driver."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int()
    failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    return 0 if failed else count.value


def free_memory(root: Path = Path("/sys/fs/cgroup")) -> float:
    """Return how many bytes this process may still allocate, by the machine and by its control
    group."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    groups = [root / _control_group(), *(root / _control_group()).parents]
    return min([free, *(_left(g) for g in groups if g == root or root in g.parents)])


def _left(group: Path) -> float:
    try:
        limit = (group / "memory.max").read_text().strip()
        used = int((group / "memory.current").read_text())
    except (OSError, ValueError):
        return math.inf
    return math.inf if limit == "max" else max(0, int(limit) - used)


def quota(root: Path, group: str) -> float:
    """Return the CPU quota, in cores, of the control group and its parents; infinite without a
    limit. `root` is where control groups are mounted (version 2, or version 1 in a container)."""
    groups = [root / group, *(root / group).parents]
    limits = [_limit(g) for g in groups if g == root or root in g.parents]
    return min([*limits, _limit_v1(root / "cpu")])


def _limit(group: Path) -> float:
    try:
        allowed, period = (group / "cpu.max").read_text().split()
    except (OSError, ValueError):
        return math.inf
    return math.inf if allowed == "max" else int(allowed) / int(period)


def _limit_v1(group: Path) -> float:
    try:
        allowed = int((group / "cpu.cfs_quota_us").read_text())
        period = int((group / "cpu.cfs_period_us").read_text())
    except (OSError, ValueError):
        return math.inf
    return allowed / period if allowed > 0 else math.inf


def _control_group() -> str:
    """Return the path of this process's control group (version 2), without the leading slash."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return ""
    return next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
