"""One conversation: the only place that turns commands into engine calls. (Interface only so far.)"""

from collections.abc import AsyncIterator

from models.contracts import Engines

from .interviewer import Standing
from .output import Output
from .plan import Plan
from .record import Record


class Session:
    """One client's connection to one interview; made anew for each connection."""

    def __init__(
        self, engines: Engines, plan: Plan, record: Record, *, standing: Standing | None = None
    ) -> None: ...

    async def run(self) -> None:
        """Converse until the interview has ended and its last words were played; cancel it when
        the client leaves. Raises `FallingBehind`. Nothing it started outlives the call."""

    def hear(self, pcm: bytes) -> None:
        """24 kHz mono PCM16 little-endian, any number of bytes (an odd byte waits for the next)."""

    def read(self, text: str) -> None:
        """A typed answer, instead of speech."""

    def end_turn(self) -> None:
        """The candidate says that they have finished; answer now."""

    def outputs(self) -> AsyncIterator[Output]:
        """What to tell the client, in order; ends when the session does. A consumer that is slow
        holds back audio, never control events."""
        raise NotImplementedError
