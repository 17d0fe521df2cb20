"""Tell from a model's scores whether a sentence ends here."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .context import LlamaContext
from .weights import LlamaWeights

ENDS = tuple(mark.encode() for mark in ".?!…。？！।؟")
"""Beginnings of the tokens that end a sentence, besides those that end a message."""


def ends_in(weights: LlamaWeights) -> NDArray[np.bool_]:
    """Return for each token of the vocabulary whether it ends a sentence."""
    return np.array([weights.ends(n) or _ends(weights.piece(n)) for n in range(weights.words)])


def _ends(piece: bytes) -> bool:
    blank = piece[: len(piece) - len(piece.lstrip())]
    return piece.startswith(ENDS) or b"\n" in blank


class EndChooser:
    """Finds how likely a sentence ends after the prompt, and ends the job."""

    def __init__(
        self, context: LlamaContext, weights: LlamaWeights, ends: NDArray[np.bool_]
    ) -> None:
        self._context = context
        self._end = weights.end
        self._ends = ends
        self.probability = 0.0
        """Probability of an end, once the prompt has been read."""

    def choose(self, row: int) -> int:
        scores = self._context.logits(row).astype(np.float64)
        weights = np.exp(scores - scores.max())
        self.probability = float(weights[self._ends].sum() / weights.sum())
        return self._end

    def rest(self) -> Sequence[int]:
        return ()

    def free(self) -> None: ...
