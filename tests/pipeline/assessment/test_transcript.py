"""The record as people read it."""

from pipeline.assessment.transcript import Place, answers, transcript
from pipeline.journal import (
    CandidateSpoke,
    ClauseSaid,
    Connected,
    Disconnected,
    ReplyEnded,
    ReplyPlanned,
)

from ..interviews import LONG, SILENCE, Interview, plan

ENTRIES = [
    Connected(0),
    ReplyPlanned(0, "r1", "i1", "greet", "note", 0),
    ClauseSaid(100, "r1", "Hello Maria."),
    ClauseSaid(1000, "r1", "What did you do in your last job?"),
    ReplyEnded(2500, "r1", "cancelled", "Hello Maria. What did you do in", "your last job?"),
    CandidateSpoke(6000, "u1", "I was a cook.", 2400, 5800),
    ReplyPlanned(6000, "r2", "i2", "ask", "note", 1),
    ClauseSaid(6100, "r2", "Thank you."),
    ClauseSaid(7000, "r2", "How do you"),
]


def test_both_sides_with_times_heard_and_unheard_text():
    first, second, third = transcript(ENTRIES)
    assert (first.speaker, first.started_ms, first.ended_ms) == ("interviewer", 100, 2500)
    assert (first.text, first.unheard) == ("Hello Maria. What did you do in", "your last job?")
    assert (second.speaker, second.text, second.started_ms) == ("candidate", "I was a cook.", 2400)
    assert (third.text, third.unheard) == ("Thank you.", "How do you")  # killed while it spoke


def test_a_reply_of_which_nothing_was_sent_is_no_line():
    assert transcript([ReplyPlanned(0, "r1", "i1", "greet", "note", 0), Disconnected(1)]) == []


def test_an_answer_is_all_that_was_said_to_a_question_and_its_follow_ups():
    held = Interview(plan())
    held.open()
    held.say("I was a cook.")
    held.say("In a hotel in Porto, for six years.")
    held.say(LONG)
    first, second, third = answers(held.plan, held.entries)
    assert first.answer == "I was a cook. In a hotel in Porto, for six years."
    assert first.follow_ups == ("Could you tell me more about that?",)
    assert (second.answer, second.asked_ms is not None) == (LONG, True)
    assert (third.answer, third.answered_ms) == ("", None)


def test_requests_and_questions_are_no_answers():
    held = Interview(plan(follow_ups=0))
    held.open()
    asked = (
        "What is the salary?",
        "Who decides?",
        "Can we do this in Spanish?",
        "Are you a robot?",
    )
    for said in ("Hello?", "Could you repeat that?", *asked, "", SILENCE):
        held.say(said)
    assert answers(held.plan, held.entries)[0].answer == ""
    held.say("Skip this question.")
    assert answers(held.plan, held.entries)[0].answer == ""
    assert answers(held.plan, held.entries)[1].asked_ms is not None


def test_a_question_that_was_cut_off_was_not_asked():
    held = Interview(plan())
    held.open()
    held.say(LONG, hears=3)
    assert answers(held.plan, held.entries)[1].asked_ms is None


def test_a_question_was_asked_when_it_was_asked_first():
    held = Interview(plan())
    held.open()
    held.say("Could you repeat that?")
    assert answers(held.plan, held.entries)[0].asked_ms == 0


def test_words_without_a_reply_belong_to_the_answer():
    held = Interview(plan())
    held.open()
    held.listen("I was a cook.", 0)
    assert answers(held.plan, held.entries)[0].answer == "I was a cook."


def test_a_turn_is_found_in_the_recording_of_its_connection():
    entries = [
        Connected(0, recording=3),
        ReplyPlanned(0, "r1", "i1", "greet", "note", 0),
        ClauseSaid(100, "r1", "Hello."),
        ClauseSaid(900, "r1", "What do you do?"),  # killed while it spoke
        Connected(900, recording=4),
        CandidateSpoke(6000, "u1", "I am a cook.", 2400, 5800),
        Connected(6000),
        CandidateSpoke(9000, "u2", "And a baker.", 7000, 8000),
    ]
    assert [line.place for line in transcript(entries)] == [
        Place(3, 100, 900),
        Place(4, 1500, 4900),
        None,
    ]
