"""What a candidate says while there is nobody yet to hear it: the models are still being loaded."""

import asyncio
from collections import deque

from models.contracts import SPEAKING_RATE

from .input import ClientMessage, Listener, PushAudio, deliver

BYTES_PER_SECOND = 2 * SPEAKING_RATE
KEPT_SECONDS = 60
"""So much audio is kept; what came before that is dropped. Silence counts, as browsers send it."""
KEPT_MESSAGES = 100
"""So much else is kept, the newest: typed answers, ends of turns, mutes."""
PIECE = BYTES_PER_SECOND // 5
"""Bytes that are heard before others get their turn on the event loop."""


class Early:
    """Keeps what the client asks, in order, until there is a listener to tell it to, and hands on
    what comes then."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._between: deque[tuple[int, ClientMessage]] = deque(maxlen=KEPT_MESSAGES)
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

    def take(self, message: ClientMessage) -> None:
        """Hand the message on, or keep it."""
        if self._listener:
            deliver(message, self._listener)
        elif isinstance(message, PushAudio):
            self._audio += message.pcm
            if (excess := len(self._audio) - KEPT_SECONDS * BYTES_PER_SECOND) > 0:
                self._forget(excess + excess % 2)  # whole samples
        else:
            self._between.append((len(self._audio), message))

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
            listener.push_audio(piece)
        elif self._between:
            _, message = self._between.popleft()
            deliver(message, listener)
        else:
            return False
        return True

    def _forget(self, count: int) -> None:
        """Of the audio's beginning, so many bytes."""
        del self._audio[:count]
        moved = [(max(0, at - count), what) for at, what in self._between]
        self._between = deque(moved, maxlen=KEPT_MESSAGES)
