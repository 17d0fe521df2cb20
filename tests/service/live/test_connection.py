"""A client that takes nothing from its socket, in virtual time."""

import asyncio

from models import fake
from pipeline.plan import Plan, Question
from pipeline.record import Disconnected, MemoryRecord
from pipeline.session import Session
from service.admission import Seat
from service.live.connection import SEND_TIMEOUT_S, Connection
from service.operations.metrics import Metrics
from tests.virtual_time import run


class FullSocket:
    """Takes nothing, and nothing comes from it."""

    closed = False
    close_frames = 0

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


def test_a_client_that_takes_nothing_is_cut_off_and_its_record_closed():
    ws, transport, seat, record = FullSocket(), Transport(), Seat(), MemoryRecord()

    async def main():
        plan = Plan(questions=(Question("What did you build?"),))

        async def opening():
            return Session(fake.engines(), plan, record)

        await Connection(ws, transport, opening, seat, Metrics(), lambda: None).hold()
        assert await seat.left()
        return asyncio.get_running_loop().time()

    assert SEND_TIMEOUT_S - 0.1 < run(main()) < SEND_TIMEOUT_S + 1
    assert transport.aborted
    assert not ws.close_frames
    assert isinstance(record.entries[-1], Disconnected)
