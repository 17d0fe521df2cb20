from datetime import UTC, datetime, timedelta

from pipeline.interview.notices import Notice
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    Disconnected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
)
from service.reports.transcripts import Told, lines, notices, summary, time_of_day

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

CONVERSATION: list[tuple[float, AnyEntry]] = [
    (0, Connected(0)),
    (0.1, ReplyPlanned(100, "r1", "i1", "greet", "Next: greet", 0)),
    (0.2, ClauseSaid(200, "r1", "Hello.")),
    (1.0, ClauseSaid(1000, "r1", "How are you?")),
    (2.0, ReplyEnded(2000, "r1", "completed", "Hello. How are you?", "")),
    (5.0, CandidateSpoke(5000, "i2", "Fine.", 2500, 4000)),
    (6.0, Disconnected(6000)),
    (66.0, Connected(6000)),
    (67.0, CandidateSpoke(7000, "i3", "I am back.", 7000, 7000, typed=True)),
    (68.0, CandidateSpoke(8000, "i4", "", 7500, 7900)),
    (69.0, InterviewEnded(9000, "time is up")),
]
WRITTEN = [(NOON + timedelta(seconds=after), entry) for after, entry in CONVERSATION]


def test_both_sides_and_what_happened_are_shown_in_order() -> None:
    assert [(line.speaker, line.content, line.type) for line in lines(WRITTEN)] == [
        ("system", "The candidate connected.", "event"),
        ("assistant", "Hello. How are you?", "speech"),
        ("user", "Fine.", "speech"),
        ("system", "The candidate disconnected.", "event"),
        ("system", "The candidate connected.", "event"),
        ("user", "I am back.", "text"),
        ("system", "The interviewer ended the interview: time is up", "event"),
    ]


def test_a_line_has_the_time_of_day_at_which_it_began() -> None:
    times = {line.content: line.timestamp for line in lines(WRITTEN)}
    assert times["Hello. How are you?"] == "2026-01-02T12:00:00.200Z"
    assert times["Fine."] == "2026-01-02T12:00:02.500Z"
    assert times["I am back."] == "2026-01-02T12:01:07.000Z"


def test_the_clock_stands_still_between_connections() -> None:
    assert time_of_day(WRITTEN, 5999) == NOON + timedelta(milliseconds=5999)
    assert time_of_day(WRITTEN, 6500) == NOON + timedelta(milliseconds=66_500)
    assert time_of_day(WRITTEN[1:2], 400) == NOON + timedelta(milliseconds=400)


def test_only_what_was_heard_of_a_reply_is_shown() -> None:
    cut = [
        (NOON, entry)
        for entry in (
            Connected(0),
            ReplyPlanned(1, "r1", "i1", "greet", "", None),
            ClauseSaid(2, "r1", "Hello there, candidate."),
            ReplyEnded(900, "r1", "cancelled", "Hello", "there, candidate."),
        )
    ]
    assert [line.content for line in lines(cut)][1:] == ["Hello"]


def test_the_summary_counts_turns_and_minutes() -> None:
    counted = summary(lines(WRITTEN), WRITTEN)
    assert (counted.total_entries, counted.user_speech_count, counted.ai_response_count) == (
        7,
        2,
        1,
    )
    assert counted.interview_duration_minutes == 0.15


def test_nothing_written_is_nothing_shown() -> None:
    assert lines([]) == []
    assert summary([], []).interview_duration_minutes == 0


def test_when_the_candidate_had_heard_what_they_have_to_be_told() -> None:
    automated, recorded = Notice
    told = ReplyEnded(9000, "r2", "completed", "…", "", (automated,))
    written = [(NOON, Connected(0)), (NOON + timedelta(seconds=9), told)]
    assert notices(written) == [Told(automated, "2026-01-02T12:00:09.000Z")]
    again = [(NOON + timedelta(seconds=20), Connected(9000, recording=2))]
    assert notices([*written, *again]) == [notices(written)[0], Told(recorded, None)]
    assert notices([]) == []


def test_a_notice_of_which_less_was_played_than_was_thought_was_not_heard() -> None:
    automated, _ = Notice
    told = ReplyEnded(9000, "r1", "completed", "…", "", (automated,))
    less = ReplyEnded(9200, "r1", "completed", "", "…")
    assert notices([(NOON, Connected(0)), (NOON, told), (NOON, less)]) == [Told(automated, None)]


def test_a_line_says_where_the_candidate_speaks_another_language() -> None:
    def spoke(at: int, text: str, *language: object) -> AnyEntry:
        return CandidateSpoke(at, f"i{at}", text, at - 900, at, False, 1.0, False, *language)

    followed = ["Ja.", "Gut."], ("de", True)
    not_followed = ["Oui."], ("fr", False)
    said = [("One.", ("", False))]
    said += [(text, how) for texts, how in (followed, not_followed) for text in texts]
    said += [("Two.", ("", False))]
    written = [(NOON, Connected(0))]
    written += [(NOON, spoke(n * 1000, text, *how)) for n, (text, how) in enumerate(said, 1)]
    shown = [line.content for line in lines(written)][1:]
    assert shown == [
        "One.",
        "The candidate speaks German.",
        "Ja.",
        "Gut.",
        "The candidate seems to speak French, which is not the interview's language: the words "
        "may be wrong.",
        "Oui.",
        "The candidate speaks the interview's language again.",
        "Two.",
    ]
