"""Nothing is said, and no answer confirmed, before it is on record; in whole conversations."""

import asyncio

import pytest

from models import fake
from pipeline import journal as r
from pipeline.conversation import output as o
from pipeline.conversation.session import Session
from pipeline.errors import BacklogFull, RecordTaken, RecordUnavailable
from pipeline.interview.agent import Interviewer
from tests.virtual_time import run

from .test_session import LONG, PLAN, Candidate


def test_nothing_is_heard_before_it_is_on_record():
    class Slow(r.MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(0.3)
            await super().append(*entries)

    async def main():
        record = Slow()
        seen = []
        async with Candidate(LONG, record=record) as candidate:

            async def watch():
                known = 0
                while True:
                    await asyncio.sleep(0.005)
                    for _, output in candidate.got[known:]:
                        if isinstance(output, o.AudioTranscriptDelta | o.AudioDelta):
                            kinds = [type(entry).__name__ for entry in record.entries]
                            seen.append((output, kinds))
                    known = len(candidate.got)

            async with asyncio.TaskGroup() as tasks:
                watching = tasks.create_task(watch())
                await candidate.until(o.ResponseDone)
                await candidate.say(1, 2.0)
                await candidate.until(o.ResponseDone, 2)
                watching.cancel()
        return seen

    clauses = 0
    for output, kinds in run(main()):
        clauses += isinstance(output, o.AudioTranscriptDelta)
        assert kinds.count("ClauseSaid") >= clauses
        assert "ReplyPlanned" in kinds


def test_a_turn_and_the_end_are_told_when_they_are_on_record():
    class Slow(r.MemoryRecord):
        async def append(self, *entries):
            await asyncio.sleep(0.3)
            await super().append(*entries)

    async def main():
        record = Slow()
        told = []
        async with Candidate(LONG, record=record) as candidate:
            put = candidate.session._outputs.queue.put

            def watched(output):
                told.append((output, list(record.entries)))
                put(output)

            candidate.session._outputs.queue.put = watched
            for n in range(3):
                await candidate.until(o.ResponseDone, n + 1)
                await candidate.say(1, 2.0)
            await candidate.until(o.InterviewEnded)
        return told

    told = run(main())
    turns = [(turn, known) for turn, known in told if isinstance(turn, o.TranscriptCompleted)]
    assert len(turns) == 3
    for turn, known in turns:
        assert turn.item in [e.item for e in known if isinstance(e, r.CandidateSpoke)]
    (known,) = (known for output, known in told if isinstance(output, o.InterviewEnded))
    assert isinstance(known[-1], r.InterviewEnded)


def test_a_session_whose_record_was_taken_ends_at_once():
    class Taken(r.MemoryRecord):
        async def append(self, *entries):
            if len(self.entries) == 2:
                raise RecordTaken("somebody else writes")
            await super().append(*entries)

    async def main():
        session = Session(fake.engines(), Interviewer(PLAN), Taken())
        with pytest.raises(RecordTaken):
            await session.run()
        return asyncio.get_running_loop().time()

    assert run(main()) < 1  # nobody waits for what will never be written


def test_a_record_that_is_away_holds_the_reply_back_and_says_so():
    class Away(r.MemoryRecord):
        away = False

        async def append(self, *entries):
            if self.away:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    async def main():
        record = Away()
        async with Candidate(LONG, record=record) as candidate:
            await candidate.until(o.ResponseDone)
            record.away = True
            await candidate.say(1, 2.0)
            failed = await candidate.until(o.Failed)
            await asyncio.sleep(5)
            silent = len(candidate.all(o.ResponseCreated))
            record.away = False
            await candidate.until(o.ResponseDone, 2)
        return failed, silent, record

    failed, silent, record = run(main())
    assert failed.code == "record_unavailable"
    assert silent == 1
    assert LONG in [getattr(entry, "text", None) for entry in record.entries]


def test_a_session_with_too_much_to_write_ends_in_order():
    class Away(r.MemoryRecord):
        away = True

        async def append(self, *entries):
            if self.away:
                raise RecordUnavailable("The record cannot be written.")
            await super().append(*entries)

    class Closing(fake.ScriptedLlm):
        closed = False

        def close(self):
            self.closed = True

    async def main():
        record, llm = Away(), Closing()
        session = Session(fake.engines(llm=llm), Interviewer(PLAN), record)

        async def type_on():
            while True:
                await asyncio.sleep(0.01)
                try:
                    session.push_text("Yes.")
                except BacklogFull:
                    record.away = False
                    raise

        async def hold():
            async with asyncio.TaskGroup() as connection:
                connection.create_task(session.run())
                connection.create_task(type_on())

        with pytest.raises(ExceptionGroup) as ended:
            await hold()
        async with asyncio.timeout(60):
            assert [output async for output in session.outputs()]
        return ended.value, record.entries, llm.closed

    ended, entries, closed = run(main())
    assert ended.subgroup(BacklogFull)
    assert closed
    assert sum(isinstance(entry, r.CandidateSpoke) for entry in entries) > 50  # what waited for it


def test_a_client_that_speaks_on_while_its_session_ends_is_not_heard():
    class Taken(r.MemoryRecord):
        async def append(self, *entries):
            if len(self.entries) == 2:
                raise RecordTaken("somebody else writes")
            await super().append(*entries)

    class Slow(fake.ScriptedLlm):
        async def reply(self, messages, *, max_tokens=120, choices=()):
            try:
                await asyncio.sleep(3600)
                yield ""
            finally:
                await asyncio.sleep(1)  # as one whose server has to be told

    async def main():
        session = Session(fake.engines(llm=Slow()), Interviewer(PLAN), Taken())

        async def type_on():
            while True:
                await asyncio.sleep(0.1)
                session.push_text("Yes.")

        async with asyncio.TaskGroup() as tasks:
            typing = tasks.create_task(type_on())
            with pytest.raises(RecordTaken):
                await session.run()
            typing.cancel()

    run(main())
