"""Keep early audio: what a candidate says while the models are still being loaded."""

import asyncio
from collections import deque

from models.contracts import SPEAKING_RATE

from .input import ClientMessage, Listener, PushAudio, deliver

BYTES_PER_SECOND = 2 * SPEAKING_RATE
KEPT_SECONDS = 60
"""Seconds of audio that are kept; older audio is dropped. Silence counts too, because browsers send
it."""
KEPT_MESSAGES = 100
"""Number of other messages that are kept, the newest: typed answers, ends of turns, mutes."""
PIECE = BYTES_PER_SECOND // 5
"""Bytes that are handed on before other tasks get their turn on the event loop."""


class Early:
    """Keeps the client's messages, in order, until there is a listener, and then passes them on."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._between: deque[tuple[int, ClientMessage]] = deque(maxlen=KEPT_MESSAGES)
        """The other messages, each with the number of bytes of audio before it."""
        self._listener: Listener | None = None

    @property
    def told(self) -> bool:
        """Return True once a listener hears everything at once."""
        return self._listener is not None

    @property
    def waits(self) -> bool:
        """Return True if something has not been passed on."""
        return bool(self._audio or self._between)

    def take(self, message: ClientMessage) -> None:
        """Pass the message on, or keep it."""
        if self._listener:
            deliver(message, self._listener)
        elif isinstance(message, PushAudio):
            self._audio += message.pcm
            if (excess := len(self._audio) - KEPT_SECONDS * BYTES_PER_SECOND) > 0:
                self._forget(excess + excess % 2)  # whole samples
        else:
            self._between.append((len(self._audio), message))

    async def tell(self, listener: Listener) -> None:
        """Pass everything on, faster than it was said, and then what came meanwhile. If cancelled
        in the middle it still passes everything on."""
        try:
            while self._tell_next(listener):  # noqa: ASYNC110 -- it waits for nothing
                await asyncio.sleep(0)
        finally:
            while self._tell_next(listener):
                pass
            self._listener = listener

    def _tell_next(self, listener: Listener) -> bool:
        """Pass on one piece; return False when there is none."""
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
        """Drop the first `count` bytes of the audio."""
        del self._audio[:count]
        moved = [(max(0, at - count), what) for at, what in self._between]
        self._between = deque(moved, maxlen=KEPT_MESSAGES)
