"""What a candidate says while there is nobody yet to hear it: the models are still being loaded."""

import asyncio
from collections import deque
from typing import Protocol

from models.contracts import SPEAKING_RATE

BYTES_PER_SECOND = 2 * SPEAKING_RATE
KEPT_SECONDS = 60
"""So much audio is kept; what came before that is dropped. Silence counts, as browsers send it."""
KEPT_MESSAGES = 100
"""So many typed answers and ends of turns are kept, the newest."""
PIECE = BYTES_PER_SECOND // 5
"""Bytes that are heard before others get their turn on the event loop."""


class Listener(Protocol):
    """As `Session` has it."""

    def hear(self, pcm: bytes) -> None: ...

    def read(self, text: str) -> None: ...

    def end_turn(self) -> None: ...


class Early:
    """A listener that keeps everything, in order, until there is another one to tell it to, and
    hands on what comes then."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._between: deque[tuple[int, str | None]] = deque(maxlen=KEPT_MESSAGES)
        """After so many bytes of the audio: a typed answer, or None for the end of a turn."""
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
        if self._listener:
            self._listener.read(text)
        else:
            self._between.append((len(self._audio), text))

    def end_turn(self) -> None:
        if self._listener:
            self._listener.end_turn()
        else:
            self._between.append((len(self._audio), None))

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

    def _tell_next(self, listener: Listener) -> bool:
        """One piece; False when there is none."""
        upto = self._between[0][0] if self._between else PIECE
        if piece := bytes(self._audio[: min(upto, PIECE)]):
            self._forget(len(piece))
            listener.hear(piece)
        elif self._between:
            _, text = self._between.popleft()
            if text is None:
                listener.end_turn()
            else:
                listener.read(text)
        else:
            return False
        return True

    def _forget(self, count: int) -> None:
        """Of the audio's beginning, so many bytes."""
        del self._audio[:count]
        moved = [(max(0, at - count), what) for at, what in self._between]
        self._between = deque(moved, maxlen=KEPT_MESSAGES)
