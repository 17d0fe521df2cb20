"""The captions of a turn that is being spoken: the words that two hypotheses agree on, stretch by
stretch."""

from collections.abc import Mapping

from .agreement import Agreement


class Captions:
    """The captions of the latest turn that had any. A stretch is identified by its first sample."""

    def __init__(self) -> None:
        self._item = 0
        self._agreements: dict[int, Agreement] = {}
        self._shown: dict[int, str] = {}

    def feed(self, item: int, start: int, hypothesis: str) -> str:
        """Add a hypothesis; return the words to append to the caption."""
        if self._item != item:
            self._item, self._agreements, self._shown = item, {}, {}
        text = self._agreements.setdefault(start, Agreement()).feed(hypothesis)
        if not text:
            return ""
        apart = " " if self._shown and start not in self._shown else ""
        self._shown[start] = self._shown.get(start, "") + text
        return apart + text

    def of_turn(self, item: int) -> Mapping[int, str]:
        """Return the words shown of a turn, by stretch."""
        return self._shown if item == self._item else {}

    def of_stretch(self, start: int) -> str:
        return self._shown.get(start, "").strip()
