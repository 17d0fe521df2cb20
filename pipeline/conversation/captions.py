"""The captions of a turn that is being spoken: the words that two hypotheses agree on, stretch by
stretch."""

from collections.abc import Mapping

from ..matching import pieces
from .agreement import Agreement


class Captions:
    """The captions of the latest turn that had any. A stretch is identified by its first sample."""

    def __init__(self) -> None:
        self._item = 0
        self._agreements: dict[int, Agreement] = {}
        self._shown: dict[int, str] = {}
        self._newest: dict[int, str] = {}
        self._repeated: dict[int, int] = {}
        """Words with which a stretch begins and that were shown with the one before."""
        self._beyond = 0
        """Words shown of the latest stretch that belong to the next one."""

    def feed(self, item: int, start: int, hypothesis: str) -> str:
        """Add a hypothesis; return the words to append to the caption."""
        if self._item != item:
            self._item, self._agreements, self._shown = item, {}, {}
            self._newest, self._repeated, self._beyond = {}, {}, 0
        self._newest[start] = hypothesis
        if start not in self._agreements:
            self._repeated[start], self._beyond = self._beyond, 0
        text = self._agreements.setdefault(start, Agreement()).feed(hypothesis)
        if not text:
            return ""
        apart = " " if self._shown and start not in self._shown else ""
        self._shown[start] = self._shown.get(start, "") + text
        fresh = self._fresh(start, text)
        return fresh if not fresh or fresh.startswith(" ") else apart + fresh

    def ended_before(self, start: int, text: str) -> None:
        """Take note that a stretch was cut at an earlier place than where its captions end, and
        what its words are. Those beyond it are not shown again with the next stretch."""
        shown = self._shown.get(start, "")
        self._beyond = max(0, len(pieces(shown)) - len(pieces(text)))

    def _fresh(self, start: int, text: str) -> str:
        found = pieces(text)
        repeated = min(self._repeated[start], len(found))
        self._repeated[start] -= repeated
        return "".join(found[repeated:])

    def of_turn(self, item: int) -> Mapping[int, str]:
        """Return the words shown of a turn, by stretch."""
        return self._shown if item == self._item else {}

    def newest(self, item: int, start: int) -> str:
        """Return the newest hypothesis of a stretch of a turn."""
        return self._newest.get(start, "") if item == self._item else ""

    def without_last(self, start: int) -> str:
        """Return the newest hypothesis of a stretch but for its last word, which may be cut
        off."""
        return "".join(pieces(self._newest.get(start, "").strip())[:-1]).strip()

    def of_stretch(self, start: int) -> str:
        return self._shown.get(start, "").strip()
