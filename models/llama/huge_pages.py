"""Keep weights in memory pages of 2 MB, where the system gives them to those who ask.

A model reads all of its weights for every word. In pages of 4 KB, a tenth of that time goes into
finding them.
"""

import contextlib
import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = 2 << 20
LEAST = 16 * PAGE
"""Bytes of a mapping from which it can be of weights; stacks of threads, which are hardly used, are
smaller."""
_ADVISE, _COLLAPSE = 14, 25
"""Linux's MADV_HUGEPAGE and, since 6.1, MADV_COLLAPSE."""
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ [0-9a-f:]+ 0\s*$", re.MULTILINE)


# docs/decisions/072-large-pages.md: what this gains, and what it costs
@contextlib.contextmanager
def for_what_is_loaded(maps: Path = Path("/proc/self/maps")) -> Iterator[None]:
    """Move the large blocks of memory that are allocated while this is open into large pages at its
    end. Where the system refuses, they stay as they are."""
    if sys.platform != "linux":
        yield
        return
    before = set(large(maps.read_text()))
    yield
    for start, end in large(maps.read_text()):
        if (start, end) not in before:
            _move(start, end)


def large(maps: str) -> list[tuple[int, int]]:
    """Return the whole large pages within each large mapping of private memory that belongs to no
    file, as first and last address."""
    found = []
    for line in _LINE.finditer(maps):
        start, end = (int(address, 16) for address in line.groups())
        if end - start >= LEAST:
            found.append((-(-start // PAGE) * PAGE, end // PAGE * PAGE))
    return found


def _move(start: int, end: int) -> None:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for advice in (_ADVISE, _COLLAPSE):
        advise(start, end - start, advice)
