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
from .floor import Turn
from .journal_writer import JournalWriter

# docs/decisions/016-journal-open-turn.md: a crash may come in the middle of an answer
EVERY = 2 * HEARING_RATE
"""Samples between two entries about the stretch that goes on. Captions are a second behind what is
said; with them, at most four seconds of speech are in no entry."""


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
        self._durable = True

    def goes_on(self, turn: Turn, agreed: Mapping[int, str], at: int) -> None:
        """Write what is new; `agreed` are the words that the captions agreed on, by stretch."""
        if turn.item != self._item:
            self._item, self._written, self._last = turn.item, {}, at - EVERY
        if not self._durable:
            return  # the database is slow: what is agreed then is written at once
        for start, text in (dict(agreed) | turn.finals).items():
            running = start == turn.start
            if text == self._written.get(start, "") or (running and at - self._last < EVERY):
                continue
            self._write(start, text, at)
            if running:
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
