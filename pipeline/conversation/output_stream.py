"""The stream of output to the client: recorded as it is heard, and in the client's sample rate."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from models.contracts import SPEAKING_RATE, Samples

from .echo_guard import EchoGuard
from .output import AudioDelta, Output, ResponseDone
from .output_queue import OutputQueue
from .resample import Resampler
from .stereo import Recording


class OutputStream:
    def __init__(self, recording: Recording, echo: EchoGuard) -> None:
        self.queue = OutputQueue()
        self._echo = echo
        self._recording = recording
        self._audio = OutputRate()

    def change_rate(self, rate: int) -> None:
        """Set the sample rate of replies that begin from now on."""
        self._audio.rate = rate

    async def read(self) -> AsyncIterator[Output]:
        async for output in self.queue.read():
            now = asyncio.get_running_loop().time()
            self._recording.told(output, now)
            self._echo.told(output, now)
            for each in self._audio.convert(output):
                yield each


class OutputRate:
    """Resamples the audio of replies to the client's rate. A new rate takes effect with the next
    reply."""

    def __init__(self) -> None:
        self.rate = SPEAKING_RATE
        self._resampler = Resampler(SPEAKING_RATE, SPEAKING_RATE)
        self._response = ""
        self._sent = 0
        """Samples of this response sent so far, at the client's rate."""

    def convert(self, output: Output) -> list[Output]:
        """Return the output with its audio and position at the client's rate."""
        match output:
            case AudioDelta(response=response, audio=audio):
                if response != self._response:
                    self._response, self._sent = response, 0
                    self._resampler = Resampler(SPEAKING_RATE, self.rate)
                return [self._placed(output, self._resampler.convert(audio))]
            case ResponseDone(response=response, item=item, status="completed"):
                if response == self._response and (tail := self._resampler.flush()).size:
                    return [AudioDelta(response, item, self._sent, tail), output]
        return [output]

    def _placed(self, delta: AudioDelta, audio: Samples) -> AudioDelta:
        placed = replace(delta, start=self._sent, audio=audio)
        self._sent += len(audio)
        return placed
