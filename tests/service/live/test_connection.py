"""A client that takes nothing from its socket, in virtual time."""

import asyncio
import base64
import json

import numpy as np
import pytest
from aiohttp import WSMessage, WSMsgType

from models import fake
from models.errors import EngineError
from models.fake import LOUDNESS
from pipeline.conversation.session import Session
from pipeline.interview.agent import Interviewer
from pipeline.interview.plan import Plan, Question
from pipeline.journal import CandidateSpoke, Disconnected, MemoryRecord
from service.admission.seat import LEAVING_SECONDS, Seat
from service.live.connection import CLIENT_LEFT, SEND_TIMEOUT_S, Connection, SessionSource
from service.live.interview_wire import InterviewWire
from service.observability.metrics import Metrics
from tests.pipeline.conversation.test_session import Talkative
from tests.virtual_time import run


class FullSocket:
    """Takes nothing, and nothing comes from it."""

    closed = False
    close_frames = 0
    close_code = 1001

    async def send_frame(self, frame, kind):
        await asyncio.Event().wait()

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.Event().wait()

    async def close(self, *, code, message):
        self.close_frames += 1


class Transport:
    aborted = False

    def abort(self):
        self.aborted = True


def held(ws, transport, opening, seat):
    source = SessionSource(opening, lambda: None)
    return Connection(ws, transport, InterviewWire(), source, seat, Metrics()).hold()


def test_a_client_that_takes_nothing_is_cut_off_and_its_record_closed():
    ws, transport, seat, record = FullSocket(), Transport(), Seat(), MemoryRecord()

    async def main():
        plan = Plan(questions=(Question("What did you build?"),))

        async def opening():
            return Session(fake.engines(), Interviewer(plan), record)

        await held(ws, transport, opening, seat)
        assert await seat.left()
        return asyncio.get_running_loop().time()

    assert SEND_TIMEOUT_S - 0.1 < run(main()) < SEND_TIMEOUT_S + 1
    assert transport.aborted
    assert not ws.close_frames
    assert isinstance(record.entries[-1], Disconnected)


class Microphone(FullSocket):
    """The candidate speaks from the first second on; the socket takes nothing from half a second
    after that, or fails in the middle."""

    def __init__(self, seconds=60.0, blocked=True):
        self.closed, self.sent, self.seconds, self.blocked = False, 0, seconds, blocked

    async def send_frame(self, frame, kind):
        if self.blocked and self.sent > 75:
            await asyncio.Event().wait()

    async def __anext__(self):
        await asyncio.sleep(0.02)
        self.sent += 1
        if self.sent > self.seconds * 50:
            raise StopAsyncIteration
        pcm = np.full(480, LOUDNESS * (self.sent > 50), dtype="<i2").tobytes()
        audio = base64.b64encode(pcm).decode()
        return WSMessage(WSMsgType.TEXT, json.dumps({"type": "audio", "audio": audio}).encode(), "")


class WearyVad(fake.LoudnessVad):
    """Fails after four seconds of sound."""

    heard = 0

    def probability(self, frame):
        self.heard += 1
        if self.heard > 200:
            raise EngineError("worn out")
        return super().probability(frame)


SAID = "I built a bridge over the river."


def leaving(why=None, *, transcriber):
    """A candidate leaves who has spoken for two seconds. A second later the connection is dismissed
    for this reason. Return how long its end took, and what is on record."""
    whole, record, seat = fake.engines(SAID, voice=fake.SteadyVoice(0.01)), MemoryRecord(), Seat()

    async def main():
        plan = Plan(questions=(Question("What did you build?"),))

        async def opening():
            engines = fake.Engines(fake.LoudnessVad(), transcriber, whole.llm, whole.voice)
            return Session(engines, Interviewer(plan), record)

        async with asyncio.TaskGroup() as tasks:
            ws = Microphone(3.0, blocked=False)
            end = tasks.create_task(held(ws, Transport(), opening, seat))
            if why:
                await asyncio.sleep(4)
                seat.dismiss(why)
            assert (await end).why == CLIENT_LEFT
        return asyncio.get_running_loop().time() - 3

    took = run(main())
    return took, [entry.text for entry in record.entries if isinstance(entry, CandidateSpoke)]


@pytest.mark.parametrize(
    ("delay", "why", "words"),
    [
        (30.0, None, True),
        (3.5, "replaced", True),
        (30.0, "replaced", False),
        (8.5, "finalized", True),
        (30.0, "finalized", False),
    ],
)
def test_the_words_of_who_left_are_waited_for_while_nobody_waits_for_their_session(
    delay, why, words
):
    took, said = leaving(why, transcriber=Talkative(SAID, delay=delay))
    assert [bool(text) for text in said] == [words]
    if why and not words:
        assert took < LEAVING_SECONDS + 1


@pytest.mark.parametrize(
    ("vad", "ws"),
    [(fake.LoudnessVad(), Microphone()), (WearyVad(), Microphone(blocked=False))],
    ids=["it takes nothing any more", "an engine fails"],
)
def test_who_is_cut_off_while_speaking_has_said_it(vad, ws):
    whole, record, seat = fake.engines(SAID, voice=fake.SteadyVoice(0.01)), MemoryRecord(), Seat()

    async def main():
        plan = Plan(questions=(Question("What did you build?"),))

        async def opening():
            engines = fake.Engines(vad, Talkative(SAID), whole.llm, whole.voice)
            return Session(engines, Interviewer(plan), record)

        end = await held(ws, Transport(), opening, seat)
        assert await seat.left()
        return end

    assert run(main()).why != CLIENT_LEFT
    (said,) = (e.text for e in record.entries if isinstance(e, CandidateSpoke))
    assert said.startswith(SAID)
