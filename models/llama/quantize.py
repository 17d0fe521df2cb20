"""Convert a GGUF file to another format of weights, with the library's own quantizer:

    python -m models.llama.quantize SOURCE TARGET IQ4_NL

It runs in a process of its own, because the library ends the process that it finds a fault in.
"""

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import llama_cpp

from ..errors import WeightsUnusable

# docs/decisions/047-weights-for-a-cpu.md: all matrices of a model, the last one too
FORMATS = {
    "Q4_0": (llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_0, llama_cpp.GGML_TYPE_Q4_0),
    "IQ4_NL": (llama_cpp.LLAMA_FTYPE_MOSTLY_IQ4_NL, llama_cpp.GGML_TYPE_IQ4_NL),
}
"""Formats that processors read fast: llama.cpp packs their weights anew when it loads them."""
MARGIN = 100_000_000
"""Bytes left free on the disk."""


def quantize(source: Path, target: Path, format: str) -> None:
    """Write `target`, whole or not at all. Blocks for seconds to minutes. Raises
    `WeightsUnusable`."""
    if format not in FORMATS:
        raise WeightsUnusable(f"{format} is not one of {', '.join(FORMATS)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    needed = source.stat().st_size + MARGIN
    if (free := shutil.disk_usage(target.parent).free) < needed:
        raise WeightsUnusable(
            f"{target} could not be made: {needed // 10**6} MB are wanted on its disk and "
            f"{free // 10**6} MB are free"
        )
    growing = target.with_name(f"{target.name}.part")
    try:
        _run(source, target, growing, format)
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)  # what an error or Ctrl+C left


def _run(source: Path, target: Path, growing: Path, format: str) -> None:
    command = [sys.executable, "-m", __name__, str(source), str(growing), format]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        raise WeightsUnusable(
            f"{target} could not be made from {source}: {said[-1] if said else done.returncode}"
        )


def main(source: str, target: str, format: str) -> int:
    wanted = llama_cpp.llama_model_quantize_default_params()
    # Left to itself the library keeps the last matrix in 8 bits. In a small model with many words
    # it is a third of all that is read for a token, and not packed anew.
    wanted.ftype, wanted.output_tensor_type = FORMATS[format]
    wanted.token_embedding_type = wanted.output_tensor_type
    wanted.allow_requantize = True  # what is published in 8 or 16 bits is twice to thrice as large
    return int(
        llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(wanted))
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
