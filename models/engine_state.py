"""How an engine is doing at this moment, for whoever watches over the machine."""

from dataclasses import dataclass
from time import monotonic
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class EngineState:
    """Times in seconds up to now, 0 where there is nothing to be timed."""

    alive: bool
    """Whether its threads run."""
    waiting: int = 0
    """Pieces of work that have not begun. What nobody waits for is not counted."""
    waiting_seconds: float = 0.0
    """How long the oldest of them has waited."""
    working: int = 0
    """Pieces of work under way."""
    working_seconds: float = 0.0
    """How long the engine has been at its present step. It is stuck when that is far longer than
    a step takes."""


@runtime_checkable
class Watched(Protocol):
    """An engine that can tell. Looking costs microseconds, from any thread."""

    @property
    def state(self) -> EngineState: ...


def since(moment: float | None) -> float:
    """Seconds from a moment of `monotonic`; 0 when there is none."""
    return 0.0 if moment is None else max(0.0, monotonic() - moment)
