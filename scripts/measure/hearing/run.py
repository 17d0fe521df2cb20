"""Play the recordings of a corpus to recognizers and count what is understood."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from models import registry
from models.contracts import Samples
from models.device import Machine
from models.errors import EngineError
from models.vad.detector import choose

from ..virtual_time import Work, run
from . import bursts, corpus, echo, path, sounds, turns
from .corpus import CorpusUnusable, Recording
from .engine import NONE, Ears, TimedEndOfTurn, TimedTranscriber, end_of_turn, located
from .report import HEAD, Row, as_json
from .words import counted, errors, slots_heard

WAYS = ("engine", "path")
SHIFT = 112
"""Samples (7 ms) by which a recording begins later each time that it is heard."""
CUT = 26 * 16_000
"""Samples of a longer recording that an engine is given at a time, when it works alone."""


def evaluate(options: argparse.Namespace) -> int:
    """Do what the command line asks; print a table as it grows. Returns the exit status."""
    try:
        _check(options)
        recordings = corpus.read(options.corpus, options.only)
        talk = corpus.read(options.babble) if options.babble else recordings
        conditions = sounds.conditions(talk)
        if unknown := [name for name in options.conditions if name not in conditions]:
            raise CorpusUnusable(f"no condition {unknown[0]!r}: choose of {', '.join(conditions)}")
        chosen = [conditions[name] for name in options.conditions]
        rows = [] if NONE in options.ways else list(_rows(options, recordings, chosen))
        if options.turn_ends:
            turns.measure(options, recordings)
        if options.bursts:
            bursts.measure(options, recordings)
        if options.echo:
            echo.measure(options)
        if options.json:
            options.json.write_text(json.dumps(as_json(rows), indent=1))
    except (CorpusUnusable, EngineError) as exc:
        print(exc, file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"{exc.filename} cannot be written: {exc.strerror}", file=sys.stderr)
        return 1
    return 0


def _check(options: argparse.Namespace) -> None:
    """Find what is wrong with the command line before anything is measured for minutes. Raises
    `CorpusUnusable` and `EngineError`."""
    for name in options.models:
        located(name, options.models_dir, dict(options.set))
    if options.json and not options.json.absolute().parent.is_dir():
        raise CorpusUnusable(f"{options.json.parent}, the folder of --json, is not there")


def _rows(
    options: argparse.Namespace,
    recordings: Sequence[Recording],
    chosen: Sequence[sounds.Condition],
) -> Iterator[Row]:
    known = [r for r in recordings if r.words or (r.slots and not options.no_slots)]
    if not known:
        raise CorpusUnusable(
            f"no recording in {options.corpus / corpus.INDEX} has words to compare: give some,"
            " or --ways none"
        )
    judge = end_of_turn(options.end_of_turn, options.models_dir)
    print(HEAD)
    for name in options.models:
        model = located(name, options.models_dir, dict(options.set))
        machine = Machine(threads=options.threads)
        transcriber = registry.engine(model.model.engine).load(model, machine)
        for condition in chosen:
            for way in options.ways:
                row = Row(name, condition.name, way)
                for recording in known:
                    heard, room = condition.make(recording.audio)
                    ears = Ears(transcriber, judge)
                    for n in range(options.shifts):
                        later = np.concatenate([room[: n * SHIFT], heard])
                        _hear(row, recording, later, room, ears, options)
                print(row.line(), flush=True)
                yield row
        if options.long:
            answer = sounds.long_answer(recordings)
            for way in options.ways:
                row = Row(name, "long", way)
                heard, room = chosen[0].make(answer.audio)
                _hear(row, answer, heard, room, Ears(transcriber, judge), options)
                print(row.line(), flush=True)
                yield row
        asyncio.run(transcriber.aclose())


def _hear(
    row: Row,
    recording: Recording,
    heard: Samples,
    room: Samples,
    ears: Ears,
    options: argparse.Namespace,
) -> None:
    work = Work(options.threads or 2)
    timed = TimedTranscriber(ears.transcriber, work, partials=not options.no_partials)
    if row.way == "engine":
        text, told = run(_alone(timed, heard, options.terms)), None
    else:
        timed_judge = TimedEndOfTurn(ears.judge, Work(1)) if ears.judge else None
        plan = path.plan_with(options.terms)
        told = run(path.answer(choose("both"), timed, heard, room, plan, end_of_turn=timed_judge))
        text = told.text
    understood = counted(text)
    found = errors(recording.words, understood) if recording.words else None
    slots = slots_heard(recording.slots, understood)
    row.errors += found or type(row.errors)()
    row.slots = (row.slots[0] + slots[0], row.slots[1] + slots[1])
    row.recordings += 1
    row.unanswered += told is not None and not told.answered
    row.cpu += work.seconds
    detail: dict[str, Any] = {"file": recording.name, "text": text, "cpu": round(work.seconds, 3)}
    if found:
        detail["errors"] = [found.substituted, found.lost, found.added, found.said]
    if recording.slots:
        detail["slots"] = slots
    if told is not None:
        detail |= {"turns": told.texts, "ended_ms": told.ended_ms, "answered": told.answered}
        detail["seconds"] = recording.seconds
    row.details.append(detail)
    if options.verbose and ((found and found.share) or slots[0] < slots[1]):
        wanted = " ".join(recording.words) or recording.slots
        print(f"   {recording.name}: {wanted}\n   -> {text}", flush=True)


async def _alone(transcriber: TimedTranscriber, audio: Samples, terms: Sequence[str]) -> str:
    stream = transcriber.open("en", terms)
    parts = [await stream.final(audio[at : at + CUT]) for at in range(0, len(audio), CUT)]
    stream.close()
    return " ".join(part.text for part in parts)


def setting(text: str) -> tuple[str, Any]:
    """Return a setting of the command line, `name=value`, with its value as JSON."""
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(f"{text}: give name=value, value in JSON") from exc


def at_least(least: int) -> Callable[[str], int]:
    """Return what reads a number of the command line that may not be smaller."""

    def number(text: str) -> int:
        if not text.lstrip("-").isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text}: give a whole number from {least} on")
        return int(text)

    return number


def parser(description: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    many = partial(made.add_argument, nargs="+", metavar="NAME")
    made.add_argument("--corpus", type=Path, required=True, metavar="DIR")
    made.add_argument("--models-dir", type=Path, default=Path("models"), metavar="DIR")
    many("--models", default=["starter-recognizer"], help="recognizers, by id")
    many("--conditions", default=["clean"], help="clean, telephone, white10, babble10, 40dBFS …")
    made.add_argument("--babble", type=Path, metavar="DIR", help="whose voices are babble10 …")
    many("--ways", default=list(WAYS), choices=(*WAYS, NONE), help="none: no words are compared")
    made.add_argument("--long", action="store_true", help="also two minutes without a pause")
    made.add_argument("--turn-ends", action="store_true", help="also how soon turns end")
    made.add_argument("--bursts", type=Path, metavar="DIR", help="also sounds over a reply")
    made.add_argument("--end-of-turn", default=NONE, metavar="NAME", help="smart-turn-v3.2, none")
    made.add_argument("--language-model", default=NONE, metavar="NAME", help="reads pauses, too")
    made.add_argument("--echo", metavar="NAME", help="also whether this voice interrupts itself")
    made.add_argument("--only", default="", metavar="TEXT", help="recordings with this in the name")
    made.add_argument(
        "--shifts", type=at_least(1), default=1, metavar="N", help="hear each N times"
    )
    made.add_argument("--no-slots", action="store_true", help="leave out those with slots only")
    made.add_argument("--no-partials", action="store_true", help="as on a machine that is loaded")
    many("--terms", default=[], help="names and terms that the plan has")
    made.add_argument("--set", type=setting, action="append", default=[], metavar="NAME=VALUE")
    made.add_argument("--threads", type=at_least(0), default=0, help="0: one per core")
    made.add_argument("--json", type=Path, metavar="FILE")
    made.add_argument("--verbose", action="store_true", help="print what was misheard")
    return made
