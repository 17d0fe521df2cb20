"""Learn how long the recognizer takes on this machine. Pure."""

from collections.abc import Hashable


class Pace:
    """The time that this machine needs for requests of each shape when nothing disturbs it."""

    def __init__(self) -> None:
        self._least: dict[Hashable, float] = {}

    def took(self, shape: Hashable, seconds: float) -> None:
        self._least[shape] = min(seconds, self._least.get(shape, seconds))

    def usual(self, shape: Hashable) -> float:
        """Return the least seconds so far, which nothing can have disturbed; 0 for a new shape."""
        return self._least.get(shape, 0.0)
