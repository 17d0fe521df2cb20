"""Adapters for the engines, the contracts that the conversation relies on, and the weights."""

import os

# onnxruntime sends telemetry to its maker unless it is told not to before it is loaded.
os.putenv("ORT_DISABLE_TELEMETRY", "1")

ENVIRONMENT = {
    # numpy's, for the recognizer's spectrograms: its other threads would spin for some 20 ms after
    # every product of matrices, which cost three times as much as the recognition itself.
    "OPENBLAS_NUM_THREADS": "1",
    # llama.cpp's and CTranslate2's (libgomp): the threads of a step meet hundreds of times. If they
    # fall asleep each time, the starter interviewer writes a tenth as fast; spinning for
    # milliseconds, as is their default, takes the cores from the other engines.
    # docs/decisions/036-threads-spin.md: waking a thread takes longer than its work
    "GOMP_SPINCOUNT": "10000",
}
"""Environment variables that tell the engines' libraries how their threads wait for each other. The
libraries read them while they are loaded, so a process sets them before it imports any engine."""
