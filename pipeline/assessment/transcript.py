"""The record as people read it: turns with their speakers and times, and the answer to each
question. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec

from ..interview.meaning import Meant, meaning
from ..interview.plan import Plan
from ..interview.replay import Step, steps
from ..interview.state import Act
from ..interview.wording import question_text
from ..journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    ReplyEnded,
    ReplyPlanned,
    whole,
)
from ..language.known import heard_as
from ..matching import joined, was_heard, words


class Place(msgspec.Struct, frozen=True):
    """A place in a recording; times are milliseconds since the recording began."""

    recording: int
    """Number of the recording."""
    start_ms: int
    end_ms: int


class Line(msgspec.Struct, frozen=True):
    """One turn of one side. Times are milliseconds on the session's clock."""

    speaker: Literal["candidate", "interviewer"]
    started_ms: int
    ended_ms: int
    text: str
    """The words that were said and heard; empty for a turn of the candidate that was not
    understood."""
    unheard: str = ""
    """Words that the interviewer would have said next, had the candidate not interrupted."""
    act: str = ""
    """The interviewer's move."""
    question: int | None = None
    place: Place | None = None
    """Place in a recording; None for what was not recorded."""


class Answered(msgspec.Struct, frozen=True):
    """A question of the plan with everything said in answer to it."""

    question: int
    asked_ms: int | None
    """Time at which the question was asked and heard; None when it was not."""
    answer: str
    """Everything said in answer to it and to its follow-ups; empty when nothing was."""
    answered_ms: int | None
    follow_ups: tuple[str, ...] = ()
    """The interviewer's follow-ups, as heard."""
    said: str = ""
    """The reply that asked the question, as heard."""
    language: str = ""
    """Code of the language of most of its words, if that is not the plan's."""


def transcript(entries: Sequence[AnyEntry]) -> list[Line]:
    """Return the conversation, ordered by when each turn began. A reply whose end is not on record
    counts as heard except for its last clause."""
    lines: list[Line] = []
    replies: dict[str, _Reply] = {}
    connected = Connected(0)
    for entry in whole(entries):
        match entry:
            case Connected():
                connected = entry
            case CandidateSpoke(started_ms=began, ended_ms=ended):
                place = _place(connected, began, ended)
                lines.append(Line("candidate", began, ended, entry.text, place=place))
            case ReplyPlanned():
                replies[entry.response] = _Reply(entry, connected)
            case ClauseSaid(response=response) if response in replies:
                replies[response].clauses.append(entry)
            case ReplyEnded(response=response) if response in replies:
                lines += replies.pop(response).lines(entry)
    for reply in replies.values():
        lines += reply.lines(None)
    return sorted(lines, key=lambda line: line.started_ms)


class _Reply:
    """A reply whose entries are being read."""

    def __init__(self, planned: ReplyPlanned, connected: Connected) -> None:
        self.planned = planned
        self.connected = connected
        self.clauses: list[ClauseSaid] = []

    def lines(self, ended: ReplyEnded | None) -> list[Line]:
        """Return the reply's line, or none if nothing of it was begun."""
        if not self.clauses:
            return []
        started = self.clauses[0].at_ms
        *before, last = (clause.text for clause in self.clauses)
        heard = ended.heard if ended else " ".join(before)
        unheard = ended.unheard if ended else last
        until = max(ended.at_ms if ended else self.clauses[-1].at_ms, started)
        act, question = self.planned.act, self.planned.question
        place = _place(self.connected, started, until)
        return [Line("interviewer", started, until, heard, unheard, act, question, place)]


def _place(connected: Connected, started_ms: int, ended_ms: int) -> Place | None:
    """Return the place in the recording of this connection, whose clock began with the
    connection's."""
    if connected.recording is None:
        return None
    began = connected.at_ms
    return Place(connected.recording, started_ms - began, ended_ms - began)


def answers(plan: Plan, entries: Sequence[AnyEntry]) -> list[Answered]:
    """Return for each question of the plan what was said in answer to it.

    Requests, for example to repeat the question, are not answers, and neither are questions that
    the candidate asks instead of answering.
    """
    found = [_Answers() for _ in plan.questions]
    for step in steps(plan, entries):
        index = step.before.progress.asked - 1
        if index >= 0:
            found[index].turns += _answering(step, plan.language)
        planned = step.planned
        if planned is None:
            continue
        if planned.act == Act.FOLLOW_UP and step.heard and index >= 0:
            found[index].follow_ups.append(step.heard)
        asks = planned.question
        if asks is not None and found[asks].asked_ms is None and _was_asked(plan, step, asks):
            found[asks].asked_ms, found[asks].said = planned.at_ms, step.heard
    return [each.of(question) for question, each in enumerate(found)]


class _Answers:
    def __init__(self) -> None:
        self.asked_ms: int | None = None
        self.said = ""
        self.turns: list[CandidateSpoke] = []
        self.follow_ups: list[str] = []

    def of(self, question: int) -> Answered:
        first = self.turns[0].started_ms if self.turns else None
        text = joined(*(turn.text for turn in self.turns))
        spoken = Counter[str]()
        for turn in self.turns:
            spoken[turn.language if turn.followed else ""] += len(words(turn.text))
        language = max(spoken, key=lambda each: spoken[each], default="")
        follow_ups = tuple(self.follow_ups)
        return Answered(question, self.asked_ms, text, first, follow_ups, self.said, language)


def _was_asked(plan: Plan, step: Step, question: int) -> bool:
    return was_heard(question_text(plan, question), step.heard)


def _answering(step: Step, own: str) -> list[CandidateSpoke]:
    """Return the turns of the step that are part of an answer; `own` is the plan's language."""
    asking = step.before.progress.asking
    spoken = [turn for turn in step.turns if words(turn.text)]
    return [
        turn
        for turn in spoken
        if meaning(turn.text, asking, heard_as(own, turn.language)) in _ANSWERS
    ]


_ANSWERS = frozenset({Meant.ANSWER, Meant.ANSWER_AND_QUESTION, Meant.SETTLED, Meant.FILLER})
