"""The figures of a run, as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

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

    @property
    def delays(self) -> list[float]:
        """Seconds from the end of each recording to the end of its last turn with words, if that
        came."""
        ended = [detail for detail in self.details if detail.get("answered")]
        return [_last_ms(d) / 1000 - d["seconds"] for d in ended if d["ended_ms"]]

    def line(self) -> str:
        e = self.errors
        rate = f"{100 * e.share:6.1f} %" if e.said else "       –"
        kinds = f"{e.substituted:4d} {e.lost:4d} {e.added:4d}" if e.said else " " * 14
        heard, of = self.slots
        slots = f"{100 * heard / of:6.1f} %" if of else "       –"
        each = self.cpu / max(1, self.recordings)
        delay = (
            "{:.2f} / {:.2f}".format(*np.quantile(of, (0.5, 0.9))) if (of := self.delays) else "–"
        )
        return (
            f"{self.model:<18} {self.condition:<10} {self.way:<7} {self.recordings:4d} {e.said:5d}"
            f" {rate} {kinds} {slots} {self.unanswered:4d} {each:6.2f} {delay:>12}"
        )


def _last_ms(detail: dict[str, Any]) -> int:
    """Return when the last turn with words ended, or the last one if none has any."""
    ended: list[int] = detail["ended_ms"]
    with_words = [ms for ms, text in zip(ended, detail["turns"], strict=True) if text]
    return (with_words or ended)[-1]


HEAD = (
    f"{'recognizer':<18} {'condition':<10} {'way':<7} {'rec.':>4} {'words':>5} {'errors':>8}"
    f" {'sub':>4} {'lost':>4} {'add':>4} {'slots':>8} {'open':>4} {'cpu s':>6} {'delay s':>12}"
)


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**asdict(row), "word_error_rate": row.errors.share} for row in rows]
