"""Measure how well language models interview, and how well they assess:

    .venv/bin/python scripts/eval_interview.py starter-interviewer qwen2.5-coder-0.5b
    .venv/bin/python scripts/eval_interview.py --quick models/my-model.gguf
    .venv/bin/python scripts/eval_interview.py llama3 --url http://localhost:8000/v1

A model is an id of models/manifest.toml or a GGUF file. Each holds 48 interviews of six to eight
turns with candidates of scripts/measure/interviews, which no training text and no prompt contains
and who give long, short, evasive and misheard answers and ask questions of their own; and it
assesses 24 questions' answers of three grades. --quick takes six interviews and two questions, in
less than three minutes on two cores with half a billion parameters. What is done is kept in --out:
an interrupted run goes on where it ended, unless the model, the material or the code has changed.

The replies are those that a candidate would hear, with all rules and planned words, but no ears,
no voice and no time limits of speech. docs/models.md explains the figures.
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from measure import graded_answers
from measure.graded_answers import Graded
from measure.held_out import FOLDER, interviews
from measure.hold_interview import Exchange, hold
from measure.interview_figures import failures, rows, table

from models import ENVIRONMENT, device, load, manifest
from models.choice import Choice
from models.contracts import Form, Llm, Reasoning
from models.device import Machine
from models.errors import EngineError
from models.manifest import LanguageModel, Located, Server
from pipeline.interview.llm_part import warm_up

ROOT = Path(__file__).parent.parent
QUICK_INTERVIEWS, QUICK_QUESTIONS = 6, 2
SHOWN = 20
"""Replies that failed a rule, printed at the end."""

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("models", nargs="+", metavar="MODEL")
parser.add_argument("--quick", action="store_true", help="a rough figure in under three minutes")
parser.add_argument("--url", help="an OpenAI-compatible server that has the models")
parser.add_argument(
    "--models-dir", type=Path, default=Path(os.environ.get("VIVAVOCE_MODELS_DIR", "models"))
)
parser.add_argument("--out", type=Path, default=ROOT / "build/eval_interview", help="a folder")


@dataclass(slots=True)
class Kept:
    """The results of one model, kept in a file as they come."""

    path: Path
    exchanges: list[Exchange]
    graded: list[Graded]
    done: set[str]

    def keep(self, unit: str, exchanges: Sequence[Exchange], graded: Sequence[Graded]) -> None:
        self.exchanges += exchanges
        self.graded += graded
        self.done.add(unit)
        line = {"unit": unit, "exchanges": exchanges, "graded": graded}
        with self.path.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")


class _Line(msgspec.Struct):
    unit: str
    exchanges: list[Exchange] = []
    graded: list[Graded] = []


def opened(path: Path, stamp: str) -> Kept:
    """Open the results of a run with this stamp; those of another are forgotten."""
    kept = Kept(path, [], [], set())
    first, *lines = path.read_bytes().splitlines() if path.exists() else [b""]
    if first.decode() != stamp:
        lines = []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(stamp + "\n")
    for line in lines:
        with contextlib.suppress(msgspec.DecodeError):  # a line that was cut off
            read = msgspec.json.decode(line, type=_Line)
            kept.keep(read.unit, read.exchanges, read.graded)
    return kept


def name_of(model: str) -> str:
    return Path(model).name.removesuffix(".gguf")


def choice_of(name: str, models_dir: Path, url: str | None) -> Choice:
    """Return the choice of this model alone: an id, a GGUF file, or a name on the server."""
    path, machine = Path(name), Machine(sessions=2)
    if url:
        return Choice(models_dir, language_model=Server(url, name), machine=machine)
    if path.suffix == ".gguf" and path.is_file():
        return Choice(path.parent, language_model=path.name, machine=machine)
    return Choice(models_dir, language_model=name, machine=machine)


def located(choice: Choice) -> Located[LanguageModel]:
    return manifest.find(choice.language_model, LanguageModel, choice.models_dir)


def form_of(choice: Choice) -> Form:
    """Return how the service would ask the model in an interview."""
    served = isinstance(choice.language_model, Server)
    return "dialogue" if served else located(choice).model.form


def stamp_of(choice: Choice) -> str:
    """Return a fingerprint of everything that the results depend on."""
    model = choice.language_model
    if isinstance(model, Server):
        weights = f"{model.base_url} {model.model}"
    else:
        weights = manifest.fingerprint(located(choice))
    code = hashlib.sha256(weights.encode())
    sources = [p for layer in ("models", "pipeline") for p in (ROOT / layer).rglob("*.py")]
    measuring = ("held_out", "hold_interview", "graded_answers")
    scripts = [ROOT / "scripts/measure" / f"{name}.py" for name in measuring]
    for path in sorted([*sources, *scripts, *FOLDER.iterdir(), ROOT / "models/manifest.toml"]):
        code.update(path.read_bytes())
    return code.hexdigest()[:16]


async def measure(choice: Choice, name: str, quick: bool, out: Path) -> Kept:
    """Let the model hold its interviews and assess; return all its results."""
    held_out = interviews(QUICK_INTERVIEWS) if quick else interviews()
    questions = graded_answers.tasks(QUICK_QUESTIONS if quick else None)
    kept = opened(out / f"{name_of(name)}{'-quick' if quick else ''}.jsonl", stamp_of(choice))
    units = len(held_out) + len(questions)
    began, new = time.monotonic(), 0
    if kept.done:
        print(f"{name}: {len(kept.done)} of {units} parts are there from an earlier run")
    async with load.language_model(choice) as llm:
        await warm_up(llm, form_of(choice))
        for unit, work in _units(llm, choice, held_out, questions):
            if unit not in kept.done:
                kept.keep(unit, *await work())
                new += 1
                _tell(name, len(kept.done), units, time.monotonic() - began, new)
    return kept


def _units(llm: Llm, choice: Choice, held_out, questions) -> Iterable[Any]:
    model = choice.language_model
    served = isinstance(model, Server)
    reasoning = Reasoning(None if served else False)
    form = form_of(choice)

    async def interviewed(interview):
        stream = llm.open()
        try:
            return await hold(interview, stream, reasoning, form), []
        finally:
            stream.close()

    async def assessed(task):
        return [], await graded_answers.graded(llm, task, model.model if served else model)

    for interview in held_out:
        yield f"interview {interview.number}", lambda each=interview: interviewed(each)
    for task in questions:
        yield f"assess {task.asked.text}", lambda each=task: assessed(each)


def _tell(name: str, done: int, units: int, seconds: float, new: int) -> None:
    left = seconds / new * (units - done) / 60
    print(f"\r{name}: {done} of {units} parts, {left:.0f} minutes left ", end="", file=sys.stderr)
    if done == units:
        print(file=sys.stderr)


def report(results: dict[str, Any], out: Path, quick: bool) -> None:
    """Print the table and what failed; write everything to one file."""
    columns = {name: rows(kept.exchanges, kept.graded) for name, kept in results.items()}
    now = datetime.now(UTC).strftime("%Y-%m-%d")
    machine = f"{device.processor()}, {device.cores()} cores, {platform.system()}"
    print(f"\n{table(columns)}\n\n{now}, {machine}; bold: short of what it should be")
    written = {"date": now, "machine": machine, "quick": quick, "models": {}}
    for name, kept in results.items():
        failed = failures(kept.exchanges)
        written["models"][name] = {
            "figures": [msgspec.to_builtins(row) for row in columns[name]],
            "failed": failed,
        }
        print(f"\n{name}: {len(failed)} of {len(kept.exchanges)} replies failed a rule, such as")
        for each in failed[:SHOWN]:
            print(f"  [{each['act']}: {'; '.join(each['failed'])}]")
            print(f"    {each['said']}\n    -> {each['heard']}")
    path = out / ("quick.json" if quick else "results.json")
    path.write_text(json.dumps(written, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"\nEverything is in {path}")


async def main() -> None:
    args = parser.parse_args()
    for name, value in ENVIRONMENT.items():  # before an engine's library is loaded
        os.environ.setdefault(name, value)
    results = {}
    for name in args.models:
        choice = choice_of(name, args.models_dir, args.url)
        results[name_of(name)] = await measure(choice, name, args.quick, args.out)
    report(results, args.out, args.quick)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl+C
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit("\nstopped before the end: no table yet. What is done is kept; start it again")
    except EngineError as exc:
        sys.exit(str(exc))
