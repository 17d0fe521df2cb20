"""A llama.cpp context: the memory of several token sequences, computed on in common batches."""

import ctypes
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp
import numpy as np
from llama_cpp import llama_cpp as bindings
from numpy.typing import NDArray

from ..errors import WeightsUnusable
from .weights import LlamaWeights

BATCH = 512
"""Tokens in one batch, at most."""


@dataclass(frozen=True, slots=True)
class Span:
    """New tokens at the end of one sequence. If `scored`, the last one's scores choose the next
    token."""

    sequence: int
    start: int
    """Position of the first one, which is the length of the sequence before."""
    tokens: Sequence[int]
    scored: bool = True
    """False when no token is chosen after it, which spares the last and largest matrix."""


class Outcome(enum.Enum):
    COMPUTED = enum.auto()
    FULL = enum.auto()
    """No memory is left for the batch; nothing has changed."""
    FAILED = enum.auto()
    """The computation was aborted or failed; the content of the memory is unknown."""


class LlamaContext:
    """A context, for one thread at a time. `cells` is the number of tokens that all sequences
    together can remember; what they share counts once."""

    def __init__(self, weights: LlamaWeights, *, sequences: int, cells: int, threads: int) -> None:
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = cells
        params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = sequences
        params.kv_unified = True
        self._threads = params.n_threads = params.n_threads_batch = threads
        self._context = llama_cpp.llama_init_from_model(weights.model, params)
        if not self._context:
            raise WeightsUnusable(
                f"no memory for a context of {cells} tokens: choose a smaller context, fewer "
                "sequences or a smaller model"
            )
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._words = weights.words
        self._rewinds = weights.rewinds
        self._batch = _Batch()
        self._aborting = (ctypes.c_char * 2)()
        # strlen(flag) is the question "abort?", asked hundreds of times a step without Python
        ask = ctypes.cast(ctypes.CDLL(None).strlen, bindings.ggml_abort_callback)
        flag = ctypes.cast(self._aborting, ctypes.c_void_p)
        llama_cpp.llama_set_abort_callback(self._context, ask, flag)

    @property
    def handle(self) -> Any:
        """The library's pointer, for its samplers."""
        return self._context

    def abort(self) -> None:
        """Make the running computation, and all later ones, return at once. Safe from any
        thread."""
        self._aborting[0] = b"\x01"

    def free(self) -> None:
        llama_cpp.llama_free(self._context)

    def compute(self, spans: Sequence[Span], threads: int) -> tuple[Outcome, list[int]]:
        """Read the tokens of all spans in one batch, on so many threads; return the row of each
        span's last token."""
        if threads != self._threads:
            llama_cpp.llama_set_n_threads(self._context, threads, threads)
            self._threads = threads
        rows = self._batch.fill(spans)
        code = llama_cpp.llama_decode(self._context, self._batch.struct)
        outcome = {0: Outcome.COMPUTED, 1: Outcome.FULL}.get(code, Outcome.FAILED)
        return outcome, rows

    def logits(self, row: int) -> NDArray[np.float32]:
        """Return the scores of all possible next tokens after a row of the last batch; valid until
        the next batch."""
        pointer = llama_cpp.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, (self._words,))

    def keep(self, sequence: int, length: int) -> int:
        """Forget everything after the first `length` tokens. Return how many are left: none if the
        model is of a kind that cannot go back."""
        if llama_cpp.llama_memory_seq_rm(self._memory, sequence, length, -1):
            return length
        llama_cpp.llama_memory_seq_rm(self._memory, sequence, -1, -1)
        return 0

    def share(self, source: int, target: int, length: int) -> int:
        """Replace `target` by the first `length` tokens of `source`, at no cost. Return how many it
        then holds."""
        llama_cpp.llama_memory_seq_rm(self._memory, target, -1, -1)
        if not self._rewinds:
            return 0
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, 0, length)
        return length

    def clear(self) -> None:
        llama_cpp.llama_memory_clear(self._memory, False)


class _Batch:
    """A `llama_batch` over numpy arrays, written by slices rather than token by token."""

    def __init__(self) -> None:
        self._token = np.zeros(BATCH, np.int32)
        self._position = np.zeros(BATCH, np.int32)
        self._sequence = np.zeros(BATCH, np.int32)
        self._scored = np.zeros(BATCH, np.int8)
        self._ones = np.ones(BATCH, np.int32)
        step = self._sequence.itemsize
        self._pointers = self._sequence.ctypes.data + step * np.arange(BATCH, dtype=np.uintp)
        kinds: dict[str, Any] = {name: kind for name, kind, *_ in llama_cpp.llama_batch._fields_}
        self.struct = llama_cpp.llama_batch(
            n_tokens=0,
            token=self._token.ctypes.data_as(kinds["token"]),
            embd=None,
            pos=self._position.ctypes.data_as(kinds["pos"]),
            n_seq_id=self._ones.ctypes.data_as(kinds["n_seq_id"]),
            seq_id=self._pointers.ctypes.data_as(kinds["seq_id"]),
            logits=self._scored.ctypes.data_as(kinds["logits"]),
        )

    def fill(self, spans: Sequence[Span]) -> list[int]:
        """Write the spans one after another; return the row of each one's last token."""
        rows = []
        end = 0
        self._scored[:] = 0
        for span in spans:
            begin, end = end, end + len(span.tokens)
            self._token[begin:end] = span.tokens
            self._position[begin:end] = np.arange(span.start, span.start + len(span.tokens))
            self._sequence[begin:end] = span.sequence
            self._scored[end - 1] = span.scored
            rows.append(end - 1)
        self.struct.n_tokens = end
        return rows
