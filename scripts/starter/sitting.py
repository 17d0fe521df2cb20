"""What the trainings share: SIGTERM stops them, they go on from a checkpoint, they average."""

import signal
import sys
from pathlib import Path

import torch
from torch import Tensor, nn


def save(path: Path, state: dict) -> None:
    """Whole or not at all: what is at `path` can be loaded at any moment."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


@torch.no_grad()
def follow(average: dict[str, Tensor], model: nn.Module, keep: float) -> None:
    """Move the average of the weights towards what they are; `keep` of it stays."""
    for name, weight in model.state_dict().items():
        average[name].lerp_(weight, 1 - keep)


def stoppable() -> list[int]:
    """A list that SIGTERM makes non-empty."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    return stopping


def leave(stopping: list[int]) -> None:
    """Tells a stopped training from a finished one by the exit status."""
    if stopping:
        sys.exit(128 + signal.SIGTERM)
