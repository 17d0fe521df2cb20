"""How irregularly a client's audio comes, and what it is sent ahead for that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.jitter import STOPPED, WATCHED, Jitter
from pipeline.conversation.playout import LEAD, LONGEST_LEAD, lead_for


def arrivals(*times, each=0.1):
    jitter = Jitter()
    for at in times:
        jitter.came(each, at)
    return jitter


def test_audio_that_comes_regularly_has_no_jitter_in_chunks_of_any_length():
    assert Jitter().seconds == 0
    assert arrivals(*(5 + 0.1 * n for n in range(50))).seconds == pytest.approx(0)
    assert arrivals(*(5 + 0.03 * n for n in range(50)), each=0.03).seconds == pytest.approx(0)


def test_a_stall_counts_for_a_while():
    times = [0.1 * n for n in range(20)] + [2.4, 2.4, 2.4, 2.4, 2.4]
    assert arrivals(*times).seconds == pytest.approx(0.4)
    later = [2.5 + 0.1 * n for n in range(round(10 * WATCHED) + 10)]
    assert arrivals(*times, *later).seconds == pytest.approx(0, abs=0.01)


def test_a_client_that_stops_sending_for_a_while_starts_anew():
    times = [0.1 * n for n in range(20)]
    again = [10 + STOPPED + 0.1 * n for n in range(20)]
    assert arrivals(*times, *again).seconds == pytest.approx(0)


@given(st.floats(0, 10))
def test_the_lead_grows_with_the_jitter_and_has_bounds(jitter):
    assert LEAD == lead_for(0.0) <= lead_for(jitter) <= lead_for(jitter + 0.1) <= LONGEST_LEAD
