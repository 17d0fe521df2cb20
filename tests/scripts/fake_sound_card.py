"""Stands in for ALSA's programs: `record` plays a candidate, `play` keeps what was heard.

    fake_sound_card.py record|play FOLDER

Both are as fast as sound is. The n-th player writes FOLDER/n.raw, and makes FOLDER/n.ended when it
came to the end of its input. The candidate says answer.raw when the first has ended, and
interruption.raw into the second.
"""

import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PIECE = 960
"""Bytes: 20 ms of 24 kHz PCM16."""
INTO_THE_REPLY = 50 * PIECE


def in_time() -> Iterator[int]:
    """A number for each 20 ms that pass."""
    began = time.monotonic()
    for n in itertools.count(1):
        time.sleep(max(0.0, began + n * 0.02 - time.monotonic()))
        yield n


def pieces(folder: Path) -> Iterator[bytes]:
    """The candidate, in his own time."""
    silence = bytes(PIECE)
    second = folder / "2.raw"
    while not (folder / "1.ended").exists():
        yield silence
    yield from spoken(folder / "answer.raw")
    while not second.exists() or second.stat().st_size < INTO_THE_REPLY:
        yield silence
    yield from spoken(folder / "interruption.raw")
    yield from itertools.repeat(silence)


def spoken(path: Path) -> Iterator[bytes]:
    pcm = path.read_bytes()
    for at in range(0, len(pcm) - PIECE, PIECE):
        yield pcm[at : at + PIECE]


def record(folder: Path) -> None:
    for piece, _ in zip(pieces(folder), in_time(), strict=False):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def play(folder: Path) -> None:
    n = 1 + len(list(folder.glob("[0-9]*.raw")))
    with (folder / f"{n}.raw").open("wb", buffering=0) as heard:
        for _ in in_time():
            piece = sys.stdin.buffer.read(PIECE)
            if not piece:
                break
            heard.write(piece)
    (folder / f"{n}.ended").touch()


if __name__ == "__main__":
    {"record": record, "play": play}[sys.argv[1]](Path(sys.argv[2]))
