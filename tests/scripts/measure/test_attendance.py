"""Which answers count as cut off by a broken connection."""

from typing import Any

import numpy as np

from scripts.measure.attendance import PAGE, cut_off
from scripts.measure.candidate import RATE, Candidate, Spoken, Utterance
from scripts.measure.kill_check import BEGAN, TURN

LOUD = Utterance(np.full(10 * RATE, 1000, np.int16), "I built bridges for ten years.")
CLOSED = {"type": "closed", "code": 1006}


def candidate(*messages: tuple[float, dict[str, Any]]) -> Candidate:
    made = Candidate(None, [])  # type: ignore[arg-type]
    made.messages = list(messages)
    return made


def test_only_the_answer_in_the_middle_of_which_it_broke_is_cut_off() -> None:
    heard = candidate(
        (1.3, {"type": BEGAN, "item_id": "i1"}),
        (12.0, {"type": TURN, "item_id": "i1"}),
        (20.3, {"type": BEGAN, "item_id": "i2"}),
        (25.0, CLOSED),
    )
    assert cut_off((heard, LOUD, Spoken(LOUD.text, began=1.0, ended=11.0))) is None
    found = cut_off((heard, LOUD, Spoken(LOUD.text, began=20.0)))
    assert found
    assert (found.items, found.said) == (("i2",), 5.0)


PONG = (11.5, {"type": "pong"})
BEGUN = (1.3, {"type": BEGAN, "item_id": "i1"})
ANSWER = Spoken(LOUD.text, began=1.0, ended=11.0)


def test_an_answer_that_ended_and_was_not_told_to_be_complete_is_cut_off() -> None:
    found = cut_off((candidate(BEGUN, PONG, (12.0, CLOSED)), LOUD, ANSWER))
    assert found
    assert (found.items, found.said) == (("i1",), 10.0)


def test_what_the_page_asks_the_candidate_to_say_again_does_not_count() -> None:
    silent = candidate(BEGUN, (12.0, CLOSED))
    assert cut_off((silent, LOUD, ANSWER)) is None
    error = (8.0, {"type": "error", "code": "record_unavailable"})
    assert cut_off((candidate(BEGUN, error, PONG, (12.0, CLOSED)), LOUD, ANSWER)) is None
    told = (9.0, {"type": TURN, "item_id": "i0"})
    recorded = candidate(BEGUN, error, told, PONG, (12.0, CLOSED))
    assert cut_off((recorded, LOUD, ANSWER)) is not None


def test_what_the_page_sends_again_does_not_count() -> None:
    pong = (2.0, {"type": "pong"})
    hung = candidate((1.3, {"type": BEGAN, "item_id": "i1"}), pong, (7.0, CLOSED))
    hung.pinged = [1.9, 5.9]
    speaking = (hung, LOUD, Spoken(LOUD.text, began=1.0))
    found = [cut_off(speaking), cut_off(speaking, PAGE)]
    assert [each and each.said for each in found] == [6.0, 4.9]
