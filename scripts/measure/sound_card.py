"""Microphone and loudspeaker, by the programs that Linux has for them: PulseAudio's, which PipeWire
answers as well, or ALSA's. 24 kHz PCM16 mono, as the service takes and gives it.

There is no echo cancellation here: the microphone hears the loudspeaker, unless that is worn.
"""

import asyncio
import contextlib
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

RATE = 24_000
OPENS_SECONDS = 10.0
"""The first sound comes from a microphone within so long, or never."""
MOST_WAITING = 1_000
"""Pieces of audio that wait to be played; the service sends about four, so this is its mistake."""

Samples = NDArray[np.int16]


class SoundCardFailed(Exception):
    """There is no sound; the message says why to a person."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Command lines that write what is heard, and play what they read, as raw samples."""

    recorder: tuple[str, ...]
    player: tuple[str, ...]


_PULSE = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1")
PULSE = Programs(
    ("parecord", *_PULSE, "--latency-msec=40"),
    ("pacat", "--playback", *_PULSE, "--latency-msec=120"),
)
_ALSA = ("--quiet", "--file-type=raw", "--format=S16_LE", f"--rate={RATE}", "--channels=1")
ALSA = Programs(
    ("arecord", *_ALSA, "--buffer-time=500000", "--period-time=40000"),
    ("aplay", *_ALSA, "--buffer-time=120000"),
)


async def programs() -> Programs:
    """Those that this machine has. Raises `SoundCardFailed`."""
    if _installed(PULSE) and await _succeeds("pactl", "info"):
        return PULSE
    if _installed(ALSA):
        return ALSA
    if _installed(PULSE):
        raise SoundCardFailed(
            "neither PulseAudio nor PipeWire runs for this user, and ALSA's own programs are not"
            " installed: sudo apt-get install alsa-utils"
        )
    raise SoundCardFailed(
        "no program for the microphone is installed: sudo apt-get install alsa-utils"
        " (or pulseaudio-utils)"
    )


def _installed(wanted: Programs) -> bool:
    return all(shutil.which(command[0]) for command in (wanted.recorder, wanted.player))


async def _succeeds(*command: str) -> bool:
    try:
        asked = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
        )
    except OSError:
        return False
    return await asked.wait() == 0


@asynccontextmanager
async def _started(
    command: tuple[str, ...], complaints: IO[bytes], stdin: int, stdout: int
) -> AsyncIterator[Process]:
    """Ends it at once when it is left. It does not see the Ctrl-C of the terminal."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=stdin, stdout=stdout, stderr=complaints, start_new_session=True
        )
    except OSError as exc:
        raise SoundCardFailed(f"{command[0]} does not start: {exc}") from exc
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _failure(device: str, program: str, complaints: IO[bytes]) -> SoundCardFailed:
    complaints.seek(0)
    said = complaints.read().decode(errors="replace").strip().splitlines()
    return SoundCardFailed(f"the {device} failed: {said[-1] if said else f'{program} has ended'}")


@asynccontextmanager
async def microphone(found: Programs, chunk: int) -> AsyncIterator[AsyncIterator[Samples]]:
    """What is heard, `chunk` samples at a time, as soon as they are there. It works when this
    begins; raises `SoundCardFailed` when it does not, the iterator when it no longer does."""
    with tempfile.TemporaryFile() as complaints:
        async with _started(found.recorder, complaints, DEVNULL, PIPE) as process:
            assert process.stdout
            heard = _chunks(process.stdout, chunk, found.recorder[0], complaints)
            try:
                async with asyncio.timeout(OPENS_SECONDS):
                    await anext(heard)
            except TimeoutError:
                raise SoundCardFailed(
                    f"the microphone gives no sound: {found.recorder[0]} waits for it"
                ) from None
            yield heard


async def _chunks(
    stream: asyncio.StreamReader, chunk: int, program: str, complaints: IO[bytes]
) -> AsyncIterator[Samples]:
    while True:
        try:
            pcm = await stream.readexactly(2 * chunk)
        except asyncio.IncompleteReadError:
            raise _failure("microphone", program, complaints) from None
        yield np.frombuffer(pcm, dtype="<i2").astype(np.int16)


class Loudspeaker:
    """Plays what it is given, in order, while `run()` runs. Each reply has a player of its own: at
    the end of its input it plays the last few samples, and when it is ended all sound stops."""

    def __init__(self, found: Programs) -> None:
        self._command = found.player
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(MOST_WAITING)
        """Audio; the empty piece ends a reply."""
        self._playing: asyncio.Task[None] | None = None

    def play(self, samples: Samples) -> None:
        self._put(samples.astype("<i2").tobytes())

    def end(self) -> None:
        """The reply is complete."""
        self._put(b"")

    def stop(self) -> None:
        """Be silent at once, and forget what was not played."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
            self._waiting.task_done()
        if self._playing:
            self._playing.cancel()

    async def played(self) -> None:
        """Wait until all has been heard."""
        await self._waiting.join()

    async def run(self) -> None:
        """Play until cancelled. Raises `SoundCardFailed`."""
        while True:
            piece = await self._waiting.get()
            try:
                if piece:
                    async with asyncio.TaskGroup() as tasks:
                        self._playing = tasks.create_task(self._play(piece), name="player")
            except ExceptionGroup as group:
                raise group.exceptions[0] from None
            finally:
                self._waiting.task_done()

    async def _play(self, piece: bytes) -> None:
        with tempfile.TemporaryFile() as complaints:
            async with _started(self._command, complaints, PIPE, DEVNULL) as player:
                assert player.stdin
                with contextlib.suppress(ConnectionError):  # it has ended, and says why
                    while piece:
                        player.stdin.write(piece)
                        await player.stdin.drain()
                        piece = await self._waiting.get()
                        self._waiting.task_done()
                    player.stdin.close()
                if await player.wait():
                    raise _failure("loudspeaker", self._command[0], complaints)

    def _put(self, piece: bytes) -> None:
        try:
            self._waiting.put_nowait(piece)
        except asyncio.QueueFull:
            raise SoundCardFailed("the loudspeaker does not keep up") from None
