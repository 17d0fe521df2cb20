"""Read from a server's answer how likely each of some options is. Pure."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import EngineError
from . import chat_answer

TOP = 20
"""Alternatives to the first token that are requested, the most that servers give."""
WISH = {"max_tokens": 4, "temperature": 0, "logprobs": True, "top_logprobs": TOP}
"""Request for a few tokens, because a word may be cut into several, and for the first one's
alternatives."""


def shares(answer: Any, options: Sequence[str]) -> tuple[float, ...]:
    """Return the share of each option. A server that gives no probabilities has chosen one, which
    has all. Raises `EngineError` for an answer that is none of the options."""
    weights = [0.0] * len(options)
    for token, probability in _first_tokens(answer):
        for n, option in enumerate(options):
            if _begins(option, token):
                weights[n] += probability
    if not sum(weights):
        text = chat_answer.content(answer, "message")
        weights = [float(_begins(text, option)) for option in options]
    if not sum(weights):
        raise EngineError("the model server's answer is none of the options")
    return tuple(weight / sum(weights) for weight in weights)


def _first_tokens(answer: Any) -> Iterator[tuple[str, float]]:
    """Yield the likeliest first tokens with their probabilities, as far as the answer has them in
    the usual place."""
    try:
        for each in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]:
            yield str(each["token"]), math.exp(min(0.0, float(each["logprob"])))
    except (LookupError, TypeError, ValueError):
        return


def _begins(text: str, part: str) -> bool:
    """Return True if the text begins with the part, whatever the case and the spaces around."""
    start = part.strip().casefold()
    return bool(start) and text.strip().casefold().startswith(start)
