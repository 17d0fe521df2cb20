"""Keep weights in memory pages of 2 MB, where the system gives them to those who ask.

A model reads all of its weights for every word. In pages of 4 KB, a tenth of that time goes into
finding them.
"""

import ctypes
import mmap
import re
import sys
from collections.abc import Sequence
from pathlib import Path

PAGE = 2 << 20
LEAST = 16 * PAGE
"""Bytes of a mapping from which it can be of weights; stacks of threads, which are hardly used, are
smaller."""
_ASK, _COLLAPSE = 14, 25
"""Linux's MADV_HUGEPAGE and, since 6.1, MADV_COLLAPSE."""
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p [0-9a-f]+ [0-9a-f:]+ 0\s*$", re.MULTILINE)


_libc = ctypes.CDLL(None)
if sys.platform == "linux":
    _libc.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    _libc.mincore.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p


# docs/decisions/072-large-pages.md: what this gains, and why before anything is loaded
def ask_for_empty_blocks(maps: Path = Path("/proc/self/maps")) -> list[tuple[int, int]]:
    """Ask for large pages for the large blocks of memory that are allocated, but hold nothing yet;
    return these blocks."""
    if sys.platform != "linux":
        return []
    blocks = [block for block in large(maps.read_text()) if _is_empty(*block)]
    _advise(blocks, _ASK)
    return blocks


def move(blocks: Sequence[tuple[int, int]]) -> None:
    """Move what lies in small pages of blocks that were asked for into large ones, because none was
    free when they were filled. Where the system refuses, it stays."""
    _advise(blocks, _COLLAPSE)


def large(maps: str) -> list[tuple[int, int]]:
    """Return the whole large pages within each large mapping of private memory that belongs to no
    file, as first and last address."""
    found = []
    for line in _LINE.finditer(maps):
        start, end = (int(address, 16) for address in line.groups())
        if end - start >= LEAST:
            found.append((-(-start // PAGE) * PAGE, end // PAGE * PAGE))
    return found


def _is_empty(start: int, end: int) -> bool:
    """Return True if nothing was ever written to the memory, so that it takes up none."""
    pages = (end - start) // mmap.PAGESIZE
    resident = (ctypes.c_ubyte * pages)()
    refused = _libc.mincore(start, end - start, resident)
    return not refused and not any(bytes(resident))


def _advise(blocks: Sequence[tuple[int, int]], advice: int) -> None:
    for start, end in blocks:
        _libc.madvise(start, end - start, advice)
