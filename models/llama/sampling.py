"""Choose the next token from a model's scores."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from .context import LlamaContext
from .weights import LlamaWeights

PENALIZED = 64
"""Number of generated tokens that a repeat penalty looks back on. The prompt is not penalized: the
planned question in it is to be repeated word for word."""
CLOSING = tuple(b']}"')
"""Characters that end a JSON text soonest where they are allowed outside of a string, best
first."""
FEW = 64
"""Number of allowed tokens among which the shortest is sought."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """A model's own sampling settings, from the manifest. Temperature 0 always takes the likeliest
    token."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    repeat_penalty: float = 1.0


GREEDY = Sampling()


class Chooser(Protocol):
    def choose(self, row: int) -> int:
        """Return the next token after this row of the most recent batch."""
        ...

    def rest(self) -> Sequence[int] | None:
        """Return the tokens that must follow the chosen one, after which the text ends; None as
        long as there is a choice. They need not be computed."""
        ...

    def free(self) -> None: ...


class SpeechChooser:
    """Chooses the tokens of replies, by the library's chain of samplers."""

    def __init__(self, context: LlamaContext, weights: LlamaWeights, sampling: Sampling) -> None:
        self._context = context.handle
        self._chain = llama_cpp.llama_sampler_chain_init(
            llama_cpp.llama_sampler_chain_default_params()
        )
        for sampler in _samplers(sampling, weights.words):
            llama_cpp.llama_sampler_chain_add(self._chain, sampler)

    def choose(self, row: int) -> int:
        return int(llama_cpp.llama_sampler_sample(self._chain, self._context, row))

    def rest(self) -> None:
        return None

    def free(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)


class LikeliestChooser:
    """Chooses the likeliest token. The library's own sampler for that first writes a list of the
    whole vocabulary, which takes five times as long."""

    def __init__(self, context: LlamaContext) -> None:
        self._context = context

    def choose(self, row: int) -> int:
        return int(self._context.logits(row).argmax())

    def rest(self) -> None:
        return None

    def free(self) -> None:
        pass


def speech_chooser(context: LlamaContext, weights: LlamaWeights, sampling: Sampling) -> Chooser:
    """Return what chooses the tokens of a reply."""
    if sampling.temperature <= 0 and sampling.repeat_penalty == 1.0:
        return LikeliestChooser(context)
    return SpeechChooser(context, weights, sampling)


def _samplers(sampling: Sampling, words: int) -> list[Any]:
    chain = []
    if sampling.repeat_penalty != 1.0:
        penalty = (words, PENALIZED, sampling.repeat_penalty, 0.0, 0.0)
        chain.append(llama_cpp.llama_sampler_init_penalties(*penalty))
    if sampling.temperature <= 0:
        return [*chain, llama_cpp.llama_sampler_init_greedy()]
    return [
        *chain,
        llama_cpp.llama_sampler_init_top_k(sampling.top_k),
        llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1),
        llama_cpp.llama_sampler_init_temp(sampling.temperature),
        llama_cpp.llama_sampler_init_dist(llama_cpp.LLAMA_DEFAULT_SEED),
    ]


class FormChooser:
    """Chooses the tokens of JSON: the likeliest that the grammar allows.

    The grammar is asked about the likeliest token alone, and about the whole vocabulary only when
    that one is refused. After `worded` tokens the text is brought to its end by the shortest way.
    """

    def __init__(
        self, context: LlamaContext, weights: LlamaWeights, grammar: str, worded: int
    ) -> None:
        self._context = context
        self._weights = weights
        self._grammar = llama_cpp.llama_sampler_init_grammar(
            weights.vocabulary, grammar.encode(), b"root"
        )
        if not self._grammar:
            raise ValueError("the library does not understand the grammar")
        self._left = worded
        self._closing = {c: tokens[0] for c in CLOSING if (tokens := _single(weights, c))}
        self._text = bytearray()

    def choose(self, row: int) -> int:
        scores = self._context.logits(row)
        self._left -= 1
        token = int(scores.argmax())
        if self._left < 0 or not self._allows(token, scores):
            allowed = self._filtered(np.arange(len(scores)), scores)
            token = self._ending(allowed) if self._left < 0 else int(allowed.argmax())
        llama_cpp.llama_sampler_accept(self._grammar, token)
        self._text += self._weights.piece(token)
        return token

    def rest(self) -> None:
        return None

    def free(self) -> None:
        llama_cpp.llama_sampler_free(self._grammar)

    def _allows(self, token: int, scores: NDArray[np.float32]) -> bool:
        return bool(np.isfinite(self._filtered(np.array([token]), scores)[0]))

    def _ending(self, allowed: NDArray[np.float32]) -> int:
        """Return the token that brings the end of the text nearest."""
        for character in b'"' if in_string(self._text) else CLOSING:
            token = self._closing.get(character)
            if token is not None and np.isfinite(allowed[token]):
                return token
        few = np.flatnonzero(np.isfinite(allowed))
        if len(few) > FEW:
            return int(allowed.argmax())
        return min(few.tolist(), key=lambda t: (len(self._weights.piece(t)), -allowed[t]))

    def _filtered(
        self, tokens: NDArray[np.integer[Any]], scores: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the scores of these tokens, minus infinity for those that the grammar forbids."""
        data = np.zeros(len(tokens), _CANDIDATE)
        data["id"] = tokens
        data["logit"] = scores[tokens]
        pointer = data.ctypes.data_as(llama_cpp.llama_token_data_p)
        candidates = llama_cpp.llama_token_data_array(pointer, len(tokens), -1, False)
        llama_cpp.llama_sampler_apply(self._grammar, ctypes.byref(candidates))
        filtered: NDArray[np.float32] = data["logit"]
        return filtered


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


class OptionChooser:
    """Finds how likely each of some tokens is, and chooses the likeliest of them."""

    def __init__(self, context: LlamaContext, tokens: Sequence[int]) -> None:
        self._context = context
        self._tokens = np.array(tokens)
        self.shares: tuple[float, ...] = ()
        """Probability of each token among all of them; empty until the prompt has been read."""

    def choose(self, row: int) -> int:
        scores = self._context.logits(row)[self._tokens].astype(np.float64)
        weights = np.exp(scores - scores.max())
        self.shares = tuple((weights / weights.sum()).tolist())
        return int(self._tokens[scores.argmax()])

    def rest(self) -> Sequence[int]:
        return ()  # an option is all that is wanted

    def free(self) -> None: ...


_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""Memory layout of `llama_token_data`."""


def in_string(text: bytes | bytearray) -> bool:
    """Return True if a JSON text breaks off within a string."""
    quotes = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return quotes.count(b'"') % 2 == 1


def _single(weights: LlamaWeights, character: int) -> list[int]:
    """Return the token of a single character. It is also tokenized next to another one, because
    some vocabularies add a space."""
    for company in ("", "0", "a"):
        tokens = weights.tokens(company + chr(character), special=False)
        if tokens and weights.piece(tokens[-1]) == bytes([character]):
            return tokens[-1:]
    return []
