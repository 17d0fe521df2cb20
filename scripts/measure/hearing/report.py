"""The figures of a run, as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .words import Errors


@dataclass(slots=True)
class Row:
    """What one recognizer heard under one condition."""

    model: str
    condition: str
    way: str
    """The engine alone, or the whole path."""
    errors: Errors = field(default_factory=Errors)
    slots: tuple[int, int] = (0, 0)
    """Slot words heard, of so many."""
    recordings: int = 0
    unanswered: int = 0
    """Recordings after which no turn was committed in time."""
    cpu: float = 0.0
    """Seconds that the recognizer computed."""
    details: list[dict[str, Any]] = field(default_factory=list)

    def line(self) -> str:
        e = self.errors
        rate = f"{100 * e.share:6.1f} %" if e.said else "       –"
        kinds = f"{e.substituted:4d} {e.lost:4d} {e.added:4d}" if e.said else " " * 14
        heard, of = self.slots
        slots = f"{100 * heard / of:6.1f} %" if of else "       –"
        each = self.cpu / max(1, self.recordings)
        return (
            f"{self.model:<18} {self.condition:<10} {self.way:<7} {self.recordings:4d} {e.said:5d}"
            f" {rate} {kinds} {slots} {self.unanswered:4d} {each:6.2f}"
        )


HEAD = (
    f"{'recognizer':<18} {'condition':<10} {'way':<7} {'rec.':>4} {'words':>5} {'errors':>8}"
    f" {'sub':>4} {'lost':>4} {'add':>4} {'slots':>8} {'open':>4} {'cpu s':>6}"
)


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**asdict(row), "word_error_rate": row.errors.share} for row in rows]
