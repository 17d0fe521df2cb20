"""The session's clock, and the ids of turns and responses for the outside."""

import uuid
from collections.abc import Callable

from models.contracts import HEARING_RATE


# docs/decisions/020-session-clock.md: continues from the journal's last entry
class Timeline:
    """Converts positions in the incoming audio, in samples at 16 kHz since the connection was
    opened, to milliseconds of the whole conversation."""

    def __init__(self, position: Callable[[], int], began_ms: int) -> None:
        self._position = position
        self._began_ms = began_ms
        self.name = uuid.uuid4().hex[:8]

    @property
    def at(self) -> int:
        """Return the present position."""
        return self._position()

    def now(self) -> int:
        return self.ms(self._position())

    def ms(self, at: int) -> int:
        return self._began_ms + at * 1000 // HEARING_RATE

    def position(self, clock_ms: int | None) -> int | None:
        """Return the position in the incoming audio at which the clock will read this."""
        return None if clock_ms is None else (clock_ms - self._began_ms) * HEARING_RATE // 1000

    def item(self, number: int) -> str:
        return f"item_{self.name}_{number}"

    def response(self, number: int) -> str:
        return f"resp_{self.name}_{number}"
