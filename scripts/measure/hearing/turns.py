"""Measure the ends of turns in a corpus: `eval_hearing.py --turn-ends`."""

import argparse
import asyncio
from collections.abc import Sequence

from models import registry
from models.contracts import EndOfTurn, SentenceEnd, Transcriber
from models.device import Machine
from models.vad.detector import choose

from .corpus import CorpusUnusable, Recording
from .engine import end_of_turn, located, sentence_end
from .splices import Judging, Listeners, cuts, natural, word_finder
from .turn_ends import Pause, table

BORDERS = "whisper-base"
"""The recognizer that finds the borders of words, whichever are measured: with another one the
pauses are elsewhere, and the figures of two runs would not be of the same pauses."""


def measure(options: argparse.Namespace, recordings: Sequence[Recording]) -> None:
    """Print a table for each recognizer. Raises `EngineError` and `CorpusUnusable`."""
    judge = end_of_turn(options.end_of_turn, options.models_dir)
    reader = sentence_end(options.language_model, options.models_dir)
    finder = word_finder(located(BORDERS, options.models_dir, {}).weights)
    places = {recording.name: cuts(recording, finder) for recording in recordings}
    for name in options.models:
        model = located(name, options.models_dir, dict(options.set))
        transcriber = registry.engine(model.model.engine).load(model, Machine())
        pauses, cpu = asyncio.run(_judged(recordings, places, transcriber, judge, reader))
        if not any(pause.kind == "end" for pause in pauses):
            raise CorpusUnusable("none of these recordings has two words and an end to judge")
        kinds = ", ".join(
            f"{sum(p.kind == kind for p in pauses)} {kind}"
            for kind in ("mid", "clause", "end", "natural")
        )
        print(f"\n{name}: {kinds}; cut off after … s, mid / clause; delay after the end, in s")
        print(table(pauses))
        if judge:
            print(f"the end-of-turn model: {1000 * cpu:.0f} ms of CPU a pause")


async def _judged(
    recordings: Sequence[Recording],
    places: dict[str, list[tuple[int, str]]],
    transcriber: Transcriber,
    judge: EndOfTurn | None,
    reader: SentenceEnd | None,
) -> tuple[list[Pause], float]:
    """Return the pauses, and the mean seconds of CPU that the model took for each."""
    pauses: list[Pause] = []
    cpu = 0.0
    stream = transcriber.open("en")
    by = Listeners(choose("both"), stream, judge.open("en") if judge else None, reader)
    for recording in recordings:
        for place, kind in places[recording.name]:
            judging = Judging(recording, place, kind, by)
            if found := await judging.pause():
                pauses.append(found)
                cpu += judging.cpu
        for place, length in natural(recording, by.vad):
            judging = Judging(recording, place, "natural", by)
            if found := await judging.natural_pause(length):
                pauses.append(found)
                cpu += judging.cpu
    stream.close()
    return pauses, cpu / max(1, len(pauses))
