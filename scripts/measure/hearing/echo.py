"""Let an interviewer hear itself from a loudspeaker that nobody cancels: `eval_hearing.py --echo`.

The interviewer speaks with a voice of the manifest; what a client would play comes back through its
microphone, later and quieter, with the real voice activity, turn-taking and recognizer.
"""

import argparse
import asyncio
from dataclasses import dataclass

import numpy as np

from models import registry
from models.contracts import SPEAKING_RATE, Engines, Samples, Transcriber, Voice
from models.device import Machine
from models.fake import ScriptedLlm
from models.manifest import Voice as VoiceModel
from models.manifest import find
from models.vad.detector import choose
from pipeline.conversation import output as o
from pipeline.conversation.session import Session
from pipeline.interview.agent import Interviewer
from pipeline.journal import MemoryRecord

from ..virtual_time import Work, run
from .engine import TimedTranscriber, located
from .path import CHUNK, PLAN, only_errors_logged

DELAYS = (0.05, 0.1, 0.15, 0.2)
"""Seconds until the sound comes back."""
LEVEL = -12.0
"""Decibels at which it does."""
REPLIES = 5
"""Replies of a session; the first of them have to notice the echo."""
SESSIONS = 5
"""Sessions with each delay."""
HISS = 3.0
ANSWER = "I built a scheduler in Python for the county hospital with three nurses."


@dataclass(slots=True)
class Heard:
    replies: int = 0
    stopped: int = 0
    """Replies that were not heard to their end."""
    interrupted: int = 0
    """Times that the client was told that somebody speaks."""
    answers: int = 0
    """Turns that nobody took."""

    def line(self, name: str) -> str:
        return (
            f"{name:<22} {self.replies:4d} replies, {self.stopped} stopped,"
            f" {self.interrupted} speech_started, {self.answers} answers that nobody gave"
        )


class _Loudspeaker:
    def __init__(self, session: Session, delay: float, heard: Heard) -> None:
        self._session = session
        self._late = round(delay * SPEAKING_RATE)
        self._heard = heard
        self._played = np.zeros(0, np.int16)
        self._sent = 0
        self._replies = 0
        self._more = asyncio.Event()

    async def listen(self) -> None:
        async for output in self._session.outputs():
            match output:
                case o.AudioDelta(audio=audio):
                    gap = max(0, self._sent - len(self._played))
                    silence = np.zeros(gap, np.int16)
                    self._played = np.concatenate([self._played, silence, audio])
                case o.SpeechStarted():
                    self._heard.interrupted += 1
                    self._played = self._played[: self._sent]
                case o.TranscriptCompleted(text=text):
                    self._heard.answers += text.strip() not in ("", ANSWER)
                case o.ResponseDone(status=status):
                    self._replies += 1
                    self._more.set()
                    self._heard.replies += 1
                    self._heard.stopped += status == "cancelled"

    async def heard(self, replies: int) -> None:
        """Wait for so many replies."""
        while self._replies < replies:
            self._more.clear()
            await self._more.wait()

    async def send(self) -> None:
        random = np.random.default_rng(7)
        gain = 10 ** (LEVEL / 20)
        loop = asyncio.get_running_loop()
        while True:
            start = max(0, self._sent - self._late)
            back = self._played[start : max(0, self._sent - self._late + CHUNK)]
            heard: Samples = (random.standard_normal(CHUNK) * HISS).astype(np.int16)
            heard[-len(back) or CHUNK :] += (back * gain).astype(np.int16)
            self._sent += CHUNK
            await asyncio.sleep(self._sent / SPEAKING_RATE - loop.time())
            self._session.push_audio(heard.tobytes())


async def _session(transcriber: Transcriber, voice: Voice, delay: float, heard: Heard) -> None:
    engines = Engines(choose("both"), transcriber, ScriptedLlm(), voice)
    session = Session(engines, Interviewer(PLAN, form=engines.form), MemoryRecord())
    speaker = _Loudspeaker(session, delay, heard)
    with only_errors_logged():
        async with asyncio.TaskGroup() as tasks:
            works = (session.run(), speaker.listen(), speaker.send())
            working = [tasks.create_task(work) for work in works]
            for n in range(1, REPLIES + 1):
                async with asyncio.timeout(120):
                    await speaker.heard(n)
                await asyncio.sleep(1.5)
                session.push_text(ANSWER)
            for task in working:
                task.cancel()


class _InstantVoice:
    """A voice in virtual time: nothing is measured of its speed."""

    def __init__(self, voice: Voice, work: Work) -> None:
        self._voice = voice
        self._work = work

    async def speak(self, text: str, *, ahead: bool = False) -> Samples:
        return await self._work.do(self._voice.speak(text, ahead=ahead))


def measure(options: argparse.Namespace) -> None:
    """Print for each recognizer how often the interviewer interrupts or answers itself. Raises
    `EngineError`."""
    found = find(options.echo, VoiceModel, options.models_dir)
    voice: Voice = registry.engine(found.model.engine).load(found, Machine())
    for name in options.models:
        model = located(name, options.models_dir, dict(options.set))
        transcriber = registry.engine(model.model.engine).load(model, Machine())
        whole = Heard()
        for delay in DELAYS:
            for _ in range(SESSIONS):
                timed = TimedTranscriber(transcriber, Work(2))
                run(_session(timed, _InstantVoice(voice, Work(1)), delay, whole))
        print(whole.line(name), flush=True)
        asyncio.run(transcriber.aclose())
