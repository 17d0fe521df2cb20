"""Whether a turn is over: the rule and a scripted engine answer the same question."""

import asyncio

import numpy as np
import pytest

from models.contracts import EndOfTurn, Samples
from models.fake import ScriptedEndOfTurn
from pipeline.conversation.end_of_turn import TextRule
from tests.virtual_time import run

PAUSED: Samples = np.zeros(3200, np.int16)


async def judged(engine: EndOfTurn, *texts: str) -> list[float]:
    stream = engine.open("en")
    try:
        return [await stream.probability(PAUSED, text) for text in texts]
    finally:
        stream.close()


@pytest.mark.parametrize(
    ("text", "over"),
    [("I like it.", 1), ("Can it stay?", 1), ("I like it because", 0), ("I like the.", 0), ("", 0)],
)
def test_the_rule_is_certain_by_the_words_alone(text: str, over: float) -> None:
    assert run(judged(TextRule(), text)) == [over]


def test_another_engine_takes_the_place_of_the_rule() -> None:
    engine = ScriptedEndOfTurn("over", delay=0.3)
    assert run(judged(engine, "I like it. Over", "I like it, over")) == [0, 1]
    assert engine.asked == [(3200, "I like it. Over"), (3200, "I like it, over")]


def test_a_question_that_nobody_waits_for_any_more_can_be_cancelled() -> None:
    async def main() -> None:
        stream = ScriptedEndOfTurn("over", delay=3600).open("en")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await stream.probability(PAUSED, "over")

    run(main())
