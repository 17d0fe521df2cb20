"""Run a tool of the set-up: its output into a log, one line of progress for the person, and one
sentence when it fails. Standard library only, no syntax younger than Python 3.7.
"""

from __future__ import annotations

import collections
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOG = ROOT / "build" / "setup.log"

SPACE_GB = 2.5
"""Free space wanted for a first set-up: 1.1 GB stay, the rest is downloads and object files."""

CAUSES = (
    (
        r"No space left on device",
        "The disk is full: free {space} GB for .venv, build/ and /tmp, then try again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "A download is not what the lock file names; nothing of it was installed. "
        "If you did not change the lock, look at your package mirror or proxy.",
    ),
    (
        r"name resolution|Name or service not known|Network is unreachable|NewConnectionError"
        r"|ConnectTimeout|ReadTimeout|ProxyError|Could not connect|ConnectionResetError",
        "The package index cannot be reached: the first set-up needs a network. "
        "Behind a proxy, set https_proxy; for a mirror, set PIP_INDEX_URL.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "The package index could not be trusted: install the certificates "
        "(sudo apt-get install ca-certificates), or your company's own.",
    ),
    (
        r"No matching distribution found|ResolutionImpossible",
        "A locked package has no ready build for this machine "
        "(64-bit Linux on x86 or ARM and Python 3.11 to 3.13 are supported).",
    ),
    (
        r"Killed signal|Killed \(program|out of memory|virtual memory exhausted",
        "The compiler ran out of memory: it needs about 2 GB for each core it uses "
        "(CMAKE_BUILD_PARALLEL_LEVEL=1 makes it use one).",
    ),
)


class SetupFailed(Exception):
    """The set-up cannot go on; the message is the sentence for the person."""


class Progress:
    """One line that is rewritten on a terminal; in a log file, a new line now and then."""

    SECONDS_BETWEEN_LINES = 15

    def __init__(self, title):
        self.title = title
        self.began = time.monotonic()
        self.live = sys.stdout.isatty()
        self.printed = 0.0
        self.show("")

    def show(self, state):
        now = time.monotonic()
        if self.live:
            print(f"\r\x1b[K{self.title} {state}"[:100], end="", flush=True)
        elif not state or now - self.printed >= self.SECONDS_BETWEEN_LINES:
            print(self.title, state, flush=True)
            self.printed = now

    def done(self):
        took = f"done in {time.monotonic() - self.began:.0f} s"
        print("{}{} {}".format("\r\x1b[K" if self.live else "", self.title, took), flush=True)


def explain(tail):
    """The sentence for what went wrong, from the end of a tool's output."""
    text = "\n".join(tail)
    for pattern, sentence in CAUSES:
        if re.search(pattern, text):
            return sentence.format(space=SPACE_GB)
    lines = "\n".join("    " + line[:200] for line in list(tail)[-12:])
    return f"A step of the set-up failed; the whole log is {LOG}. It ends:\n{lines}"


def run_step(title, command, steps, extra_env=None):
    """Run a command into the log; `steps` turns a line of its output into a state to show."""
    progress = Progress(title)
    env = dict(os.environ, **(extra_env or {}))
    tail = collections.deque(maxlen=60)
    with LOG.open("a", encoding="utf-8") as log:
        log.write("\n$ {}\n".format(" ".join(map(str, command))))
        with subprocess.Popen(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=str(ROOT),
            env=env,
            universal_newlines=True,
            errors="replace",
        ) as process:
            for line in process.stdout:
                log.write(line)
                tail.append(line.rstrip())
                state = steps(line)
                if state:
                    progress.show(state)
    if process.returncode:
        print(flush=True)
        raise SetupFailed(explain(tail))
    progress.done()
