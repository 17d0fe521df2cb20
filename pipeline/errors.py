"""What can go wrong in a conversation. Each has a stable code that the client may see."""

from collections.abc import Sequence

from models.errors import EngineError


class PipelineError(Exception):
    """Something went wrong that the client should hear about."""

    code = "pipeline_error"


class BacklogFull(PipelineError):
    """So much waits for the record or for the client that no more has room; the session ends."""

    code = "falling_behind"


class RecordUnavailable(PipelineError):
    """The record cannot be written now, so nothing new may be said."""

    code = "record_unavailable"


class RecordTaken(PipelineError):
    """Somebody else has written to this record, so what this session knows of it is out of date. A
    session that is made anew from the record goes on."""

    code = "record_taken"


class PlanInvalid(PipelineError):
    """An interview cannot be held by this plan; the message names the field and the limit."""

    code = "plan_invalid"


class RateUnsupported(PipelineError):
    """The client wants a sample rate that is not spoken here."""

    code = "rate_unsupported"

    def __init__(self, rate: int, rates: Sequence[int]) -> None:
        known = ", ".join(map(str, rates))
        super().__init__(f"Audio cannot have {rate} samples a second; choose one of {known}.")


def code_of(error: EngineError | TimeoutError) -> str:
    """The stable code of what kept an engine from its work."""
    return error.code if isinstance(error, EngineError) else "timeout"
