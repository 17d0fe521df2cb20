"""Choose the tokens of short texts, so that they keep to a shape."""

import codecs
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..contracts import Shape
from .context import LlamaContext
from .sampling import Chooser, Sampling, speech_chooser
from .shaping import ShapedText
from .weights import LlamaWeights

LIKELY = 64
"""Number of likely tokens that are looked at before the whole vocabulary is."""


def shaped(
    context: LlamaContext, weights: LlamaWeights, sampling: Sampling, shape: Shape
) -> Chooser:
    """Return the chooser for a text of this shape."""
    if shape.choices:
        return ChoiceChooser(context, weights, shape.choices)
    return ShapeChooser(context, weights, sampling, shape)


class ShapeChooser:
    """Chooses as `SpeechChooser` does where the shape allows it, else the likeliest token that it
    allows. Where the model wants to end too early, the mark that completes the text is written."""

    def __init__(
        self, context: LlamaContext, weights: LlamaWeights, sampling: Sampling, shape: Shape
    ) -> None:
        self._free = speech_chooser(context, weights, sampling)
        self._context = context
        self._weights = weights
        self._text = ShapedText(shape)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def choose(self, row: int) -> int:
        token = self._free.choose(row)
        if not self._allowed(token):
            token = self._instead(token, self._context.logits(row))
        if not self._weights.ends(token):
            self._text.add(self._decoder.decode(self._weights.piece(token)))
        return token

    def rest(self) -> Sequence[int] | None:
        return () if self._text.is_full else None

    def free(self) -> None:
        self._free.free()

    def _allowed(self, token: int) -> bool:
        if self._weights.ends(token):
            return self._text.may_end
        piece = self._weights.piece(token)
        state = self._decoder.getstate()
        text = self._decoder.decode(piece)
        self._decoder.setstate(state)
        # a part of a character is judged when it is whole
        return bool(piece) and (not text or self._text.allows(text))

    def _instead(self, refused: int, scores: NDArray[np.float32]) -> int:
        if self._weights.ends(refused):
            closing = self._weights.tokens(self._text.ending, special=False)[-1]
            if self._allowed(closing):
                return closing
        for token in _by_score(scores):
            if self._allowed(token):
                return token
        return refused


def _by_score(scores: NDArray[np.float32]) -> Iterator[int]:
    """Yield the tokens from the likeliest on; sorting all takes ten times as long as a few."""
    few = np.argpartition(scores, -min(LIKELY, len(scores)))[-LIKELY:]
    yield from few[np.argsort(-scores[few])].tolist()
    yield from np.argsort(-scores)[LIKELY:].tolist()


class ChoiceChooser:
    """Chooses one of several texts, token by token."""

    def __init__(
        self, context: LlamaContext, weights: LlamaWeights, choices: Sequence[str]
    ) -> None:
        self._context = context
        self._end = weights.end
        self._at = 0
        texts = dict.fromkeys(choices)
        self._open = [(*weights.tokens(text, special=False), weights.end) for text in texts]
        """The texts that what was chosen so far begins with, each with an end."""

    def choose(self, row: int) -> int:
        scores = self._context.logits(row)
        options = {tokens[self._at] for tokens in self._open}
        token = max(options, key=lambda each: (scores[each], -each))
        self._open = [tokens for tokens in self._open if tokens[self._at] == token]
        self._at += 1
        return token

    def rest(self) -> Sequence[int] | None:
        if len(self._open) > 1:
            return None
        return self._open[0][self._at : -1]

    def free(self) -> None: ...
