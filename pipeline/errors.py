"""Errors of a conversation. Each has a stable code that the client may see."""

from collections.abc import Sequence

from models.errors import EngineError


class PipelineError(Exception):
    """Something went wrong that the client should hear about."""

    code = "pipeline_error"


class BacklogFull(PipelineError):
    """Too much is waiting for the record or for the client; the session ends."""

    code = "falling_behind"


class RecordUnavailable(PipelineError):
    """The record cannot be written at the moment, so nothing new may be said."""

    code = "record_unavailable"


class RecordTaken(PipelineError):
    """Another writer has added to this record, so this session's knowledge of it is out of date. A
    new session made from the record can go on."""

    code = "record_taken"


class PlanInvalid(PipelineError):
    """The plan cannot be used for an interview; the message names the field and the limit."""

    code = "plan_invalid"


class RateUnsupported(PipelineError):
    """The client asked for a sample rate that is not supported."""

    code = "rate_unsupported"

    def __init__(self, rate: int, rates: Sequence[int]) -> None:
        known = ", ".join(map(str, rates))
        super().__init__(f"Audio cannot have {rate} samples a second; choose one of {known}.")


def code_of(error: EngineError | TimeoutError) -> str:
    """Return the stable code of an engine's failure."""
    return error.code if isinstance(error, EngineError) else "timeout"
