import asyncio

import pytest

from pipeline.conversation.journal_writer import LATE_SECONDS, WAITING, JournalWriter
from pipeline.errors import BacklogFull, RecordTaken, RecordUnavailable
from pipeline.journal import Connected, MemoryRecord
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
    journal = JournalWriter(record, lost.append)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(journal.run())
        durable = [journal.write(entry) for entry in entries]
        assert not any(event.is_set() for event in durable)
        await journal.flush()
        assert all(event.is_set() for event in durable)
        task.cancel()
    return lost


def test_entries_are_durable_in_order_once_their_event_is_set():
    record = MemoryRecord()
    entries = [Connected(at_ms=n) for n in range(20)]
    assert run(writing(record, entries)) == []
    assert record.entries == entries


def test_what_follows_an_entry_happens_when_it_is_durable_and_in_order():
    seen = []

    class Seen(MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(1)
            await super().append(*entries)
            seen.append(entries[0].at_ms)

    async def main():
        journal = JournalWriter(Seen(), lambda exc: None)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(journal.run())
            for n in range(3):
                journal.write(Connected(n), lambda n=n: seen.append(f"then {n}"))
            await journal.flush()
            task.cancel()

    run(main())
    assert seen == [0, "then 0", 1, "then 1", 2, "then 2"]


def test_a_record_that_hangs_is_said_before_it_answers():
    class Hanging(MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(60)
            await super().append(*entries)

    async def main():
        clock = asyncio.get_running_loop().time
        said = []
        record = Hanging()
        journal = JournalWriter(record, lambda exc: said.append((clock(), exc.code)))
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(journal.run())
            journal.write(Connected(0))
            await journal.flush()
            task.cancel()
        return said, record.entries

    said, entries = run(main())
    assert said == [(LATE_SECONDS, "record_unavailable")]
    assert entries == [Connected(0)]


def test_a_record_that_answers_in_time_is_not_said_to_be_late_afterwards():
    async def main():
        said = []
        journal = JournalWriter(MemoryRecord(), said.append)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(journal.run())
            journal.write(Connected(0))
            await asyncio.sleep(2 * LATE_SECONDS)
            task.cancel()
        return said

    assert run(main()) == []


def test_a_record_that_is_away_again_is_said_again():
    record = Away(times=2)

    async def main():
        said = []
        journal = JournalWriter(record, said.append)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(journal.run())
            for n in range(2):
                record.times = 2
                journal.write(Connected(n))
                await journal.flush()
            task.cancel()
        return said

    assert len(run(main())) == 2


def test_nobody_waits_for_a_record_that_somebody_else_writes_now():
    class Taken(MemoryRecord):
        async def append(self, *entries):
            raise RecordTaken("somebody else writes")

    async def main():
        journal = JournalWriter(Taken(), lambda exc: None)
        journal.write(Connected(0))
        with pytest.raises(RecordTaken):
            await journal.run()
        await journal.flush()

    run(main())


def test_a_record_that_is_away_is_said_once_and_loses_nothing():
    record = Away(times=6)
    entries = [Connected(at_ms=n) for n in range(3)]
    lost = run(writing(record, entries))
    assert [str(exc) for exc in lost] == ["the database is away"]
    assert record.entries == entries


def test_too_many_waiting_entries_end_the_session():
    journal = JournalWriter(MemoryRecord(), lambda exc: None)
    for n in range(WAITING):
        journal.write(Connected(at_ms=n))
    with pytest.raises(BacklogFull):
        journal.write(Connected(at_ms=0))
