"""The state read back from a record that ends anywhere: the process was killed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.interview import interviewer
from pipeline.interview.interviewer import Act, Ending
from pipeline.interview.replay import UNRECORDED, steps
from pipeline.journal import (
    CandidateSpoke,
    CaptionAgreed,
    ClauseSaid,
    Connected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
)
from pipeline.matching import words

from ..interviews import LONG, Interview, plan
from .test_interviewer_properties import PLANS, TURNS, played

PLAN = plan()
Q1, Q2, _ = (question.text for question in PLAN.questions)
GREET = ReplyPlanned(0, "r1", "r1i", "greet", "note", 0)


def reopened(*entries):
    return interviewer.open_floor(PLAN, interviewer.resume(PLAN, [Connected(0), *entries]))


def test_of_an_empty_record_the_interview_begins():
    assert interviewer.resume(PLAN, []) == interviewer.begin(PLAN)
    assert reopened().act is Act.GREET


def test_a_greeting_that_was_planned_but_not_begun_is_said():
    assert reopened(GREET).act is Act.GREET


def test_a_greeting_that_was_begun_is_never_said_again():
    move = reopened(GREET, ClauseSaid(0, "r1", "Hello Maria,"))
    assert (move.act, move.closing) == (Act.WELCOME_BACK, Q1)


def test_the_last_clause_of_a_reply_that_was_killed_counts_as_unheard():
    killed = (GREET, ClauseSaid(0, "r1", "Hello Maria."), ClauseSaid(900, "r1", Q1))
    state = interviewer.resume(PLAN, killed)
    assert [message.content for message in state.messages[2:]] == ["Hello Maria."]
    assert reopened(*killed).closing == Q1


def test_a_notice_in_a_reply_that_was_killed_counts_as_unheard():
    notice = "I am an automated interviewer."
    said = (GREET, ClauseSaid(0, "r1", f"Hello. {notice}"), ClauseSaid(900, "r1", Q1))
    assert reopened(*said).opening == f"Welcome back. {notice}"
    ended = ReplyEnded(3000, "r1", "completed", f"Hello. {notice} {Q1}", "", ("automated",))
    assert reopened(*said, ended).opening == "Welcome back."


def test_an_answer_whose_reply_was_killed_is_not_asked_for_again():
    held = Interview(PLAN)
    held.open()
    held.listen(LONG, 0)
    planned = ReplyPlanned(9, "r9", "r9i", "ask", "note", 1)
    state = interviewer.resume(PLAN, [*held.entries, planned])
    assert state.unanswered == LONG
    assert interviewer.open_floor(PLAN, state).closing == Q2


@pytest.mark.parametrize(("since", "closing"), [(UNRECORDED, Q2), (UNRECORDED + 1, Q1)])
def test_a_question_is_asked_again_if_more_of_its_answer_was_said_than_is_on_record(since, closing):
    held = Interview(PLAN)
    held.open()
    agreed = CaptionAgreed(9000, "i2", LONG, 4000)
    state = interviewer.resume(PLAN, [*held.entries, agreed], since)
    assert state.unanswered == LONG
    move = interviewer.open_floor(PLAN, state)
    assert (move.act, move.closing) == (Act.WELCOME_BACK, closing)


def test_a_turn_that_is_whole_on_record_is_no_older_for_a_long_break():
    held = Interview(PLAN)
    held.open()
    spoke = CandidateSpoke(9000, "i2", LONG, 4000, 9000)
    state = interviewer.resume(PLAN, [*held.entries, spoke], 3600)
    assert interviewer.open_floor(PLAN, state).closing == Q2


def test_a_follow_up_that_was_killed_before_its_question_leaves_the_answer_as_it_is():
    held = Interview(PLAN)
    held.open()
    held.listen(LONG, 0)
    killed = (
        ReplyPlanned(9, "r9", "r9i", "follow_up", "note", None),
        ClauseSaid(9, "r9", "I see."),
        ClauseSaid(9, "r9", "What was the hardest part of it?"),
    )
    state = interviewer.resume(PLAN, [*held.entries, *killed])
    assert state.progress.asked == 1
    assert interviewer.open_floor(PLAN, state).closing == Q2


def test_a_follow_up_that_was_heard_is_said_again():
    held = Interview(PLAN)
    held.open()
    held.listen(LONG, 0)
    question = "What was the hardest part of it?"
    said = (
        ReplyPlanned(9, "r9", "r9i", "follow_up", "note", None),
        ClauseSaid(9, "r9", f"I see. {question}"),
        ReplyEnded(99, "r9", "completed", f"I see. {question}", ""),
    )
    state = interviewer.resume(PLAN, [*held.entries, *said])
    assert interviewer.open_floor(PLAN, state).closing == question


def test_the_end_of_a_reply_that_was_given_up_already_changes_nothing():
    entries = [GREET, ClauseSaid(0, "r1", "Hello."), Connected(5)]
    late = ReplyEnded(6, "r1", "completed", f"Hello. {Q1}", "")
    assert interviewer.resume(PLAN, [*entries, late]).progress.asked == 0


def test_the_clock_goes_on_where_it_was():
    assert interviewer.resume(PLAN, [GREET, ClauseSaid(700, "r1", "Hello.")]).elapsed_ms == 700


def test_an_interview_that_was_ended_stays_ended():
    state = interviewer.resume(PLAN, [GREET, InterviewEnded(9, "time")])
    assert state.progress.reason == Ending.TIME
    assert interviewer.open_floor(PLAN, state).act is Act.CLOSE


@given(PLANS, TURNS, st.data())
@settings(deadline=None)
def test_killed_anywhere_no_word_of_the_candidate_is_lost_and_the_interview_goes_on(
    told, turns, data
):
    held = played(Interview(told), turns)
    cut = held.entries[: data.draw(st.integers(0, len(held.entries)))]
    state = interviewer.resume(told, cut)
    users = [m.content for m in state.messages if m.role == "user"]
    kept = " ".join(text for text in [*users, state.unanswered] if text != "[inaudible]")
    said = " ".join(entry.text for entry in cut if isinstance(entry, CandidateSpoke))
    assert words(kept) == words(said)
    begun = any(isinstance(entry, ClauseSaid) for entry in cut)
    assert (interviewer.open_floor(told, state).act is Act.GREET) == (not begun)


@given(PLANS, TURNS)
@settings(deadline=None)
def test_the_steps_hold_every_turn_and_every_reply_once(told, turns):
    held = played(Interview(told), turns)
    read = steps(told, held.entries)
    spoken = [entry for entry in held.entries if isinstance(entry, CandidateSpoke)]
    planned = [entry for entry in held.entries if isinstance(entry, ReplyPlanned)]
    assert [turn for step in read for turn in step.turns] == spoken
    assert [step.planned for step in read if step.planned] == planned
