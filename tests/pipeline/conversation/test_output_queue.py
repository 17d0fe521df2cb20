import asyncio

import numpy as np
import pytest

from pipeline.conversation.output import AudioDelta, InterviewEnded
from pipeline.conversation.output_queue import CONTROL_WAITING, OutputQueue
from pipeline.errors import BacklogFull
from tests.virtual_time import run


def audio(response="r1", samples=100):
    return AudioDelta(response, "i1", 0, np.ones(samples, dtype=np.int16))


async def read_all(outputs):
    return [output async for output in outputs.read()]


def test_what_is_put_is_read_in_order_until_it_is_closed():
    async def main():
        outputs = OutputQueue()
        outputs.put(InterviewEnded("a"))
        await outputs.put_audio(audio())
        outputs.put(InterviewEnded("b"))
        outputs.close()
        return await read_all(outputs)

    first, sound, last = run(main())
    assert (first, last) == (InterviewEnded("a"), InterviewEnded("b"))
    assert isinstance(sound, AudioDelta)


def test_audio_waits_for_a_slow_reader_and_control_events_do_not():
    async def main():
        outputs = OutputQueue()
        async with asyncio.TaskGroup() as tasks:
            sends = [tasks.create_task(outputs.put_audio(audio())) for _ in range(10)]
            await asyncio.sleep(1)
            waiting = sum(not send.done() for send in sends)
            outputs.put(InterviewEnded("x"))
            reader = tasks.create_task(read_all(outputs))
            await asyncio.sleep(1)
            outputs.close()
        return waiting, len(reader.result())

    assert run(main()) == (8, 11)


def test_the_audio_of_a_stopped_reply_is_taken_back_and_nothing_else():
    async def main():
        outputs = OutputQueue()
        await outputs.put_audio(audio("old", 300))
        outputs.put(InterviewEnded("x"))
        await outputs.put_audio(audio("new"))
        dropped = outputs.drop_audio("old")
        outputs.close()
        rest = await read_all(outputs)
        return dropped, [type(output).__name__ for output in rest]

    assert run(main()) == (300, ["InterviewEnded", "AudioDelta"])


def test_dropping_makes_room():
    async def main():
        outputs = OutputQueue()
        for _ in range(2):
            await outputs.put_audio(audio("old"))
        outputs.drop_audio("old")
        async with asyncio.timeout(1):
            await outputs.put_audio(audio("new"))

    run(main())


def test_a_client_that_reads_nothing_is_given_up():
    outputs = OutputQueue()
    for _ in range(CONTROL_WAITING):
        outputs.put(InterviewEnded("x"))
    with pytest.raises(BacklogFull, match="does not read"):
        outputs.put(InterviewEnded("x"))
