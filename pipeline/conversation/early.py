"""What a candidate says while there is nobody yet to hear it: the models are still being loaded."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from models.contracts import SPEAKING_RATE

BYTES_PER_SECOND = 2 * SPEAKING_RATE
KEPT_SECONDS = 60
"""So much audio is kept; what came before that is dropped. Silence counts, as browsers send it."""
KEPT_MESSAGES = 100
"""So much else is kept, the newest: typed answers, ends of turns, mutes."""
PIECE = BYTES_PER_SECOND // 5
"""Bytes that are heard before others get their turn on the event loop."""


class Listener(Protocol):
    """As `Session` has it."""

    def hear(self, pcm: bytes) -> None: ...

    def read(self, text: str) -> None: ...

    def end_turn(self) -> None: ...

    def mute(self, *, muted: bool) -> None: ...


class Early:
    """A listener that keeps everything, in order, until there is another one to tell it to, and
    hands on what comes then."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._between: deque[tuple[int, Callable[[Listener], None]]] = deque(maxlen=KEPT_MESSAGES)
        """What to tell after so many bytes of the audio."""
        self._listener: Listener | None = None

    @property
    def told(self) -> bool:
        """Whether there is somebody who hears everything at once."""
        return self._listener is not None

    @property
    def waits(self) -> bool:
        """Whether there is something that nobody was told."""
        return bool(self._audio or self._between)

    def hear(self, pcm: bytes) -> None:
        if self._listener:
            self._listener.hear(pcm)
            return
        self._audio += pcm
        if (excess := len(self._audio) - KEPT_SECONDS * BYTES_PER_SECOND) > 0:
            self._forget(excess + excess % 2)  # whole samples

    def read(self, text: str) -> None:
        self._say(lambda listener: listener.read(text))

    def end_turn(self) -> None:
        self._say(lambda listener: listener.end_turn())

    def mute(self, *, muted: bool) -> None:
        self._say(lambda listener: listener.mute(muted=muted))

    async def tell(self, listener: Listener) -> None:
        """Tell everything, faster than it was said; what comes meanwhile is told after it. Whoever
        is cancelled in the middle has told all of it, too."""
        try:
            while self._tell_next(listener):  # noqa: ASYNC110 -- it waits for nothing
                await asyncio.sleep(0)
        finally:
            while self._tell_next(listener):
                pass
            self._listener = listener

    def _say(self, say: Callable[[Listener], None]) -> None:
        if self._listener:
            say(self._listener)
        else:
            self._between.append((len(self._audio), say))

    def _tell_next(self, listener: Listener) -> bool:
        """One piece; False when there is none."""
        upto = self._between[0][0] if self._between else PIECE
        if piece := bytes(self._audio[: min(upto, PIECE)]):
            self._forget(len(piece))
            listener.hear(piece)
        elif self._between:
            _, say = self._between.popleft()
            say(listener)
        else:
            return False
        return True

    def _forget(self, count: int) -> None:
        """Of the audio's beginning, so many bytes."""
        del self._audio[:count]
        moved = [(max(0, at - count), what) for at, what in self._between]
        self._between = deque(moved, maxlen=KEPT_MESSAGES)
