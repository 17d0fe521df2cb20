"""What engines tell of themselves while they work and when they are stuck."""

import asyncio
from pathlib import Path
from threading import Event

from models import fake
from models.contracts import Message, Transcript
from models.engine_state import Watched, since
from models.llama.batch_plan import Priority
from models.llama.job import Job
from models.llama.llm import LlamaLlm, LlamaSize
from models.llama.scheduler import Scheduler
from models.llama.slots import Slot
from models.whisper.queue import TranscriptionQueue
from models.worker import EngineThread

STARTER = Path("models/starter/interviewer/starter-interviewer-q8_0.gguf")
SOON = 60.0


class Gate:
    """Blocking work that goes on when it is told to."""

    shape = 0

    def __init__(self) -> None:
        self.begun, self.open = Event(), Event()

    def __call__(self) -> None:
        self.begun.set()
        assert self.open.wait(SOON)

    def prepare(self, request):
        return self

    def transcribe(self, batch):
        self()
        return [Transcript("", "en") for _ in batch]


def test_a_moment_that_never_was_is_no_time_ago():
    assert since(None) == 0.0


async def test_a_thread_tells_what_waits_and_what_it_is_at():
    thread, gate = EngineThread("voice"), Gate()
    assert thread.state.alive
    assert (thread.state.waiting, thread.state.working) == (0, 0)
    first = thread.call(gate)
    await asyncio.to_thread(gate.begun.wait, SOON)
    second, left = thread.call(gate), thread.call(gate)
    left.cancel()
    busy = thread.state
    assert (busy.waiting, busy.working) == (1, 1)
    assert busy.working_seconds >= busy.waiting_seconds > 0
    gate.open.set()
    await asyncio.gather(first, second)
    await thread.aclose()
    after = thread.state
    assert (after.alive, after.waiting, after.working) == (False, 0, 0)
    assert (after.waiting_seconds, after.working_seconds) == (0, 0)


async def test_the_recognizers_queue_counts_finals_and_no_partials():
    gate = Gate()
    queue = TranscriptionQueue(gate)
    first = queue.final("a", "speech")
    await asyncio.to_thread(gate.begun.wait, SOON)
    second, left = queue.final("b", "speech"), queue.final("c", "speech")
    queue.partial("d", "speech")
    left.cancel()
    busy = queue.state
    assert (busy.alive, busy.waiting, busy.working) == (True, 1, 1)
    assert busy.working_seconds >= busy.waiting_seconds > 0
    gate.open.set()
    await asyncio.gather(first, second)
    await queue.aclose()
    after = queue.state
    assert (after.alive, after.waiting, after.working) == (False, 0, 0)


async def test_a_recognizer_that_failed_is_at_nothing_and_alive():
    class Broken(Gate):
        def transcribe(self, batch):
            raise MemoryError

    queue = TranscriptionQueue(Broken())
    failed = await asyncio.gather(queue.final("a", ""), return_exceptions=True)
    assert isinstance(failed[0], MemoryError)
    assert (queue.state.alive, queue.state.working) == (True, 0)
    await queue.aclose()


def job(priority, *, slot=None, stopped=False):
    return Job(
        priority, None, (), limit=0, budget=0, chooser=None, sink=None, slot=slot, stopped=stopped
    )


def test_of_the_language_models_jobs_only_replies_without_a_place_count_as_waiting():
    scheduler = Scheduler(None, None, None, lambda: 1)
    idle = scheduler.state(alive=True)
    assert (idle.waiting, idle.waiting_seconds, idle.working, idle.working_seconds) == (0, 0, 0, 0)
    scheduler._jobs = [
        job(Priority.REPLY, slot=Slot(0, form=False)),
        job(Priority.REPLY),
        job(Priority.REPLY),
        job(Priority.REPLY, stopped=True),
        job(Priority.FILL),
        job(Priority.WARM),
    ]
    busy = scheduler.state(alive=True)
    assert (busy.waiting, busy.working) == (2, 1)
    assert busy.waiting_seconds > 0


async def test_the_language_model_is_alive_until_it_is_closed_and_at_nothing_when_it_is_done():
    llm = LlamaLlm(STARTER, size=LlamaSize(threads=2, sequences=1))
    said = [Message("system", "You are an interviewer."), Message("user", "Hello.")]
    replies = [llm.open().reply(said, max_tokens=4) for _ in range(2)]
    for reply in replies:
        async for _ in reply:
            assert llm.state.alive
    await llm.aclose()
    done = llm.state
    assert (done.alive, done.waiting, done.working) == (False, 0, 0)


def test_engines_that_cannot_tell_are_not_asked():
    assert not isinstance(fake.engines().llm, Watched)
