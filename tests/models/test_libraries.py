"""What the engines' libraries are told before they are loaded."""

import os
import subprocess
import sys
from pathlib import Path

from models import ENVIRONMENT

VOICE = Path("models/starter/voice/en_US-starter.onnx").absolute()


def run(program: str, **given: str) -> str:
    """What it prints, in an environment of its own."""
    others = {k: v for k, v in os.environ.items() if k not in ENVIRONMENT}
    mine = {k: v for k, v in others.items() if not k.startswith(("ORT_", "XDG_"))}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, env=mine | given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_onnxruntime_keeps_no_identifier_to_report_with(tmp_path: Path) -> None:
    program = f"""
import models
import onnxruntime
onnxruntime.InferenceSession({str(VOICE)!r}, providers=["CPUExecutionProvider"])
"""
    run(program, HOME=str(tmp_path))
    assert list(tmp_path.rglob("*")) == []


def test_both_libraries_of_openmp_spin_for_a_moment_and_then_sleep() -> None:
    # Each has a copy of its own, and says what it understood.
    told = run("import llama_cpp, ctranslate2", **ENVIRONMENT, OMP_DISPLAY_ENV="VERBOSE")
    assert told.count("GOMP_SPINCOUNT = '10000'") == 2


def test_numpy_multiplies_on_the_thread_that_asks() -> None:
    program = """
import os
import numpy as np
product = np.ones((400, 400)) @ np.ones((400, 400))
print(len(os.listdir("/proc/self/task")))
"""
    assert run(program, **ENVIRONMENT) == "1\n"


def test_the_entry_point_tells_them_before_any_of_them_is_there(tmp_path: Path) -> None:
    program = f"""
import os, sys
import service.__main__
assert not {{"numpy", "llama_cpp", "ctranslate2"}} & sys.modules.keys()
os.chdir({str(tmp_path)!r})
sys.argv = ["vivavoce", "db", "check"]
try:
    service.__main__.main()
except SystemExit:
    print(*(os.environ[name] for name in {sorted(ENVIRONMENT)}))
"""
    own = ENVIRONMENT | {"OPENBLAS_NUM_THREADS": "3"}
    last = run(program, OPENBLAS_NUM_THREADS="3").splitlines()[-1]
    assert last.split() == [own[name] for name in sorted(own)], "the operator's own wins"
