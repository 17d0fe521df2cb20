"""Whether a turn is over: an engine that hears the pause may say so, else the words do."""

import asyncio
from dataclasses import replace

from models import fake
from models.contracts import Samples
from models.errors import EngineError
from models.fake import ScriptedEndOfTurn
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.floor import Endpointing
from tests.virtual_time import run

from .echo import Echo
from .test_session import Candidate
from .test_turns import answering, interviewer_speaking, ms

COMPLETE, OPEN = "I like it.", "I like it because"


def test_a_pause_that_is_judged_to_be_none_is_waited_out() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, COMPLETE))
    assert turns.deadline == ms(8600)
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, 0.1)) == []
    assert turns.deadline == ms(10_000)


def test_a_turn_that_is_judged_to_be_over_is_answered_soon_whatever_its_words() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, OPEN))
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, 0.9)) == [e.PrepareReply(4, OPEN)]
    took, played = turns.handle(e.DeadlineReached(ms(8600)))
    assert took == e.CommitTurn(2, OPEN, ms(6000), ms(8000))
    assert played == e.PlayReply(4)


def test_a_judgement_after_the_short_delay_ends_the_turn_at_once() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, OPEN, spare=False))
    took, *_ = turns.handle(e.EndOfTurnJudged(ms(9000), 3, 0.9))
    assert took == e.CommitTurn(2, OPEN, ms(6000), ms(8000))


def test_a_judgement_before_the_words_waits_for_them() -> None:
    turns = answering()
    assert turns.handle(e.EndOfTurnJudged(ms(8250), 3, 0.9)) == []
    assert turns.handle(e.Transcribed(ms(8300), 3, OPEN)) == [e.PrepareReply(4, OPEN)]


def test_a_late_judgement_changes_nothing() -> None:
    went_on = answering()
    went_on.handle(e.SpeechBegan(ms(8500), ms(8400)))
    for turns in (went_on, interviewer_speaking()):
        before = turns.floor
        assert turns.handle(e.EndOfTurnJudged(ms(9000), 3, 1.0)) == []
        assert turns.floor == before
    went_on.handle(e.SpeechPaused(ms(9700), ms(9500)))
    assert went_on.handle(e.EndOfTurnJudged(ms(9800), 3, 1.0)) == []
    assert isinstance(went_on.floor, Endpointing)
    assert went_on.floor.judged is None


def answer_latency(text: str, engine: object) -> float:
    """Seconds from the last word to the reply, in a conversation with this engine."""

    async def main() -> float:
        engines = replace(fake.engines(text), end_of_turn=engine)
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            silent_since = asyncio.get_running_loop().time()
            await candidate.until(o.TranscriptCompleted)
            return asyncio.get_running_loop().time() - silent_since

    return run(main())


def test_an_engine_is_put_into_a_conversation_without_touching_anything_else() -> None:
    sure = ScriptedEndOfTurn("because", delay=0.1)
    assert answer_latency(OPEN, sure) < 0.8 < 1.9 < answer_latency(OPEN, None)
    ((samples, text),) = sure.asked
    assert text == OPEN
    assert samples >= 3 * 16_000
    assert answer_latency(COMPLETE, None) < 0.8 < 1.9 < answer_latency(COMPLETE, sure)


def test_an_engine_that_never_answers_or_fails_leaves_it_to_the_words() -> None:
    class Broken(ScriptedEndOfTurn):
        async def probability(self, audio: Samples, text: str) -> float:
            raise EngineError("out of order")

    assert answer_latency(COMPLETE, ScriptedEndOfTurn(delay=3600)) < 0.8
    assert answer_latency(COMPLETE, Broken()) < 0.8


def test_an_engine_that_never_answers_does_not_keep_a_conversation_from_ending() -> None:
    engines = replace(fake.engines(COMPLETE), end_of_turn=ScriptedEndOfTurn(delay=3600))

    async def main() -> None:
        async with Candidate(engines=engines, agent=Echo()) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
            candidate.session.push_text("Goodbye!")
            await candidate.until(o.InterviewEnded)
            await asyncio.wait_for(asyncio.shield(candidate._running), 12)

    run(main())
