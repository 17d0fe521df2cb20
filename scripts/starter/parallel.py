"""Several processes, started by torchrun, train one model: each works on its part of every batch.

Networks as small as these gain nothing from threads; processes of one thread each share the work
almost evenly. Without torchrun one process does everything.
"""

import os
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, distributed, nn

Made = TypeVar("Made")


def joined() -> tuple[int, int]:
    """This process's number and how many there are. To be called once, first of all."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    rank, workers = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if workers > 1:
        distributed.init_process_group("gloo")
    return rank, workers


def first_alone(work: Callable[[], Made]) -> Made:
    """What `work` makes, done by the first process before the others, which find its files."""
    if not distributed.is_initialized():
        return work()
    if distributed.get_rank() == 0:
        made = work()
        distributed.barrier()
        return made
    distributed.barrier()
    return work()


def averaged(model: nn.Module, weight: float, stop: bool) -> bool:
    """Make the gradients the mean of every process's, weighted; whether any process is to stop."""
    if not distributed.is_initialized():
        return stop
    gradients = [
        torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        for parameter in model.parameters()
    ]
    told = torch.tensor([1.0, float(stop)])
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), told])
    flat[:-1] *= weight
    distributed.all_reduce(flat)
    flat[:-2] /= flat[-2]
    parts = flat[:-2].split([gradient.numel() for gradient in gradients])
    for parameter, part in zip(model.parameters(), parts, strict=True):
        parameter.grad = part.view_as(parameter)
    return bool(flat[-1] > 0)


def each(work: Callable[[Tensor], Tensor], tensors: list[Tensor]) -> list[Tensor]:
    """`work` done to each of the tensors, which keeps its shape; every process does some of it."""
    if not distributed.is_initialized():
        return [work(tensor) for tensor in tensors]
    rank, workers = distributed.get_rank(), distributed.get_world_size()
    flat = torch.zeros(sum(tensor.numel() for tensor in tensors))
    parts = flat.split([tensor.numel() for tensor in tensors])
    largest_first = sorted(range(len(tensors)), key=lambda i: -tensors[i].numel())
    for i in largest_first[rank::workers]:
        parts[i].copy_(work(tensors[i]).flatten())
    distributed.all_reduce(flat)
    return [part.view_as(tensor) for part, tensor in zip(parts, tensors, strict=True)]
