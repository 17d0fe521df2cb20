"""Learn how long the recognizer takes on this machine. Pure."""

from collections.abc import Hashable


class Pace:
    """The time that this machine needs for requests of each shape when nothing disturbs it."""

    def __init__(self) -> None:
        self._least: dict[tuple[Hashable, int], float] = {}

    def took(self, shape: Hashable, seconds: float, together: int = 1) -> None:
        """Record how long so many requests of a shape took in one batch."""
        known = self._least.get((shape, together), seconds)
        self._least[shape, together] = min(seconds, known)

    def usual(self, shape: Hashable) -> float:
        """Return the least seconds so far, which nothing can have disturbed; 0 for a new shape."""
        return self._least.get((shape, 1), 0.0)

    def fitting(self, shape: Hashable, seconds: float, most: int) -> int:
        """Return how many requests of a shape, at most `most`, take no longer than this in one
        batch. One always fits, and a new shape is tried with one."""
        took = self.usual(shape)
        for together in range(2, most + 1 if took else 2):
            took *= together / (together - 1)
            took = min(took, self._least.get((shape, together), took))
            if took > seconds:
                return together - 1
        return most if took else 1
