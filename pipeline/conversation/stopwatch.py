"""Note when the stages of a reply were reached. Pure; the clock is passed in."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stopwatch:
    """Times at which the stages of a reply were reached, in seconds of the loop's clock."""

    now: Callable[[], float]
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, stage: str) -> None:
        self.marks.setdefault(stage, self.now())

    def between(self, start: str, end: str) -> float | None:
        """Return the milliseconds from one mark to another, or None if either is missing."""
        if start in self.marks and end in self.marks:
            return round((self.marks[end] - self.marks[start]) * 1000, 1)
        return None
