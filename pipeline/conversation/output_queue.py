"""The queue of what is to be sent to the client: control events at once, audio as there is room."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from ..errors import BacklogFull
from .output import AudioDelta, Output

AUDIO_WAITING = 2
"""Pieces of audio that may wait for the socket; one more makes the reply wait."""
CONTROL_WAITING = 512
"""Control events that may wait; they are never dropped. A client that lets so many pile up is
gone."""


class OutputQueue:
    def __init__(self) -> None:
        self._waiting: deque[Output] = deque()
        self._audio = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False

    def put(self, output: Output) -> None:
        """Queue a control event behind everything that waits; drop it if the queue is closed.
        Raises `BacklogFull`."""
        if self._closed:
            return
        if len(self._waiting) >= CONTROL_WAITING:
            raise BacklogFull(f"{CONTROL_WAITING} events wait for a client that does not read")
        self._waiting.append(output)
        self._arrived.set()

    async def put_audio(self, delta: AudioDelta) -> None:
        """Queue audio as soon as there is room."""
        await self._room.wait()
        self._audio += 1
        self._note_room()
        self.put(delta)

    def drop_audio(self, response: str) -> int:
        """Take back the unsent audio of a reply; return how many samples that were."""
        late: list[AudioDelta] = []
        kept: deque[Output] = deque()
        for output in self._waiting:
            if isinstance(output, AudioDelta) and output.response == response:
                late.append(output)
            else:
                kept.append(output)
        self._waiting = kept
        self._audio -= len(late)
        self._note_room()
        return sum(len(delta.audio) for delta in late)

    def close(self) -> None:
        """Close the queue; `read` ends after what still waits."""
        self._closed = True
        self._arrived.set()

    async def read(self) -> AsyncIterator[Output]:
        """Yield what is to be sent, in order."""
        while True:
            while self._waiting:
                output = self._waiting.popleft()
                if isinstance(output, AudioDelta):
                    self._audio -= 1
                    self._note_room()
                yield output
            if self._closed:
                return
            self._arrived.clear()
            await self._arrived.wait()

    def _note_room(self) -> None:
        if self._audio < AUDIO_WAITING:
            self._room.set()
        else:
            self._room.clear()
