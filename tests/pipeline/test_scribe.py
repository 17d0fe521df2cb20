import asyncio

import pytest

from pipeline.errors import FallingBehind, RecordUnavailable
from pipeline.record import Connected, MemoryRecord
from pipeline.scribe import WAITING, Scribe
from tests.virtual_time import run


class Away(MemoryRecord):
    """A record that cannot be written the first `times`."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    async def append(self, *entries):
        self.times -= 1
        if self.times >= 0:
            raise RecordUnavailable("the database is away")
        await super().append(*entries)


async def writing(record, entries):
    lost = []
    scribe = Scribe(record, lost.append)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(scribe.run())
        durable = [scribe.write(entry) for entry in entries]
        assert not any(event.is_set() for event in durable)
        await scribe.flush()
        assert all(event.is_set() for event in durable)
        task.cancel()
    return lost


def test_entries_are_durable_in_order_once_their_event_is_set():
    record = MemoryRecord()
    entries = [Connected(at_ms=n) for n in range(20)]
    assert run(writing(record, entries)) == []
    assert record.entries == entries


def test_a_record_that_is_away_is_said_once_an_entry_and_loses_nothing():
    record = Away(times=6)
    entries = [Connected(at_ms=n) for n in range(3)]
    lost = run(writing(record, entries))
    assert [str(exc) for exc in lost] == ["the database is away"]
    assert record.entries == entries


def test_too_many_waiting_entries_end_the_session():
    scribe = Scribe(MemoryRecord(), lambda exc: None)
    for n in range(WAITING):
        scribe.write(Connected(at_ms=n))
    with pytest.raises(FallingBehind):
        scribe.write(Connected(at_ms=0))
