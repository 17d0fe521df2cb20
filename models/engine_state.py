"""The state of an engine at this moment, for the watchdog and the metrics."""

from dataclasses import dataclass
from time import monotonic
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class EngineState:
    """A snapshot of an engine. Times are seconds up to now, 0 where there is nothing to time."""

    alive: bool
    """True while its threads run."""
    waiting: int = 0
    """Jobs that have not begun, without those whose caller left."""
    waiting_seconds: float = 0.0
    """Seconds that the oldest of them has waited."""
    working: int = 0
    """Jobs in progress."""
    working_seconds: float = 0.0
    """Seconds that the engine has spent on its present step. It is stuck when that is far longer
    than a step takes."""
    fault: str = ""
    """A sentence about a cause outside this process that keeps it from working; else empty."""
    servers: int | None = None
    """Servers that answer for it, as far as its last calls show; None for an engine that computes
    here."""

    @property
    def works(self) -> bool:
        return self.alive and not self.fault


@runtime_checkable
class Watched(Protocol):
    """An engine that reports its state. Reading it costs microseconds and is safe from any
    thread."""

    @property
    def state(self) -> EngineState: ...


def since(moment: float | None) -> float:
    """Return the seconds since a reading of `monotonic`; 0 when there is none."""
    return 0.0 if moment is None else max(0.0, monotonic() - moment)
