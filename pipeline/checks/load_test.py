"""Hold interviews with simulated candidates, in real time, to measure how the engines cope with so
many at once.

The candidates speak with recorded voices; sessions, turn-taking, recognizer, interviewer and voice
are the real ones. Sockets and the database are left out: they cost little, and a load test must
leave no trace.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.contracts import SPEAKING_RATE, Engines, Samples, Voice
from models.errors import EngineError

from ..conversation import output as o
from ..conversation.resample import HearingFrames
from ..conversation.session import Session
from ..conversation.turn_steps import Tuning
from ..errors import PipelineError
from ..interview.agent import Interviewer
from ..interview.default_plans import TYPES, default_plan
from ..interview.llm_part import warm_up
from ..interview.plan import Plan
from ..journal import MemoryRecord
from ..loop_lag import loop_lag

LINES = (
    "Hello, I have worked as a software engineer for six years, mostly on web services in Python.",
    "In my last project we moved a large database to new servers without stopping the service.",
    "I like to write tests first, because they show me early what the code should do.",
    "Once two people in my team could not agree, so I asked both to explain their reasons.",
    "I learn best when I build something small and then read how other people solved it.",
    "My biggest mistake was a change that I did not test, and it cost us half a day.",
    "I would like to work with people who care about quality and who help each other.",
    "In five years I want to lead a small team and still write code every week.",
)
"""Answers of the simulated candidates."""
CHUNK = 2_048
"""Samples that a browser sends at a time."""
CHUNK_SECONDS = CHUNK / SPEAKING_RATE
STAGGER = 4.0
"""Seconds over which the candidates arrive, because people do not speak in step."""
THINKING = 0.7
"""Seconds between the end of a question and the answer."""
PATIENCE = 30.0
"""Seconds to wait for a reply before it counts as missing."""
LAG_SECONDS = 0.02
"""Seconds between two measurements of the event loop's delay."""


@dataclass(slots=True)
class Figures:
    """The measurements of all candidates together, in milliseconds."""

    added: list[float] = field(default_factory=list)
    """Times to a reply's first sound, beyond the endpoint delay that was chosen for the answer. A
    turn whose words come late ends late, which counts."""
    gaps: list[float] = field(default_factory=list)
    """The longest silence inside each reply whose audio came too late."""
    lag: list[float] = field(default_factory=list)
    """Delays of the event loop."""
    unanswered: int = 0


async def spoken_lines(voice: Voice) -> list[Samples]:
    """Synthesize the answers as 24 kHz speech. Raises `EngineError`."""
    return [await voice.speak(line) for line in LINES]


def as_heard(speech: Sequence[Samples]) -> Samples:
    """Join the speech, and resample it to the rate of the recognizer."""
    return np.concatenate(HearingFrames().feed(np.concatenate(speech).tobytes()))


async def hold_interviews(
    engines: Engines, count: int, turns: int, speech: Sequence[Samples], tuning: Tuning
) -> Figures:
    """Hold `count` interviews at once, with `turns` answers in each. A failure in one becomes a
    figure too. Takes about ten seconds a turn."""
    figures = Figures()
    await warm_up(engines.llm, engines.form, engines.sentence_end)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(_watch_loop(figures), name="loop lag")
        async with asyncio.TaskGroup() as candidates:
            for n in range(count):
                lines = [speech[(n + turn) % len(speech)] for turn in range(turns)]
                agent = Interviewer(plan_of(n, engines), form=engines.form)
                session = Session(engines, agent, MemoryRecord(), tuning=tuning)
                arrival = STAGGER * n / count
                candidates.create_task(_attend(session, lines, arrival, figures))
        watching.cancel()
    return figures


def plan_of(n: int, engines: Engines) -> Plan:
    """Return a plan for candidate `n`. Neighbours get different questions, so that the language
    model can reuse little of one interview for another."""
    plan = default_plan(TYPES[n % len(TYPES)], candidate=f"Candidate {n + 1}")
    languages = engines.transcriber.languages
    language = plan.language if plan.language in languages else languages[0]
    return Plan(plan.questions, plan.candidate, language=language)


async def _attend(
    session: Session, lines: Sequence[Samples], arrival: float, figures: Figures
) -> None:
    await asyncio.sleep(arrival)
    candidate = _Candidate(session, figures)
    try:
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(session.run(), name="session"),
                tasks.create_task(candidate.listen(), name="ear"),
                tasks.create_task(candidate.speak(), name="mouth"),
            ]
            await candidate.hold(lines)
            for task in working:
                task.cancel()
    except* (PipelineError, EngineError):
        figures.unanswered += 1


class _Candidate:
    """A simulated candidate, who sends audio without a break, speech or the noise of a quiet room,
    and plays what comes back."""

    def __init__(self, session: Session, figures: Figures) -> None:
        self._session = session
        self._figures = figures
        self._clock = asyncio.get_running_loop().time
        self._to_say: Samples = np.zeros(0, dtype=np.int16)
        self._plays_until = 0.0
        self._gap: float | None = None
        """Longest silence in the reply that is arriving; None before its first sound."""
        self._replies = 0
        self._over = False
        self._news = asyncio.Event()

    async def hold(self, lines: Sequence[Samples]) -> None:
        """Answer each reply with the next line, until a reply does not come."""
        if not await self._replied(0):
            return
        for line in lines:
            if self._over:
                return
            self._to_say = line
            await asyncio.sleep(len(line) / SPEAKING_RATE)
            if not await self._replied(self._replies):
                return

    async def _replied(self, before: int) -> bool:
        """Wait for another reply to end and to be played to its end."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self._replies == before and not self._over:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            self._figures.unanswered += 1
            return False
        await asyncio.sleep(max(0.0, self._plays_until - self._clock()) + THINKING)
        return True

    async def speak(self) -> None:
        noise = np.random.default_rng(0).normal(0, 6, 16 * CHUNK).astype(np.int16)
        began, sent = self._clock(), 0
        while True:
            sent += 1
            await asyncio.sleep(max(0.0, began + sent * CHUNK_SECONDS - self._clock()))
            place = sent % 16 * CHUNK
            chunk = noise[place : place + CHUNK].copy()
            said, self._to_say = self._to_say[:CHUNK], self._to_say[CHUNK:]
            chunk[: len(said)] += said
            self._session.push_audio(chunk.tobytes())

    async def listen(self) -> None:
        async for output in self._session.outputs():
            match output:
                case o.ResponseCreated():
                    self._gap = None
                case o.AudioDelta(audio=audio):
                    self._play(len(audio) / SPEAKING_RATE)
                case o.ResponseDone(timing=timing):
                    self._note(timing)
                case o.InterviewEnded():
                    self._over = True
                    self._news.set()
                case o.Failed():
                    self._figures.unanswered += 1

    def _play(self, seconds: float) -> None:
        now = self._clock()
        if self._gap is None:
            self._gap = 0.0
        else:
            self._gap = max(self._gap, now - self._plays_until)
        self._plays_until = max(self._plays_until, now) + seconds

    def _note(self, timing: dict[str, float]) -> None:
        """Note the timing of a reply. Greetings are left out, since they follow no answer."""
        if "overdue" in timing:
            self._figures.added.append(timing["overdue"])
        self._figures.gaps.append((self._gap or 0.0) * 1000)
        self._replies += 1
        self._news.set()


async def _watch_loop(figures: Figures) -> None:
    async for late in loop_lag(LAG_SECONDS):
        figures.lag.append(late * 1000)
