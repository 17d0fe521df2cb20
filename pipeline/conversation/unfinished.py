"""Unfinished turns: what is made durable of them while the candidate speaks, so that nothing else
is lost with the process.

A process may be killed in the middle of a long answer. So the words that the captions agreed on,
and the stretches with a final transcript, are written to the journal while the turn goes on.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress

from models.contracts import HEARING_RATE

from ..errors import BacklogFull
from ..journal import CaptionAgreed
from ..matching import pieces
from .agreement import believed
from .floor import Turn
from .journal_writer import JournalWriter

# docs/decisions/016-journal-open-turn.md: a crash may come in the middle of an answer
EVERY = 2 * HEARING_RATE
"""Samples between two entries about the stretch that goes on. Captions are a second behind what is
said; with them, at most four seconds of speech are in no entry."""
SELDOM = 2 * HEARING_RATE
"""Samples between two hypotheses from which on a machine has too much to do: the next one, which
would agree with this one, comes only after as long again. So this one is written."""


class UnfinishedTurn:
    """Writes the candidate's turn to the journal as it goes on."""

    def __init__(
        self, journal: JournalWriter, item_id: Callable[[int], str], clock: Callable[[int], int]
    ) -> None:
        """Make a writer. `item_id` names a turn for the client; `clock` converts a sample's
        position to the session's time."""
        self._journal = journal
        self._item_id = item_id
        self._clock = clock
        self._item = 0
        self._written: dict[int, str] = {}
        """Words written of the present turn, by the first sample of each stretch."""
        self._last = 0
        self._heard = 0
        """Position at which a transcript of the present turn came last."""
        self._durable = True

    def goes_on(self, turn: Turn, agreed: Mapping[int, str], newest: str, at: int) -> None:
        """Write what is new; `agreed` are the words that the captions agreed on, by stretch, and
        `newest` is the last hypothesis about the one that goes on."""
        if turn.item != self._item:
            self._item, self._written = turn.item, {}
            self._last = self._heard = turn.start
        seldom, self._heard = at - self._heard >= SELDOM, at
        if not self._durable:
            return  # the database is slow: what is agreed then is written at once
        known = dict(agreed) | turn.finals
        text = "" if turn.start in turn.finals else known.pop(turn.start, "")
        for start, done in known.items():
            if done != self._written.get(start, ""):
                self._write(start, done, at)
        if seldom:
            without_last = "".join(pieces(newest.strip())[:-1])  # that may be cut off
            text = believed(without_last, text, (at - turn.start) / HEARING_RATE)
        before = self._written.get(turn.start, "")
        if before and at - self._last < EVERY:
            return
        if len(pieces(text)) > len(pieces(before)):
            self._write(turn.start, text, at)
            self._last = at

    def dropped(self, item: int, at: int) -> None:
        """Void what was written of a turn that turned out to be none."""
        if item == self._item:
            for start in self._written:
                self._write(start, "", at)

    def _write(self, start: int, text: str, at: int) -> None:
        self._written[start] = text
        entry = CaptionAgreed(self._clock(at), self._item_id(self._item), text, self._clock(start))
        self._durable = False
        with suppress(BacklogFull):  # the turn itself has a place when it is over
            self._journal.write(entry, self._is_durable)

    def _is_durable(self) -> None:
        self._durable = True
