"""Make the three starter models from nothing, without a GPU: python3 scripts/train_starter.py

    make train-starter               all of it; hours, and it says how many before it begins
    make train-starter JOBS=2        on two cores; a machine of its own is best
    make train-starter SHARE=0.01    the whole chain in a short time, with models that know nothing

It makes its own environment, .venv-train, from requirements-train.lock. Ctrl-C stops it when what
is running has saved; the same command goes on from there and repeats no step that is done. It
writes models/starter and models/manifest.toml; its work is in build/starter (build/starter-0.01).

Standard library only, and no syntax younger than Python 3.7, like bootstrap.py.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from setup import bootstrap
from setup.step import ROOT, Progress, SetupFailed

CORES = 4
"""The expected times are those of so many; with fewer a step takes longer in proportion."""
MOST = 8
"""Processes of a training; parts of a batch that are smaller than an eighth are not worth it."""
SHARDS, SENTENCES = 251, 6500  # of speech for the recognizer, for the voice
LEAST_SHARDS, LEAST_SENTENCES = 3, 400
STEPS = {"voice": 4000, "recognizer": 11_000, "interviewer": 3000}
SECONDS = {"voice": 0.3, "recognizer": 0.75, "interviewer": 0.75}
"""Of each training, how many steps, and how long one takes with CORES processes."""
GB = 11  # on the disk, besides the environment
PROGRAMS = {"espeak-ng": "espeak-ng", "flite": "flite"}
"""Program -> Debian's package."""
SECONDS_BETWEEN_LINES = 300


@dataclass(frozen=True)
class Step:
    name: str
    minutes: float
    """How long it is expected to take here."""
    command: str
    """A module and its arguments; paths are as seen from ROOT."""
    env: dict = field(default_factory=dict)
    processes: int = 1


class Stopped(Exception):
    """The person stopped it."""


class Runner:
    """Runs steps one after the other; a signal goes to the one that runs, which saves and ends."""

    def __init__(self, folder):
        self._folder = folder
        self._process = None
        self._stopping = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)

    def _stop(self, _number, _frame):
        self._stopping = True
        if self._process is not None and self._process.poll() is None:
            os.write(1, b"\nStopping; what was learnt is being saved.\n")
            os.killpg(self._process.pid, signal.SIGTERM)

    def done(self, step):
        """Seconds that it took, in all its sittings; None if it is still to do."""
        return seconds_in(self._folder / "done" / step.name)

    def run(self, step, title):
        """Raises SetupFailed, Stopped."""
        log_file = self._folder / "log" / f"{step.name}.log"
        stamp, unfinished = (self._folder / place / step.name for place in ("done", "unfinished"))
        for path in (log_file, stamp, unfinished):
            path.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic() - (seconds_in(unfinished) or 0)
        progress = Progress(title)
        with log_file.open("a", encoding="utf-8") as log, self._begun(step) as process:
            for line in process.stdout:
                log.write(line)
                log.flush()
                if line.strip():
                    progress.show(line.strip())
        unfinished.write_text(f"{time.monotonic() - began:.0f}\n")
        if self._stopping:
            raise Stopped()
        if process.returncode:
            print(flush=True)
            raise SetupFailed(ended_badly(step, log_file))
        progress.done()
        unfinished.replace(stamp)

    def _begun(self, step):
        if self._stopping:
            raise Stopped()
        self._process = subprocess.Popen(
            command(step),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=str(ROOT),
            env=dict(os.environ, **step.env),
            universal_newlines=True,
            errors="replace",
            # not a session of its own: the terminal's Ctrl-C must not reach it, `nice` must
            process_group=0,
        )
        return self._process


def seconds_in(path):
    return float(path.read_text()) if path.exists() else None


def ended_badly(step, log_file):
    lines = log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
    tail = "\n".join("    " + line[:200] for line in lines)
    return f"{step.name} failed; its whole log is {log_file}. It ends:\n{tail}"


def command(step):
    python = [str(bootstrap.python("train")), "-m"]
    if step.processes > 1:
        workers = ["--standalone", "--nproc-per-node", str(step.processes), "-m"]
        python += ["torch.distributed.run", *workers]
    return [*python, *step.command.split()]


def training_env():
    """Of a process of one thread. glibc is told to keep what is freed, up to a gigabyte: asking the
    kernel for it anew at every step makes a step an eighth longer. Its other settings come of that.
    """
    return {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "GLOO_SOCKET_IFNAME": "lo",
        "MALLOC_MMAP_THRESHOLD_": str(256 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
        "MALLOC_TOP_PAD_": str(64 << 20),
    }


def training(model, share, jobs, arguments):
    """A step that trains a model."""
    count, processes = max(1, round(STEPS[model] * share)), min(jobs, MOST)
    module = {"recognizer": "whisper", "interviewer": "llm"}.get(model, model)
    return Step(
        f"{model}-training",
        count * SECONDS[model] / 60 * CORES / processes,
        f"scripts.starter.train_{module} {arguments} --steps {count}",
        training_env(),
        processes,
    )


def steps(folder, share, jobs):
    """What there is to do, in order. docs/starter.md has the same as a table."""
    work, models = folder.relative_to(ROOT), "models/starter"
    ngrams, speech = f"--ngrams {work}/speech/ngrams", f"{work}/speech"
    voice, hearing, chat = (f"{work}/{name}" for name in ("voice", "whisper", "interviewer"))
    shards = max(LEAST_SHARDS, round(SHARDS * share))
    sentences = max(LEAST_SENTENCES, round(SENTENCES * share))
    # fmt: off
    return [
        Step("voice-data", 0.5 + sentences / 765 / jobs, f"scripts.starter.voice_data {ngrams}"
             f" --out {voice}/data --sentences {sentences} --jobs {jobs}"),
        training("voice", share, jobs, f"--data {voice}/data --out {voice}"),
        Step("voice-export", 0.3, "scripts.starter.voice_export"
             f" {voice}/last.pt {models}/voice/en_US-starter.onnx"),
        training("interviewer", share, jobs, f"{ngrams} --out {chat}"),
        Step("interviewer-export", 0.1, f"scripts.starter.chat_export {chat} {chat}/dialogue.gguf"),
        Step("interviewer-tasks", 3 * share, f"scripts.starter.train_llm {ngrams}"
             f" --init {chat}/dialogue.gguf --out {chat}-tasks --steps {max(1, round(60 * share))}",
             training_env()),
        Step("interviewer-blend", 0.1, f"scripts.starter.chat_export {chat}-tasks"
             f" {models}/interviewer/starter-interviewer-q8_0.gguf --blend {chat}/dialogue.gguf"
             " --share 0.4"),
        Step("recognizer-speech", shards * 0.36 / min(jobs, shards), "scripts.starter.speech_shards"
             f" --out {speech} --last {shards - 1} --jobs {jobs}"),
        Step("recognizer-tokenizer", 1, "scripts.starter.whisper_tokenizer"
             f" {ngrams} --out {hearing}/tokenizer.json"),
        training("recognizer", share, jobs, f"--data {speech} --out {hearing}"),
        Step("recognizer-export", 0.1, "scripts.starter.whisper_export"
             f" {hearing}/weights-fp16.pt {models}/recognizer"),
        Step("manifest", 0.1, "models.manifest refresh"),
        Step("figures", 6 if share == 1 else 3, "scripts.starter.evaluate"
             f" --json {work}/figures.json" + (" --quick" if share < 1 else "")),
    ]
    # fmt: on


def spoken_time(minutes):
    if minutes < 1.5:
        return f"{minutes * 60:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def check_machine(share):
    bootstrap.check_python()
    missing = [package for name, package in PROGRAMS.items() if not shutil.which(name)]
    if missing:
        raise SetupFailed(
            "The teachers' voices are not all there ({} missing): sudo apt-get install {}".format(
                " and ".join(missing), " ".join(missing)
            )
        )
    needed, free = 1 + GB * share, shutil.disk_usage(str(ROOT)).free / 1e9
    if free < needed:
        raise SetupFailed(f"The training needs {needed:.0f} GB in {ROOT}; {free:.1f} GB are free.")


def train(share, jobs):
    check_machine(share)
    bootstrap.set_up("train")
    folder = ROOT / "build" / ("starter" if share == 1 else f"starter-{share:g}")
    todo = steps(folder, share, jobs)
    runner = Runner(folder)
    left = [step for step in todo if runner.done(step) is None]
    total = spoken_time(sum(step.minutes for step in left))
    print(f"{len(left)} of {len(todo)} steps to do, about {total} with {jobs} processes.")
    print("They overwrite models/starter; git checkout models brings back what was shipped.")
    for number, step in enumerate(todo, 1):
        head = f"{number:2}/{len(todo)} {step.name}"
        taken = runner.done(step)
        if taken is None:
            runner.run(step, f"{head}, about {spoken_time(step.minutes)}:")
        else:
            print(f"{head}: was done in {spoken_time(taken / 60)}", flush=True)
    taken = spoken_time(sum(runner.done(step) for step in todo) / 60)
    figures = folder / "log" / "figures.log"
    print(f"It took {taken}. The figures of the new models are in {figures}.")


def arguments():
    def positive(text):
        value = float(text)
        if not 0 < value <= 1:
            raise ValueError
        return value

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--share", type=positive, default=1.0, help="of speech and training time, above 0 up to 1"
    )
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--jobs", type=int, default=cores, help="processes; default: every core")
    return parser.parse_args()


def main():
    args = arguments()
    Progress.SECONDS_BETWEEN_LINES = SECONDS_BETWEEN_LINES
    try:
        train(args.share, max(1, args.jobs))
    except SetupFailed as exc:
        sys.exit(f"\n{exc}")
    except (Stopped, KeyboardInterrupt):
        sys.exit("Stopped; the same command goes on from here.")


if __name__ == "__main__":
    main()
