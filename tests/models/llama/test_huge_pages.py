"""Which memory is moved into large pages, and that it is."""

import ctypes
import mmap
import re
import sys
from pathlib import Path

import pytest

from models.llama.huge_pages import LEAST, PAGE, ask_for_empty_blocks, large, move

ASKED_FOR = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def line(start, length, kind="rw-p", inode=0, name=""):
    return f"{start:012x}-{start + length:012x} {kind} 00000000 00:00 {inode} {name}".rstrip()


def test_the_whole_large_pages_of_a_block_are_found():
    inside = PAGE // 2
    assert large(line(7 * PAGE - inside, LEAST + PAGE)) == [(7 * PAGE, 7 * PAGE + LEAST)]


@pytest.mark.parametrize(
    "other",
    [
        line(PAGE, LEAST - 4096),
        line(PAGE, LEAST, kind="r--p"),
        line(PAGE, LEAST, kind="rw-s"),
        line(PAGE, LEAST, inode=17, name="/models/a.gguf"),
        line(PAGE, LEAST, name="[heap]"),
    ],
)
def test_other_memory_stays_as_it_is(other):
    assert large(other) == []


def _in_large_pages(block):
    """Return how many bytes of the mapping that holds the block are in large pages."""
    address = ctypes.addressof(ctypes.c_char.from_buffer(block))
    smaps = Path("/proc/self/smaps").read_text()
    mapping = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) rw.*?^AnonHugePages: +(\d+) kB", re.M | re.S)
    found = (each.groups() for each in mapping.finditer(smaps))
    return next(int(kb) << 10 for a, b, kb in found if int(a, 16) <= address < int(b, 16))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
@pytest.mark.skipif(
    not ASKED_FOR.exists() or "[never]" in ASKED_FOR.read_text(), reason="no large pages here"
)
def test_what_is_loaded_is_in_large_pages_and_holds_the_same():
    block = mmap.mmap(-1, 2 * LEAST, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    asked = ask_for_empty_blocks()
    block.write(b"\x07" * len(block))
    move(asked)
    assert _in_large_pages(block) >= LEAST
    assert block[:] == b"\x07" * len(block)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_memory_that_something_lies_in_stays_as_it_is():
    block = mmap.mmap(-1, 2 * LEAST, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block[LEAST] = 7
    move(ask_for_empty_blocks())
    block.write(b"\x07" * len(block))
    assert not _in_large_pages(block)
