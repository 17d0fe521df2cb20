"""Compare the engines with the bare libraries below them, on this machine and the same threads:

    .venv/bin/python -m scripts.measure.engines --language-model models/…/a.gguf models/…/b.gguf
    .venv/bin/python -m scripts.measure.engines --recognizer models/…/whisper-base
    .venv/bin/python -m scripts.measure.engines --voice models/…/en_US-joe-medium.onnx

Both take turns in one process, so that whatever else goes on meets both; each figure is the median
of --rounds rounds. Nothing else should run meanwhile. What is compared:
- language model: tokens per second read (a prompt that is not in memory) and written by 1, 2 and 4
  conversations at once, together. The library alone is a loop around llama_decode that chooses no
  token, which is what its own benchmark measures; ours is the scheduler with prompts and pieces
- recognizer: milliseconds for 5 s of speech, in windows of 10, 20 and 30 s, once and four at once.
  The library alone is encode and generate of a spectrogram that is there already
- voice: milliseconds for clauses of several lengths. The library alone is PiperVoice.synthesize as
  it loads itself
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from models import ENVIRONMENT, device

os.environ.update(ENVIRONMENT)  # as the service does, before the libraries are loaded

from . import bare_llama, bare_piper, bare_whisper

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--language-model", type=Path, nargs="*", default=[], metavar="GGUF")
parser.add_argument("--recognizer", type=Path, nargs="*", default=[], metavar="FOLDER")
parser.add_argument("--voice", type=Path, nargs="*", default=[], metavar="ONNX")
parser.add_argument("--threads", type=int, nargs="*", help="by default as many as there are cores")
parser.add_argument("--rounds", type=int, default=5)

Case = tuple[str, Callable[[], Any], Callable[[], Any]]
"""What is measured, and how it is by the library alone and by our engine. Both return a figure or
the coroutine that does."""


async def compare(cases: Sequence[Case], rounds: int, *, faster_is: str) -> list[str]:
    """Measure all cases in turn, and return a line of a table for each."""
    figures: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name, *_ in cases}
    for turn in range(rounds + 1):
        for name, alone, ours in cases:
            order = ((0, alone), (1, ours)) if turn % 2 else ((1, ours), (0, alone))
            for column, measure in order:
                found = measure()
                figure = await found if asyncio.iscoroutine(found) else found
                if turn:  # the first round only warms up
                    figures[name][column].append(figure)
    return [line(name, *figures[name], faster_is) for name, *_ in cases]


def line(name: str, alone: Sequence[float], ours: Sequence[float], faster_is: str) -> str:
    """Return a line of the table; the ratio is above 1 where ours is the faster one."""
    library, own = statistics.median(alone), statistics.median(ours)
    ratio = own / library if faster_is == "more" else library / own
    return f"| {name} | {own:.0f} | {library:.0f} | {ratio:.2f} |"


async def language_model(weights: Path, threads: int, rounds: int) -> list[str]:
    pair = bare_llama.Pair(weights, threads)
    try:
        cases: list[Case] = [
            (f"reads {n} tokens", partial(pair.library_reads, n), partial(pair.reads, n))
            for n in bare_llama.PROMPTS
        ]
        cases += [
            (f"writes, {n} at once", partial(pair.library_writes, n), partial(pair.writes, n))
            for n in bare_llama.AT_ONCE
        ]
        return await compare(cases, rounds, faster_is="more")
    finally:
        await pair.aclose()


async def recognizer(folder: Path, threads: int, rounds: int) -> list[str]:
    speech = await bare_whisper.speech()
    lines = []
    for window in bare_whisper.WINDOWS:
        pair = bare_whisper.Pair(folder, threads, window, speech)
        cases: list[Case] = [
            (f"{window} s, {n} at once", partial(pair.library, n), partial(pair.own, n))
            for n in bare_whisper.AT_ONCE
        ]
        lines += await compare(cases, rounds, faster_is="less")
        await pair.aclose()
    return lines


async def voice(weights: Path, threads: int, rounds: int) -> list[str]:
    pair = bare_piper.Pair(weights, threads)
    cases: list[Case] = [
        (f"“{text}”", partial(pair.library, text), partial(pair.own, text))
        for text in bare_piper.CLAUSES
    ]
    lines = await compare(cases, rounds, faster_is="less")
    await pair.aclose()
    return lines


async def main() -> None:
    options = parser.parse_args()
    kinds = (
        ("tokens/s", language_model, options.language_model),
        ("ms", recognizer, options.recognizer),
        ("ms", voice, options.voice),
    )
    for unit, measure, paths in kinds:
        for path in paths:
            for threads in options.threads or [device.cores()]:
                print(
                    f"\n{path.name}, {threads} threads\n\n| {unit} | ours | library alone | ratio |"
                )
                print("|---|---|---|---|")
                began = time.monotonic()
                print("\n".join(await measure(path, threads, options.rounds)))
                print(f"\nin {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
