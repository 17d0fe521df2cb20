"""What the three trainings share: they are stopped by SIGTERM, and go on from a checkpoint."""

import signal
import sys
from pathlib import Path

import torch


def save(path: Path, state: dict) -> None:
    """Whole or not at all: what is at `path` can be loaded at any moment."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def stoppable() -> list[int]:
    """A list that SIGTERM makes non-empty."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    return stopping


def leave(stopping: list[int]) -> None:
    """Tells a stopped training from a finished one by the exit status."""
    if stopping:
        sys.exit(128 + signal.SIGTERM)
