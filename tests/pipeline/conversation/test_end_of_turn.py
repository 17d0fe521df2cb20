"""Whether a turn is over: an engine that hears the pause may say so, else the words do."""

import asyncio
from dataclasses import replace

from models import fake
from models.contracts import EndOfTurn, Engines, Samples
from models.errors import EngineError
from models.fake import ScriptedEndOfTurn
from pipeline.conversation import commands as c
from pipeline.conversation import events as e
from pipeline.conversation import output as o
from pipeline.conversation.endpointing import samples as ms
from pipeline.conversation.floor import Endpointing
from tests.virtual_time import run

from .echo import Echo
from .test_session import Candidate
from .turn_scripts import answering, interviewer_speaking

COMPLETE, OPEN = "I like it.", "I like it and the"
SURE, UNSURE = 0.99, 0.01
"""What Smart Turn says of most turns that are over, and of most that are not."""


def test_a_pause_that_is_judged_to_be_none_is_waited_out() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, OPEN))
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, UNSURE)) == []
    turns.handle(e.DeadlineReached(ms(8600)))  # prepares a reply
    assert turns.deadline == ms(10_000)


def test_a_whole_sentence_that_does_not_sound_over_is_waited_for_longer() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, COMPLETE))
    assert turns.deadline == ms(8600)
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, UNSURE)) == []
    assert ms(9500) < turns.deadline < ms(10_000)
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, 0.4)) == []
    assert ms(9100) < turns.deadline < ms(9500)


def test_a_judgement_after_the_words_prepares_no_second_reply() -> None:
    turns = answering()
    assert turns.handle(e.Transcribed(ms(8300), 3, COMPLETE)) == [c.PrepareReply(4, COMPLETE)]
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, SURE)) == []


def test_a_turn_that_sounds_over_is_answered_sooner_than_by_its_words_alone() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "At the north side"))
    assert turns.deadline == ms(8600)  # to prepare a reply; the turn itself lasts longer
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, SURE)) == [
        c.PrepareReply(4, "At the north side")
    ]
    assert turns.deadline < ms(8800)
    took, played = turns.handle(e.DeadlineReached(turns.deadline))
    assert took == c.CommitTurn(2, "At the north side", ms(6000), ms(8000))
    assert played == c.PlayReply(4)


def test_words_that_want_another_one_get_time_although_the_turn_sounds_over() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, OPEN))
    assert turns.handle(e.EndOfTurnJudged(ms(8400), 3, SURE)) == []
    assert turns.deadline == ms(8600)  # to prepare a reply
    turns.handle(e.DeadlineReached(ms(8600)))
    assert turns.deadline > ms(9100)


def test_sound_and_words_together_end_a_turn_soonest() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, COMPLETE))
    turns.handle(e.EndOfTurnJudged(ms(8400), 3, SURE))
    assert turns.deadline == ms(8540)


def test_a_judgement_after_the_short_delay_ends_the_turn_at_once() -> None:
    turns = answering()
    turns.handle(e.Transcribed(ms(8300), 3, "At the north side", spare=False))
    took, *_ = turns.handle(e.EndOfTurnJudged(ms(9000), 3, SURE))
    assert took == c.CommitTurn(2, "At the north side", ms(6000), ms(8000))


def test_a_judgement_before_the_words_waits_for_them() -> None:
    turns = answering()
    assert turns.handle(e.EndOfTurnJudged(ms(8250), 3, SURE)) == []
    assert turns.handle(e.Transcribed(ms(8300), 3, COMPLETE)) == [c.PrepareReply(4, COMPLETE)]


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


def turn_latency(engines: Engines) -> float:
    """Seconds from the last word to the end of the turn, in a conversation with these engines."""

    async def main() -> float:
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            silent_since = asyncio.get_running_loop().time()
            await candidate.until(o.TranscriptCompleted)
            return asyncio.get_running_loop().time() - silent_since

    return run(main())


def answer_latency(text: str, engine: EndOfTurn | None) -> float:
    return turn_latency(replace(fake.engines(text), end_of_turn=engine))


def test_an_engine_is_put_into_a_conversation_without_touching_anything_else() -> None:
    sure = ScriptedEndOfTurn(SURE, delay=0.1)
    assert answer_latency("At the north side", sure) < 0.9 < answer_latency(COMPLETE, unsure())
    assert answer_latency("At the north side", None) > 1.9
    assert answer_latency(COMPLETE, sure) < answer_latency(COMPLETE, None) < 0.8


def unsure() -> ScriptedEndOfTurn:
    return ScriptedEndOfTurn(UNSURE)


def test_the_engine_hears_the_whole_turn_as_soon_as_a_pause_begins() -> None:
    engine = unsure()

    async def main() -> None:
        engines = replace(fake.engines("I like it and"), end_of_turn=engine)
        engines.transcriber.delay = 0.5  # type: ignore[attr-defined]
        async with Candidate(engines=engines) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 1.0)
            assert engine.asked == []
            await asyncio.sleep(0.25)
            assert len(engine.asked) == 1
            await asyncio.sleep(1.0)
            await candidate.say(1, 2.0)
            await asyncio.sleep(0.25)

    run(main())
    first, second = engine.asked
    assert 1.2 * 16_000 < first < 1.5 * 16_000  # what was said, and 0.3 s before it
    assert second - first > 3.0 * 16_000


def test_an_engine_that_never_answers_or_fails_leaves_it_to_the_words() -> None:
    class Broken(ScriptedEndOfTurn):
        async def probability(self, audio: Samples) -> float:
            raise EngineError("out of order")

    assert answer_latency(COMPLETE, ScriptedEndOfTurn(SURE, delay=3600)) < 0.8
    assert answer_latency(COMPLETE, Broken()) < 0.8


def test_an_engine_that_never_answers_does_not_keep_a_conversation_from_ending() -> None:
    engines = replace(fake.engines(COMPLETE), end_of_turn=ScriptedEndOfTurn(SURE, delay=3600))

    async def main() -> None:
        async with Candidate(engines=engines, agent=Echo()) as candidate:
            await candidate.until(o.ResponseDone)
            await candidate.say(1, 3.0)
            await candidate.until(o.ResponseDone, 2)
            candidate.session.push_text("Goodbye!")
            await candidate.until(o.InterviewEnded)
            await asyncio.wait_for(asyncio.shield(candidate._running), 12)

    run(main())
