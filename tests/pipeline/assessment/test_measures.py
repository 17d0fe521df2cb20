"""What can be counted in a conversation."""

import pytest
from hypothesis import given, settings

from pipeline.assessment.measures import measure
from pipeline.journal import CandidateSpoke, Connected, Disconnected, ReplyEnded

from ..interview.test_interviewer_properties import PLANS, TURNS, played
from ..interviews import Interview, plan
from .test_transcript import ENTRIES


def test_an_interview_that_never_began_has_nothing_to_measure():
    measures = measure(plan(), [])
    assert (measures.duration_s, measures.answer_count, measures.questions_planned) == (0, 0, 3)
    assert measures.words_per_minute is None
    assert measures.candidate_share is None
    assert measures.longest_pause_s is None


def test_the_figures_of_a_short_conversation():
    typed = CandidateSpoke(20_000, "u2", "It was a big hotel.", 20_000, 20_000, typed=True)
    unclear = CandidateSpoke(31_000, "u3", "", 30_000, 31_000)
    measures = measure(plan(), [*ENTRIES, typed, unclear])
    assert measures.duration_s == 31.0
    assert measures.candidate_talk_s == 4.4  # 2.4 .. 5.8 s and 30 .. 31 s
    assert measures.interviewer_talk_s == 3.3  # 0.1 .. 2.5 s and 6.1 .. 7.0 s
    assert measures.candidate_share == 0.57
    assert measures.words_per_minute == round(4 * 60 / 4.4, 1)
    assert (measures.candidate_words, measures.answer_count, measures.unclear_turns) == (9, 2, 1)
    assert measures.average_answer_words == 4.5
    assert (measures.questions_asked, measures.questions_answered) == (1, 1)
    assert measures.longest_pause_s == 13.0  # 7 .. 20 s
    assert measures.longest_response_s == 13.0
    assert measures.interruptions == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [("我在医院工作了三年。", 9), ("用Python写", 3), ("मैं नर्स हूँ।", 3), ("ผมเป็นครู", 7)],
)
def test_words_are_counted_in_any_script(text, count):
    measures = measure(plan(), [Connected(0), CandidateSpoke(6000, "u1", text, 0, 6000)])
    assert (measures.candidate_words, measures.words_per_minute) == (count, count * 10)


def test_a_reply_cut_by_the_end_of_the_connection_is_no_interruption():
    ended = ENTRIES.index(next(e for e in ENTRIES if isinstance(e, ReplyEnded)))
    dropped = [*ENTRIES[: ended + 1], Disconnected(2500), Connected(2500)]
    assert measure(plan(), dropped).interruptions == 0


@given(PLANS, TURNS)
@settings(deadline=None)
def test_the_figures_of_any_interview_fit_together(told, turns):
    held = played(Interview(told), turns)
    found = measure(told, held.entries)
    assert found.questions_answered <= found.questions_asked <= found.questions_planned
    assert 0 <= (found.candidate_share or 0) <= 1
    assert found.follow_ups_asked <= sum(q.follow_ups for q in told.questions)
    assert found.answer_count + found.unclear_turns == sum(
        isinstance(entry, CandidateSpoke) for entry in held.entries
    )
