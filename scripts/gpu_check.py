"""Measure the service on a CUDA machine that has no network and nothing of ours installed.

On a machine with a network, see what has to be carried, and pack it in pieces of at most 30 MiB:

    python3 scripts/gpu_check.py --list-needed
    python3 scripts/gpu_check.py --pack carried --python 3.12

On the CUDA machine, with this checkout and the pieces (all at once, or one `--take` for each that
arrives; the build begins as soon as the sources are there), one command:

    python3 scripts/gpu_check.py --carried carried --out gpu.json

It compiles llama.cpp for the one GPU that it finds, fills weights of real models' shapes with noise
(make_shapes.py) and measures them: the language model with 1 to 64 conversations that generate at
once, the recognizer, and whole interviews (bench.py). Nothing is downloaded and nothing outside
`--state` is written. The JSON is written anew after each step, so what was measured stays when
time (`--minutes`) runs out; a step that fails says why and the others go on. The machine needs
the Python that the pieces were packed for, with pip, numpy and onnxruntime, g++, cmake, ninja and
CUDA's compiler with cuBLAS.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure.gpu_build import await_build, environment, gpu, take
from measure.gpu_figures import measure
from measure.gpu_pieces import list_needed, pack

BUILD_MINUTES = 6
"""Minutes after the start by which llama.cpp must be compiled."""
STEPS = ("interviews", "qwen2.5-1.5b", "qwen2.5-7b", "qwen2.5-0.5b")
"""What is measured once llama.cpp is compiled, in this order: time may run out."""

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("--list-needed", action="store_true", help="print what has to be carried")
parser.add_argument("--pack", type=Path, metavar="DIR", help="fetch it and write the pieces there")
parser.add_argument("--python", default="3.12", help="the CUDA machine's Python (with --pack)")
parser.add_argument(
    "--take", type=Path, metavar="DIR", help="keep these pieces, and build if whole"
)
parser.add_argument("--carried", type=Path, metavar="DIR", help="where the pieces lie")
parser.add_argument("--state", type=Path, default=Path("/var/tmp/vivavoce-gpu-check"))
parser.add_argument("--out", type=Path, default=Path("gpu.json"))
parser.add_argument("--minutes", type=float, default=9.0)
parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda", help=argparse.SUPPRESS)
parser.add_argument("--measure", help=argparse.SUPPRESS)


def check(options: argparse.Namespace) -> None:
    began = time.monotonic()
    deadline = began + options.minutes * 60
    state = options.state
    figures: dict[str, Any] = {"gpu": gpu(), "cores": os.cpu_count(), "steps": {}}

    def record(name: str, run: Callable[[], Any]) -> None:
        start = time.monotonic()
        try:
            result = {"result": run()}
        except Exception as exc:  # noqa: BLE001  the other steps are worth having
            result = {"failed": f"{type(exc).__name__}: {exc}"[-2000:]}
        figures["steps"][name] = result | {"seconds": round(time.monotonic() - start, 1)}
        options.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(name, json.dumps(figures["steps"][name])[:600], flush=True)

    def measured(name: str) -> Any:
        left = deadline - time.monotonic()
        if left < 15:
            raise TimeoutError("no time was left for it")
        command = [sys.executable, __file__, "--measure", name, "--state", str(state)]
        done = subprocess.run(
            command, env=environment(state), capture_output=True, text=True, timeout=left
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])
        return json.loads(done.stdout.splitlines()[-1])

    if options.carried:
        record("take", lambda: take(options.carried, state))
    record("shapes", lambda: measured("shapes"))
    record("whisper", lambda: measured("whisper"))
    limit = min(deadline, began + BUILD_MINUTES * 60)
    record("compile", lambda: {"seconds": await_build(state, limit)})
    for name in STEPS:
        record(name, lambda name=name: measured(name))


def main() -> None:
    options = parser.parse_args()
    if options.list_needed:
        list_needed()
    elif options.pack:
        pack(options.pack, options.python)
    elif options.measure:
        print(json.dumps(measure(options.measure, options.state / "shapes", options.device)))
    elif options.take:
        take(options.take, options.state)
    else:
        check(options)


if __name__ == "__main__":
    main()
