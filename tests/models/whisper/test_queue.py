import asyncio
import threading
from dataclasses import dataclass

import pytest

from models.contracts import Transcript
from models.errors import EngineBusy, EngineError
from models.whisper.queue import TranscriptionQueue


@dataclass
class Word:
    text: str
    shape: int = 0


class Slow:
    """Transcribes a word into itself, one batch for each `step`; remembers the batches."""

    def __init__(self):
        self.batches = []
        self.each = 0.04
        self.begun = threading.Semaphore(0)
        self.allowed = threading.Semaphore(0)

    def prepare(self, request):
        if request.text == "unheard of":
            raise ValueError(request.text)
        if request.text == "the end":
            raise SystemExit(1)
        return request

    def fitting(self, ready, seconds, most):
        return min(most, max(1, int(seconds / self.each)))

    def transcribe(self, batch):
        self.batches.append([word.text for word in batch])
        self.begun.release()
        self.allowed.acquire()
        if any(word.text == "bad" for word in batch):
            raise EngineError("broken")
        if any(word.text == "exit" for word in batch):
            raise SystemExit(1)
        return [Transcript(word.text, "en") for word in batch if word.text != "lost"]


class Bench:
    """A queue whose recognizer is busy with a first final, so that all that follows waits."""

    def __init__(self, **options):
        self.slow = Slow()
        self.queue = TranscriptionQueue(self.slow, **options)

    async def __aenter__(self):
        self.first = self.queue.final("first", Word("first"))
        await asyncio.to_thread(self.slow.begun.acquire)
        return self

    async def __aexit__(self, *exc):
        self.go_on()
        await self.queue.aclose()

    def go_on(self):
        self.slow.allowed.release(100)

    def final(self, session, text, shape=0):
        return self.queue.final(session, Word(text, shape))

    def partial(self, session, text, shape=0):
        return self.queue.partial(session, Word(text, shape))

    def look(self, session, text):
        return self.queue.partial(session, Word(text), urgent=True)

    @property
    def done(self):
        return self.slow.batches[1:]


async def results(*outcomes):
    return [outcome and outcome.text for outcome in await asyncio.gather(*outcomes)]


async def test_finals_go_before_partials_and_each_in_its_order():
    async with Bench() as bench:
        waiting = [bench.partial("a", "p1"), bench.final("b", "f1")]
        waiting += [bench.partial("c", "p2"), bench.final("d", "f2")]
        bench.go_on()
        assert await results(*waiting) == ["p1", "f1", "p2", "f2"]
        assert bench.done == [["f1"], ["f2"], ["p1"], ["p2"]]


async def test_a_newer_partial_takes_the_place_of_the_older_one_which_comes_to_none():
    async with Bench() as bench:
        waiting = [
            bench.partial("a", "old"),
            bench.partial("b", "other"),
            bench.partial("a", "new"),
        ]
        bench.go_on()
        assert await results(*waiting) == [None, "other", "new"]
        assert bench.done == [["new"], ["other"]]


async def test_a_final_makes_the_sessions_partial_pointless():
    async with Bench() as bench:
        waiting = [bench.partial("a", "p"), bench.final("a", "f")]
        bench.go_on()
        assert await results(*waiting) == [None, "f"]
        assert bench.done == [["f"]]


async def test_two_finals_of_a_session_are_both_transcribed():
    async with Bench() as bench:
        waiting = [bench.final("a", "one"), bench.final("a", "two")]
        bench.go_on()
        assert await results(*waiting) == ["one", "two"]


async def test_what_was_cancelled_before_it_began_is_dropped():
    async with Bench() as bench:
        bench.final("a", "left").cancel()
        bench.partial("b", "left too").cancel()
        stays = bench.final("c", "stays")
        bench.go_on()
        assert await results(stays) == ["stays"]
    assert bench.done == [["stays"]]


async def test_requests_of_one_shape_go_together_up_to_the_limit():
    async with Bench(batch=2) as bench:
        words = [("a", 1), ("b", 2), ("c", 1), ("d", 1)]
        waiting = [bench.final(text, text, shape) for text, shape in words]
        bench.go_on()
        assert await results(*waiting) == ["a", "b", "c", "d"]
        assert bench.done == [["a", "c"], ["b"], ["d"]]


async def test_a_partial_never_rides_along_with_finals():
    async with Bench(batch=4) as bench:
        waiting = [bench.partial("a", "p"), bench.final("b", "f")]
        bench.go_on()
        await results(*waiting)
        assert bench.done == [["f"], ["p"]]


async def test_a_look_at_voice_over_a_reply_goes_first():
    async with Bench(batch=4) as bench:
        waiting = [bench.partial("a", "p"), bench.final("b", "f"), bench.look("c", "look")]
        bench.go_on()
        await results(*waiting)
        assert bench.done == [["look"], ["f"], ["p"]]


async def test_a_batch_takes_no_longer_than_what_comes_meanwhile_may_wait():
    async with Bench(batch=8) as bench:
        waiting = [bench.final(n, f"f{n}") for n in range(8)]
        waiting += [bench.partial(n + 8, f"p{n}") for n in range(3)]
        bench.go_on()
        await results(*waiting)
        assert list(map(len, bench.done)) == [7, 1, 2, 1]


async def test_requests_that_take_long_do_not_go_together():
    async with Bench(batch=4) as bench:
        bench.slow.each = 1
        waiting = [bench.final("a", "one"), bench.final("b", "two")]
        bench.go_on()
        await results(*waiting)
        assert bench.done == [["one"], ["two"]]


async def test_a_full_queue_refuses_finals_and_lets_partials_come_to_none():
    async with Bench(bound=1) as bench:
        waiting = [bench.final("a", "f"), bench.partial("b", "p")]
        with pytest.raises(EngineBusy):
            bench.final("c", "one too many")
        assert await bench.partial("c", "one too many") is None
        bench.go_on()
        assert await results(*waiting) == ["f", "p"]


async def test_an_error_reaches_its_caller_and_the_next_one_is_served():
    async with Bench() as bench:
        bad, good = bench.final("a", "bad"), bench.final("b", "good")
        bench.go_on()
        with pytest.raises(EngineError, match="broken"):
            await bad
        assert await results(good) == ["good"]


async def test_a_request_that_cannot_be_prepared_fails_alone():
    async with Bench(batch=4) as bench:
        texts = ["one", "two", "unheard of", "three"]
        waiting = [bench.final(text, text) for text in texts]
        bench.go_on()
        async with asyncio.timeout(10):
            one, two, bad, three = await asyncio.gather(*waiting, return_exceptions=True)
        assert [one.text, two.text, three.text] == ["one", "two", "three"]
        assert isinstance(bad, ValueError)


@pytest.mark.parametrize("text", ["exit", "the end", "lost"])
async def test_what_would_end_the_program_or_the_thread_ends_one_request(text):
    async with Bench(batch=1) as bench:
        bad, good = bench.final("a", text), bench.final("b", "good")
        bench.go_on()
        async with asyncio.timeout(10):
            with pytest.raises(EngineError):
                await bad
            assert await results(good) == ["good"]
        assert bench.queue.state.alive


async def test_nobody_waits_for_ever_beside_a_request_that_would_end_the_program():
    async with Bench(batch=4) as bench:
        waiting = [bench.final(text, text) for text in ("one", "two", "the end", "three")]
        bench.go_on()
        async with asyncio.timeout(10):
            one, two, bad, three = await asyncio.gather(*waiting, return_exceptions=True)
        assert [one.text, two.text, three.text] == ["one", "two", "three"]
        assert isinstance(bad, EngineError)


async def test_an_ended_session_loses_its_partial():
    async with Bench() as bench:
        waiting = bench.partial("a", "p")
        bench.queue.forget("a")
        assert await waiting is None


async def test_closing_finishes_the_finals_and_drops_the_partials():
    async with Bench() as bench:
        final, partial = bench.final("a", "f"), bench.partial("b", "p")
        bench.go_on()
        await bench.queue.aclose()
        assert await results(final, partial) == ["f", None]
        with pytest.raises(EngineError, match="closed"):
            bench.final("c", "late")
