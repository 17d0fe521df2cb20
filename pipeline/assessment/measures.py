"""Measure what can be counted in a conversation, without any model. Pure."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from ..interview.plan import Plan
from ..journal import AnyEntry, CandidateSpoke, ClauseSaid, Disconnected, ReplyEnded, whole
from ..matching import words
from .transcript import Line, answers, transcript


class Measures(msgspec.Struct, frozen=True):
    """The measures of an interview. Times are seconds with one decimal, on the session's clock,
    without the pauses between connections. A value is None when there was nothing to measure."""

    duration_s: float
    candidate_talk_s: float
    """Time in spoken turns, including pauses inside a turn; typed turns have no time."""
    interviewer_talk_s: float
    candidate_share: float | None
    """The candidate's share of all talk, 0..1."""
    candidate_words: int
    words_per_minute: float | None
    """Rate of the candidate's spoken turns."""
    questions_planned: int
    questions_asked: int
    """Number of the plan's questions that were heard."""
    questions_answered: int
    """Number of these that got an answer: the questions covered."""
    follow_ups_asked: int
    answer_count: int
    """The candidate's turns that contain words."""
    unclear_turns: int
    """The candidate's turns in which no word was understood."""
    average_answer_words: float | None
    longest_pause_s: float | None
    """Longest time between two turns in which nobody spoke."""
    median_response_s: float | None
    """Median time from the end of the interviewer's reply to the candidate's next word."""
    longest_response_s: float | None
    interruptions: int
    """Replies that the candidate cut short."""


def measure(plan: Plan, entries: Sequence[AnyEntry]) -> Measures:
    entries = whole(entries)
    turns = [entry for entry in entries if isinstance(entry, CandidateSpoke)]
    spoken = [turn for turn in turns if not turn.typed]
    lines = transcript(entries)
    found = answers(plan, entries)
    candidate = sum(turn.ended_ms - turn.started_ms for turn in spoken)
    interviewer = sum(x.ended_ms - x.started_ms for x in lines if x.speaker == "interviewer")
    counts = [len(words(turn.text)) for turn in turns if words(turn.text)]
    responses = _responses(lines)
    spoken_words = sum(len(words(turn.text)) for turn in spoken)
    return Measures(
        duration_s=_seconds(max((entry.at_ms for entry in entries), default=0)),
        candidate_talk_s=_seconds(candidate),
        interviewer_talk_s=_seconds(interviewer),
        candidate_share=_ratio(candidate, candidate + interviewer, 2),
        candidate_words=sum(counts),
        words_per_minute=_ratio(spoken_words * 60_000, candidate, 1),
        questions_planned=len(plan.questions),
        questions_asked=sum(each.asked_ms is not None for each in found),
        questions_answered=sum(bool(each.answer) for each in found),
        follow_ups_asked=sum(len(each.follow_ups) for each in found),
        answer_count=len(counts),
        unclear_turns=len(turns) - len(counts),
        average_answer_words=_ratio(sum(counts), len(counts), 1),
        longest_pause_s=_longest(_pauses(lines)),
        median_response_s=_seconds(_median(responses)) if responses else None,
        longest_response_s=_longest(responses),
        interruptions=_interruptions(entries),
    )


def _pauses(lines: Sequence[Line]) -> list[int]:
    """Return the times without speech between turns, in ms."""
    pauses = []
    quiet_since = lines[0].ended_ms if lines else 0
    for line in lines[1:]:
        pauses.append(max(line.started_ms - quiet_since, 0))
        quiet_since = max(quiet_since, line.ended_ms)
    return pauses


def _responses(lines: Sequence[Line]) -> list[int]:
    """Return how long the candidate took to begin after each reply; 0 for words over its end."""
    return [
        max(line.started_ms - before.ended_ms, 0)
        for before, line in pairwise(lines)
        if (before.speaker, line.speaker) == ("interviewer", "candidate")
    ]


def _interruptions(entries: Sequence[AnyEntry]) -> int:
    """Count the replies cut short, except by the end of a connection."""
    begun = {entry.response for entry in entries if isinstance(entry, ClauseSaid)}
    return sum(
        isinstance(entry, ReplyEnded)
        and entry.status == "cancelled"
        and entry.response in begun
        and not isinstance(following, Disconnected)
        for entry, following in pairwise([*entries, None])
    )


def _median(values: Sequence[int]) -> int:
    return sorted(values)[len(values) // 2]


def _longest(values: Sequence[int]) -> float | None:
    return _seconds(max(values)) if values else None


def _ratio(part: float, whole: float, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


def _seconds(ms: int) -> float:
    return round(ms / 1000, 1)
