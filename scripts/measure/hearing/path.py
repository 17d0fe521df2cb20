"""The whole path from a client's audio to the committed turn: the session with its segmenter, voice
activity, turn-taking and recognizer, as behind the WebSocket, in virtual time. The interviewer's
words and voice are scripted, because nothing is measured of them."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import numpy as np
import soxr

from models.contracts import (
    HEARING_RATE,
    SPEAKING_RATE,
    EndOfTurn,
    Engines,
    Samples,
    Transcriber,
    Vad,
)
from models.fake import ScriptedLlm, SteadyVoice
from pipeline.conversation import output as o
from pipeline.conversation.session import Session
from pipeline.interview.agent import Interviewer
from pipeline.interview.plan import Plan, Question
from pipeline.journal import MemoryRecord

from ..virtual_time import VirtualTimeLoop

CHUNK = 2_048
"""Samples that a browser sends at a time."""
BEFORE = 0.7
"""Seconds between the question and the answer."""
SETTLED = 3.0
"""Seconds of silence after the last turn or reply, after which nothing more is expected."""
PATIENCE = 20.0
"""Seconds after the recording in which its turn has to end."""
QUESTION = "Please tell me about your work and the projects that you are most proud of."
PLAN = Plan(tuple(Question(f"{QUESTION[:-1]}, part {n}.") for n in range(1, 31)), minutes=180)


def plan_with(terms: Sequence[str]) -> Plan:
    """Return the plan with these terms in the description of the job."""
    return msgspec.structs.replace(PLAN, job_summary=", ".join(("work", *terms, "work")))


@dataclass(slots=True)
class Told:
    """What a client was told while a recording was played into a session."""

    texts: list[str] = field(default_factory=list)
    """Texts of the turns."""
    answered: bool = False
    """True if the last turn ended in time."""
    ended_ms: list[int] = field(default_factory=list)
    """Times at which turns were committed, from the beginning of the recording."""
    began: float = 0.0

    @property
    def text(self) -> str:
        return " ".join(text for text in self.texts if text)


class _Client:
    def __init__(self, session: Session) -> None:
        self.told = Told()
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._sent = 0
        self._replies = 0
        self._in_turn = False
        self._quiet_since = 0.0

    async def listen(self) -> None:
        async for output in self._session.outputs():
            self._quiet_since = self._loop.time()
            match output:
                case o.SpeechStarted():
                    self._in_turn = True
                case o.TranscriptCompleted(text=text):
                    self._in_turn = False
                    self.told.texts.append(text)
                    self.told.ended_ms.append(round((self._quiet_since - self.told.began) * 1000))
                case o.ResponseDone():
                    self._replies += 1

    async def speak(self, audio: Samples, room: Samples) -> None:
        """Wait for the greeting, say the audio, and wait for the last turn to end. `room` is what
        is heard before and after it."""
        while not self._replies:
            await self._send(self._room(room))
        for _ in range(round(BEFORE * SPEAKING_RATE / CHUNK)):
            await self._send(self._room(room))
        self.told.began = self._loop.time()
        for at in range(0, len(audio), CHUNK):
            await self._send(audio[at : at + CHUNK])
        end = self._loop.time()
        while self._loop.time() < end + PATIENCE:
            await self._send(self._room(room))
            quiet = self._loop.time() - max(self._quiet_since, end)
            if not self._in_turn and quiet >= SETTLED:
                self.told.answered = True
                return

    def _room(self, room: Samples) -> Samples:
        place = self._sent % max(1, len(room) - CHUNK)
        return room[place : place + CHUNK]

    async def _send(self, chunk: Samples) -> None:
        self._sent += len(chunk)
        await asyncio.sleep(self._sent / SPEAKING_RATE - self._loop.time())
        self._session.push_audio(chunk.tobytes())


async def answer(
    vad: Vad,
    transcriber: Transcriber,
    audio: Samples,
    room: Samples,
    plan: Plan = PLAN,
    end_of_turn: EndOfTurn | None = None,
) -> Told:
    """Play 16 kHz audio into a session as the answer to its first question. The loop has to be a
    `VirtualTimeLoop` whose time is 0."""
    assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
    engines = Engines(vad, transcriber, ScriptedLlm(), SteadyVoice(0.02), end_of_turn=end_of_turn)
    session = Session(engines, Interviewer(plan, form=engines.form), MemoryRecord())
    client = _Client(session)
    with only_errors_logged():
        async with asyncio.TaskGroup() as tasks:
            working = [tasks.create_task(session.run()), tasks.create_task(client.listen())]
            await client.speak(at_wire_rate(audio), at_wire_rate(room))
            for task in working:
                task.cancel()
    return client.told


@contextmanager
def only_errors_logged() -> Iterator[None]:
    """Keep the warnings of sessions, which are meant for an operator, from among the figures."""
    log = logging.getLogger("pipeline")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def at_wire_rate(audio: Samples) -> Samples:
    resampled: Samples = np.asarray(soxr.resample(audio, HEARING_RATE, SPEAKING_RATE))
    return resampled
