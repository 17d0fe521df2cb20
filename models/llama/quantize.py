"""Convert a GGUF file to another format of weights, with the library's own quantizer:

    python -m models.llama.quantize SOURCE TARGET Q4_0

It runs in a process of its own, because the library ends the process that it finds a fault in.
"""

import ctypes
import subprocess
import sys
from pathlib import Path

import llama_cpp

from ..errors import WeightsUnusable

FORMATS = {"Q4_0": llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, "IQ4_NL": llama_cpp.LLAMA_FTYPE_MOSTLY_IQ4_NL}
"""Formats that processors read fast: llama.cpp packs their weights anew when it loads them."""


def quantize(source: Path, target: Path, format: str) -> None:
    """Write `target`, whole or not at all. Blocks for seconds to minutes. Raises
    `WeightsUnusable`."""
    if format not in FORMATS:
        raise WeightsUnusable(f"{format} is not one of {', '.join(FORMATS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    growing = target.with_name(f"{target.name}.part")
    command = [sys.executable, "-m", __name__, str(source), str(growing), format]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        growing.unlink(missing_ok=True)
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise WeightsUnusable(
            f"{target} could not be made from {source}: {said[-1] if said else done.returncode}"
        )
    growing.replace(target)


def main(source: str, target: str, format: str) -> int:
    wanted = llama_cpp.llama_model_quantize_default_params()
    wanted.ftype = FORMATS[format]
    wanted.allow_requantize = True  # what is published in 8 or 16 bits is twice to thrice as large
    return int(
        llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(wanted))
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
