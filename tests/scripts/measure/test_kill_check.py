"""Each fault that the kill loop looks for is found, and a sound interview has none."""

from dataclasses import replace

import pytest

from pipeline.interview.plan import Plan, Question
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    CaptionAgreed,
    ClauseSaid,
    Connected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
)
from scripts.measure.kill_check import AUDIO, CLAUSE, TURN, CutOff, Seen, faults

Q1, Q2 = "What did you build?", "Who used it?"
PLAN = Plan((Question(Q1), Question(Q2)))


def reply(at, number, act, text, question=None, heard=None):
    """The entries of one reply; without `heard` the server was killed in it."""
    name = f"r{number}"
    entries: list[AnyEntry] = [
        ReplyPlanned(at, name, f"{name}i", act, "note", question),
        ClauseSaid(at, name, text),
    ]
    return [*entries, ReplyEnded(at, name, "completed", heard, "")] if heard else entries


def told(entries, finalized=True):
    """What a candidate was told by a server that wrote this record."""
    messages = []
    for entry in entries:
        match entry:
            case CandidateSpoke():
                messages.append({"type": TURN, "item_id": entry.item, "transcript": entry.text})
            case ClauseSaid():
                messages.append(
                    {"type": CLAUSE, "response_id": entry.response, "delta": entry.text}
                )
                messages.append({"type": AUDIO, "response_id": entry.response})
            case InterviewEnded():
                messages.append({"type": "interview_ended_by_ai", "reason": entry.reason})
    return Seen(messages, finalized)


SOUND = [
    Connected(0),
    *reply(1, 1, "greet", f"Hello. {Q1}", 0),  # killed here
    Connected(2),
    *reply(3, 2, "welcome_back", f"Welcome back. {Q1}", 0, heard=f"Welcome back. {Q1}"),
    CandidateSpoke(4, "i1", "A bridge.", 3, 4),
    Connected(5),
    *reply(6, 3, "welcome_back", f"Welcome back. {Q2}", 1, heard=f"Welcome back. {Q2}"),
    CandidateSpoke(7, "i2", "Many people.", 6, 7),
    *reply(8, 4, "close", "Goodbye.", heard="Goodbye."),
    InterviewEnded(9, "completed"),
]


def found(entries, seen=None, seqs=None):
    return faults(PLAN, seen or told(SOUND), seqs or range(1, len(entries) + 1), entries)


def test_a_sound_interview_has_no_faults():
    assert found(SOUND) == []


def without(kind, n=0):
    entry = [entry for entry in SOUND if isinstance(entry, kind)][n]
    return [other for other in SOUND if other is not entry]


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        (without(CandidateSpoke), "lost: turn i1"),
        (without(ClauseSaid, 1), "lost: a clause of r2"),
        ([*SOUND[:8], *SOUND[7:]], "duplicate: turn i1"),
        ([*SOUND[:-1], Connected(3), SOUND[-1]], "clock"),
        (without(InterviewEnded), "unfinished"),
        ([*SOUND[:-1], InterviewEnded(9, "silence")], "ended early: silence"),
    ],
)
def test_what_is_wrong_in_the_record_is_found(entries, fault):
    assert any(sentence.startswith(fault) for sentence in found(entries))


def test_a_gap_in_the_numbers_is_found():
    assert found(SOUND, seqs=[*range(1, len(SOUND)), len(SOUND) + 1]) == [
        "numbering: the record has a gap"
    ]


def test_a_clause_that_was_never_sent_may_be_one_and_not_two():
    for more, faulty in ((1, False), (2, True)):
        entries = [*SOUND]
        entries[3:3] = [ClauseSaid(1, "r1", f"More {n}.") for n in range(more)]
        assert bool(found(entries)) is faulty


def instead(old, new):
    return [entry for other in SOUND for entry in (new if other is old else [other])]


def test_a_second_greeting_is_found():
    (opening,) = (e for e in SOUND if isinstance(e, ReplyPlanned) and e.response == "r2")
    greeting = ReplyPlanned(3, "r2", "r2i", "greet", "note", 0)
    assert found(instead(opening, [greeting])) == ["greeted twice: r2"]
    for heard, faulty in ("", False), ("Hello.", True):
        (begun,) = (e for e in SOUND if isinstance(e, ClauseSaid) and e.response == "r1")
        ended = [begun, ReplyEnded(1, "r1", "cancelled", heard, Q1)]
        entries = [*instead(begun, ended)]
        entries[entries.index(opening)] = greeting
        assert bool(found(entries)) is faulty


def test_a_question_that_is_not_asked_again_is_found():
    (opening,) = (e for e in SOUND if isinstance(e, ReplyPlanned) and e.response == "r2")
    next_one = ReplyPlanned(3, "r2", "r2i", "welcome_back", "note", 1)
    assert any(fault.startswith("forgotten") for fault in found(instead(opening, [next_one])))


def test_an_interview_without_its_result_is_found():
    assert found(SOUND, told(SOUND, finalized=False)) == [
        "unfinished: the interview was not finalized"
    ]


def test_a_close_with_1000_tells_the_end_where_the_event_was_lost_and_never_in_its_place():
    told_less = told([entry for entry in SOUND if not isinstance(entry, InterviewEnded)])
    assert found(SOUND, told_less) == ["unfinished: the interview was not brought to its end"]
    assert found(SOUND, replace(told_less, told_over=True)) == []
    assert found(SOUND[:-1], replace(told_less, told_over=True)) == [
        "unfinished: the interview was not brought to its end"
    ]


SPOKEN = "I built a bridge over the river and half of the town uses it every single day."
"""Seventeen words, one a second."""


@pytest.mark.parametrize(
    ("entries", "lost"),
    [
        ([], 12),
        ([CaptionAgreed(1, "i1", "I built a bridge", 0)], 8),
        ([CaptionAgreed(1, "i1", "I built a house over their river", 0)], 5),
        (
            [
                CaptionAgreed(1, "i1", "I built a bridge over", 0),
                CaptionAgreed(2, "i1", "the river and half", 5),
                CaptionAgreed(3, "other", "of the town uses", 9),
            ],
            3,
        ),
        (
            [
                CandidateSpoke(
                    1, "i1", "I built a bridge over the river and half of the town.", 0, 1
                )
            ],
            0,
        ),
    ],
)
def test_what_a_kill_cost_of_an_answer_is_measured_in_seconds(entries, lost):
    cut = CutOff(SPOKEN, 17.0, 12.0, ("i1",))
    assert cut.lost(entries) == pytest.approx(lost)


def test_an_answer_of_which_too_much_is_gone_is_a_fault():
    cut = [CutOff(SPOKEN, 17.0, 12.0, ("i9",)), CutOff(SPOKEN, 17.0, 4.0, ("i9",))]
    seen = replace(told(SOUND), cut_off=cut)
    assert found(SOUND, seen) == ["cut off: 12.0 of 12.0 s of an answer are not on record"]


def test_an_answer_that_was_cut_off_is_gone_on_from():
    cut = CaptionAgreed(4, "i1", "A bridge", 3)
    entries = [cut if getattr(entry, "item", "") == "i1" else entry for entry in SOUND]
    assert found(entries, told(entries)) == []
