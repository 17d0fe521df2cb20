import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contracts import SPEAKING_RATE
from pipeline.conversation.playout import LEAD, PIECE, QUANTUM, Playout, words_heard


def second(n=1.0):
    return round(n * SPEAKING_RATE)


def test_what_is_sent_plays_at_once_and_in_order():
    playout = Playout()
    playout.send(second(1), now=10.0)
    playout.send(second(1), now=10.2)
    assert playout.played(10.5) == second(0.5)
    assert playout.played(11.5) == second(1.5)
    assert playout.dry_at() == 12.0


def test_a_client_that_ran_dry_waits():
    playout = Playout()
    playout.send(second(1), now=0.0)
    assert playout.played(4.0) == second(1)
    playout.send(second(1), now=5.0)
    assert playout.played(5.5) == second(1.5)


def test_the_next_piece_is_due_when_the_lead_shrinks():
    playout = Playout()
    playout.send(second(2), now=0.0)
    assert playout.due() == 2.0 - LEAD


@given(st.integers(1, 200_000))
def test_a_clause_is_sent_in_whole_quanta_and_ends_without_a_short_piece(samples):
    playout, pieces = Playout(), []
    while left := samples - sum(pieces):
        pieces.append(playout.next_piece(left))
        playout.send(pieces[-1], now=0.0)
    assert all(piece % QUANTUM == 0 for piece in pieces[:-1])
    assert max(pieces) < PIECE * 3 // 2
    assert len(pieces) == 1 or pieces[-1] >= PIECE // 2


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(1, 50_000)), max_size=20), st.floats(0, 5))
def test_never_more_is_played_than_sent_and_never_less_than_before(sends, wait):
    playout, now, before = Playout(), 0.0, 0
    for gap, samples in sends:
        now += gap
        playout.send(samples, now)
        assert before <= playout.played(now) <= playout.sent
        before = playout.played(now)
    assert playout.played(now + wait) >= before


@pytest.mark.parametrize(
    ("played", "heard", "unheard"),
    [(0, "", "one two three"), (50, "one", "two three"), (99, "one two", "three"),
     (100, "one two three", ""), (-10, "", "one two three")],
)  # fmt: skip
def test_a_word_is_heard_when_its_end_was_played(played, heard, unheard):
    assert words_heard("one two three", 100, played) == (heard, unheard)


@pytest.mark.parametrize(
    ("played", "heard", "unheard"),
    [(0, "", "我用Python写"), (30, "我用", "Python写"), (99, "我用Python", "写"),
     (100, "我用Python写", "")],
)  # fmt: skip
def test_without_spaces_a_character_is_heard_when_its_end_was_played(played, heard, unheard):
    assert words_heard("我用Python写", 100, played) == (heard, unheard)


@given(st.text(st.characters(max_codepoint=0x2FF)), st.integers(0, 1000), st.integers(-10, 1100))
def test_no_word_is_lost_or_doubled(text, samples, played):
    heard, unheard = words_heard(text, samples, played)
    assert (heard + " " + unheard).split() == text.split()


@given(st.text(), st.integers(0, 1000), st.integers(-10, 1100))
def test_in_any_script_no_character_is_lost_or_doubled(text, samples, played):
    heard, unheard = words_heard(text, samples, played)
    assert "".join((heard + unheard).split()) == "".join(text.split())
