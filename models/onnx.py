"""The settings and errors of onnxruntime that the voice, Silero and Smart Turn have in common."""

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state

CPU = "CPUExecutionProvider"
ERRORS: tuple[type[Exception], ...] = tuple(
    error
    for error in vars(onnxruntime_pybind11_state).values()
    if isinstance(error, type) and issubclass(error, Exception)
)
"""All exceptions of onnxruntime, which have no common base class."""


def options(threads: int = 1) -> onnxruntime.SessionOptions:
    """Return the options of a session that computes on so many threads."""
    found = onnxruntime.SessionOptions()
    found.intra_op_num_threads = threads
    found.inter_op_num_threads = 1
    found.log_severity_level = 3
    # Threads that spin for the next operator would take the cores from the other engines.
    found.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return found
