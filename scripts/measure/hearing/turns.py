"""Measure the ends of turns in a corpus: `eval_hearing.py --turn-ends`."""

import argparse
import asyncio
from collections.abc import Sequence

from models import registry
from models.contracts import EndOfTurn, Transcriber
from models.device import Machine
from models.vad.detector import choose

from .corpus import Recording
from .engine import end_of_turn, located
from .splices import Judging, cuts, natural, word_finder
from .turn_ends import Pause, table


def measure(options: argparse.Namespace, recordings: Sequence[Recording]) -> None:
    """Print a table for each recognizer. The last one finds the borders of words for all. Raises
    `EngineError`."""
    judge = end_of_turn(options.end_of_turn, options.models_dir)
    finder = word_finder(located(options.models[-1], options.models_dir, {}).weights)
    places = {recording.name: cuts(recording, finder) for recording in recordings}
    for name in options.models:
        model = located(name, options.models_dir, dict(options.set))
        transcriber = registry.engine(model.model.engine).load(model, Machine())
        pauses, cpu = asyncio.run(_judged(recordings, places, transcriber, judge))
        kinds = ", ".join(
            f"{sum(p.kind == kind for p in pauses)} {kind}"
            for kind in ("mid", "clause", "end", "natural")
        )
        print(f"\n{name}: {kinds}; cut off after … s, mid / clause; delay after the end, in s")
        print(table(pauses))
        print(f"the end-of-turn model: {1000 * cpu:.0f} ms of CPU a pause")


async def _judged(
    recordings: Sequence[Recording],
    places: dict[str, list[tuple[int, str]]],
    transcriber: Transcriber,
    judge: EndOfTurn | None,
) -> tuple[list[Pause], float]:
    """Return the pauses, and the mean seconds of CPU that the model took for each."""
    pauses: list[Pause] = []
    cpu = 0.0
    vad, stream = choose("both"), transcriber.open("en")
    asked = judge.open("en") if judge else None
    for recording in recordings:
        for place, kind in places[recording.name]:
            judging = Judging(recording, place, kind, vad, stream, asked)
            if found := await judging.pause():
                pauses.append(found)
                cpu += judging.cpu
        for place, length in natural(recording, vad):
            judging = Judging(recording, place, "natural", vad, stream, asked)
            if found := await judging.natural_pause(length):
                pauses.append(found)
                cpu += judging.cpu
    stream.close()
    return pauses, cpu / max(1, len(pauses))
