"""Try a converted file beside the one that it was made from: is it quicker on this processor, and
does it say the same?

    python -m models.llama.trial SOURCE CONVERTED

Both are measured on one text, in a process of their own, and the result is printed as JSON.
"""

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import msgspec

from .. import ENVIRONMENT, device
from ..errors import WeightsUnusable
from ..speed import ANSWER, PROMPT

READ = 64
"""Tokens of an answer in its task."""
WRITTEN = 16
"""Tokens of a sentence of reply."""
TOKENS = 160
"""Tokens of the text after which both predict the next one."""
RUNS = 3
WORTH = 1.15
"""A converted file has to be so many times as fast: less would not pay for what it forgets."""
ALIKE = 0.6
"""Share of tokens after which both have to predict the same next one; a sound conversion of half a
billion parameters to 4 bits reaches 0.8 to 0.9."""


class Trial(msgspec.Struct, frozen=True):
    """The comparison of a converted file with its original."""

    faster: float
    """Speed of a reply, from reading the answer to the last word, in times of the original."""
    alike: float
    """Share of tokens after which both predict the same next one."""

    @property
    def objection(self) -> str:
        """Return why the converted file is not to be used; empty when it is."""
        if self.alike < ALIKE:
            return f"it predicts other words in {1 - self.alike:.0%} of the cases"
        if self.faster < WORTH:
            return f"on this processor it is {self.faster:.2f} times as fast as the original"
        return ""


def compare(source: Path, converted: Path) -> Trial:
    """Try both files; blocks for some seconds. Raises `WeightsUnusable` when one cannot be used."""
    command = [sys.executable, "-m", __name__, str(source), str(converted)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    try:
        return msgspec.json.decode(done.stdout, type=Trial)
    except msgspec.MsgspecError:
        said = done.stderr.strip().splitlines()[-1:] or [str(done.returncode)]
        raise WeightsUnusable(f"{converted} cannot be tried: {said[0]}") from None


@dataclass(frozen=True, slots=True)
class _Measured:
    seconds: float
    """Time of a reply, the answer that is read for it included."""
    predicted: list[int]


def _measure(path: Path) -> _Measured:
    from .context import LlamaContext, Span
    from .weights import LlamaWeights

    weights = LlamaWeights(path, "cpu")
    threads = device.cores()
    context = LlamaContext(weights, sequences=1, cells=4 * TOKENS, threads=threads)
    tokens = weights.tokens(f"{PROMPT}\n{ANSWER}", special=False)[:TOKENS]
    reading, writing, predicted = [], [], []
    for _ in range(RUNS):
        context.clear()
        began = perf_counter()
        context.compute([Span(0, 0, tokens[:READ])], threads)
        reading.append(perf_counter() - began)
    context.clear()
    for n, token in enumerate(tokens):
        began = perf_counter()
        _, (row,) = context.compute([Span(0, n, [token])], threads)
        writing.append(perf_counter() - began)
        predicted.append(int(context.logits(row).argmax()))
    context.free()
    weights.free()
    return _Measured(min(reading) + WRITTEN * statistics.median(writing), predicted)


def main(source: str, converted: str) -> None:
    before, after = _measure(Path(source)), _measure(Path(converted))
    pairs = list(zip(before.predicted, after.predicted, strict=True))
    same = sum(one == other for one, other in pairs) / len(pairs)
    sys.stdout.write(msgspec.json.encode(Trial(before.seconds / after.seconds, same)).decode())


if __name__ == "__main__":
    for name, value in ENVIRONMENT.items():
        os.putenv(name, value)  # the library is not loaded yet
    main(*sys.argv[1:])
