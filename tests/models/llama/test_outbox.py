"""What the scheduler has to tell comes to the right loop, in order, and whole."""

import asyncio
from threading import Thread

from models.llama.outbox import Outbox


async def test_everything_is_told_in_order_before_the_outbox_is_closed():
    outbox, heard = Outbox(), []
    outbox.open()
    loop = asyncio.get_running_loop()
    for step in range(50):
        for row in range(3):
            outbox.tell(loop, heard.append, (step, row))
        outbox.deliver()
    outbox.tell(loop, heard.append, "the end")
    await asyncio.to_thread(outbox.close)
    await asyncio.sleep(0)
    assert heard == [*((step, row) for step in range(50) for row in range(3)), "the end"]


async def test_a_loop_that_is_closed_keeps_nothing_from_the_others():
    closed, heard = asyncio.new_event_loop(), []
    closed.close()
    outbox = Outbox()
    outbox.open()
    outbox.tell(closed, heard.append, "to nobody")
    outbox.tell(asyncio.get_running_loop(), heard.append, "to us")
    await asyncio.to_thread(outbox.close)
    await asyncio.sleep(0)
    assert heard == ["to us"]


def test_each_loop_hears_its_own_on_its_own_thread():
    outbox, heard = Outbox(), {}

    async def listen(name):
        done = asyncio.Event()
        outbox.tell(
            asyncio.get_running_loop(), lambda it: (heard.update({name: it}), done.set()), name
        )
        outbox.deliver()
        await done.wait()

    outbox.open()
    threads = [Thread(target=asyncio.run, args=(listen(n),)) for n in range(2)]
    for thread in threads:
        thread.start()
        thread.join()
    outbox.close()
    assert heard == {0: 0, 1: 1}
