"""Muon: momentum whose update is orthogonalised, for the matrices inside a transformer."""

import torch
from torch import Tensor

from scripts.starter.parallel import each

ITERATIONS = 5
QUINTIC = (3.4445, -4.7750, 2.0315)  # Newton-Schulz coefficients of K. Jordan's Muon


class Muon(torch.optim.Optimizer):
    def __init__(
        self, parameters: list[Tensor], momentum: float = 0.95, decay: float = 0.05
    ) -> None:
        super().__init__(parameters, {"lr": 0.0, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            updates = each(orthogonal, [self._looked_ahead(w, group["momentum"]) for w in weights])
            for weight, update in zip(weights, updates, strict=True):
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"]).add_(
                    update, alpha=-group["lr"] * scale
                )

    def _looked_ahead(self, weight: Tensor, momentum: float) -> Tensor:
        """The gradient, moved on to where Nesterov's momentum is going."""
        mean = self.state[weight].setdefault("mean", torch.zeros_like(weight))
        mean.lerp_(weight.grad, 1 - momentum)
        return weight.grad.lerp(mean, momentum)


def orthogonal(matrix: Tensor) -> Tensor:
    """About the nearest matrix with all singular values near 1."""
    a, b, c = QUINTIC
    x = matrix / (matrix.norm() + 1e-7)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x
