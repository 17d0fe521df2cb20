"""Make a transcript for clients from the journal of a conversation, with times of the day. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from pipeline.assessment.transcript import Place, transcript
from pipeline.interview.notices import Notice, due
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    Connected,
    Disconnected,
    InterviewEnded,
    RecordingStopped,
    ReplyEnded,
)
from pipeline.language.known import name_of

from ..privacy.retention import Deletions
from ..times import iso

Written = tuple[datetime, AnyEntry]
"""A journal entry and the time at which it was written."""

_SPEAKERS: dict[str, Literal["user", "assistant"]] = {
    "candidate": "user",
    "interviewer": "assistant",
}


class Line(msgspec.Struct, frozen=True):
    timestamp: str
    """Time at which the line began; ISO 8601, UTC."""
    speaker: Literal["user", "assistant", "system"]
    content: str
    """The words; of the interviewer's, only those that were heard."""
    type: Literal["speech", "text", "event"]


class Summary(msgspec.Struct, frozen=True):
    total_entries: int
    user_speech_count: int
    ai_response_count: int
    interview_duration_minutes: float


class Told(msgspec.Struct, frozen=True):
    """A notice that the candidate has to hear in the conversation."""

    notice: Notice
    heard_at: str | None
    """End of the reply in which they heard it; None if they did not."""


def lines(written: Sequence[Written]) -> list[Line]:
    """Return both sides and the events around them, in order; turns without a word are left out."""
    return [line for line, _ in lines_with_places(written)]


def lines_with_places(written: Sequence[Written]) -> list[tuple[Line, Place | None]]:
    """Return the lines, each with its place in the recording, if it was recorded."""
    found: list[tuple[int, Line, Place | None]] = [
        (entry.at_ms, happened, None) for at, entry in written if (happened := _event(at, entry))
    ]
    found += [(spoke.started_ms, line, None) for spoke, line in _languages(written)]
    typed = {
        entry.started_ms
        for _, entry in written
        if isinstance(entry, CandidateSpoke) and entry.typed
    }
    for said in transcript([entry for _, entry in written]):
        if said.text:
            began = iso(time_of_day(written, said.started_ms))
            by_hand = said.speaker == "candidate" and said.started_ms in typed
            line = Line(began, _SPEAKERS[said.speaker], said.text, "text" if by_hand else "speech")
            found.append((said.started_ms, line, said.place))
    return [(line, place) for _, line, place in sorted(found, key=lambda each: each[0])]


def _languages(written: Sequence[Written]) -> Iterator[tuple[CandidateSpoke, Line]]:
    """Yield the turns from which on the candidate speaks another language, with lines that say
    so."""
    before = ""
    for _, entry in written:
        if isinstance(entry, CandidateSpoke) and not entry.typed and entry.language != before:
            before = entry.language
            began = iso(time_of_day(written, entry.started_ms))
            yield entry, Line(began, "system", _about_language(entry), "event")


def _about_language(spoke: CandidateSpoke) -> str:
    if not spoke.language:
        return "The candidate speaks the interview's language again."
    if spoke.followed:
        return f"The candidate speaks {name_of(spoke.language)}."
    return (
        f"The candidate seems to speak {name_of(spoke.language)}, which is not the interview's "
        "language: the words may be wrong."
    )


def deletion_lines(deletions: Deletions) -> list[Line]:
    """Return the lines that replace a transcript which retention has deleted."""
    if (at := deletions.at.get("transcript")) is None:
        return []
    return [Line(iso(at), "system", deletions.sentence("transcript"), "event")]


def summary(shown: Sequence[Line], written: Sequence[Written]) -> Summary:
    return Summary(
        total_entries=len(shown),
        user_speech_count=sum(line.speaker == "user" for line in shown),
        ai_response_count=sum(line.speaker == "assistant" for line in shown),
        interview_duration_minutes=round(minutes(written), 2),
    )


def notices(written: Sequence[Written]) -> list[Told]:
    """Return the notices, heard or not; empty where no conversation is on record."""
    if not written:
        return []
    recorded = any(isinstance(x, Connected) and x.recording is not None for _, x in written)
    ends = {entry.response: (at, entry) for at, entry in written if isinstance(entry, ReplyEnded)}
    heard: dict[str, str] = {}
    for at, entry in ends.values():
        for notice in entry.notices:
            heard.setdefault(notice, iso(at))
    return [Told(notice, heard.get(notice)) for notice in due(recorded=recorded)]


def minutes(written: Sequence[Written]) -> float:
    """Return the length of the conversation in minutes, without the pauses between connections."""
    return max((entry.at_ms for _, entry in written), default=0) / 60_000


def time_of_day(written: Sequence[Written], at_ms: int) -> datetime:
    """Return the time of the day at `at_ms` of the session's clock, which stands still while nobody
    is connected."""
    starts = [(at, entry.at_ms) for at, entry in written if isinstance(entry, Connected)]
    starts = starts or [(at, entry.at_ms) for at, entry in written[:1]]
    at, began_ms = next((s for s in reversed(starts) if s[1] <= at_ms), starts[0])
    return at + timedelta(milliseconds=at_ms - began_ms)


def _event(at: datetime, entry: AnyEntry) -> Line | None:
    match entry:
        case Connected(recording=None):
            text = "The candidate connected."
        case Connected():
            text = "The candidate connected; what both say is recorded."
        case RecordingStopped(reason=reason):
            text = f"From here on nothing is recorded: {reason}"
        case Disconnected():
            text = "The candidate disconnected."
        case InterviewEnded(reason=reason):
            text = f"The interviewer ended the interview: {reason}"
        case _:
            return None
    return Line(iso(at), "system", text, "event")
