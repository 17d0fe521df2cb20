"""Replay a conversation from its record: where it stands, and step by step how it got there.
Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..journal import (
    AnyEntry,
    CandidateSpoke,
    CaptionAgreed,
    ClauseSaid,
    Connected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
    whole,
)
from ..language.known import language_of
from ..matching import joined
from . import wording
from .notices import Notice
from .plan import Plan
from .state import Act, InterviewState, Move, advanced, begin, heard


@dataclass(frozen=True, slots=True)
class Step:
    """A reply of the interviewer and the candidate's turn before it."""

    turns: tuple[CandidateSpoke, ...]
    """Turns of the candidate since the previous reply."""
    planned: ReplyPlanned | None
    """The reply; None for words that got no reply any more."""
    heard: str
    unheard: str
    before: InterviewState
    after: InterviewState


# docs/decisions/016-journal-open-turn.md: after an outage of the database more may be missing
UNRECORDED = 10.0
"""Seconds after its last entry up to which a turn that a dead process heard counts as recorded: an
entry every two seconds, and a client's way to another process."""


def resume(plan: Plan, entries: Sequence[AnyEntry], since: float = 0.0) -> InterviewState:
    """Return where the conversation stands after these entries, the last of which was written
    `since` seconds ago: the same state as in the process that wrote them, unless that process died
    in the middle of a reply or a turn. In that case the last clause that was begun counts as
    unheard."""
    reading = _read(plan, entries)
    elapsed = max((entry.at_ms for entry in entries), default=0)
    in_a_turn = bool(entries) and isinstance(entries[-1], CaptionAgreed)
    incomplete = in_a_turn and since > UNRECORDED
    return replace(reading.state, elapsed_ms=elapsed, incomplete=incomplete)


def steps(plan: Plan, entries: Sequence[AnyEntry]) -> list[Step]:
    """Return the conversation, reply by reply."""
    return _read(plan, entries).steps


@dataclass(slots=True)
class _Reading:
    plan: Plan
    state: InterviewState
    steps: list[Step] = field(default_factory=list)
    turns: list[CandidateSpoke] = field(default_factory=list)
    """Turns since the last reply was planned."""
    planned: ReplyPlanned | None = None
    """The reply whose end has not been read yet."""
    answered: tuple[CandidateSpoke, ...] = ()
    """The turns that it answers."""
    clauses: list[str] = field(default_factory=list)

    def take(self, entry: AnyEntry) -> None:
        match entry:
            case CandidateSpoke():
                self.turns.append(entry)
                if entry.language or not (entry.typed or entry.broken_off):
                    self.state = replace(self.state, spoken=entry.language)
            case ReplyPlanned():
                self.break_off()
                self.planned, self.clauses = entry, []
                self.answered, self.turns = tuple(self.turns), []
            case ClauseSaid(response=response, text=text):
                if self.planned and self.planned.response == response:
                    self.clauses.append(text)
            case ReplyEnded(response=response, heard=said, unheard=unheard):
                if self.planned and self.planned.response == response:
                    self.end(said, unheard)
                    told = (*self.state.told, *map(Notice, entry.notices))
                    self.state = replace(self.state, told=told)
            case Connected(recording=recording):
                self.break_off()
                self.leave_unanswered()
                recorded = self.state.recorded or recording is not None
                self.state = replace(self.state, recorded=recorded)
            case InterviewEnded(reason=reason):
                progress = replace(self.state.progress, closed=True, reason=reason)
                self.state = replace(self.state, progress=progress)

    def end(self, said: str, unheard: str) -> None:
        planned, before = self.planned, self.state
        if planned is None:
            return
        move = _move(self.plan, before, planned)
        self.state = heard(before, move, said, _text(self.answered))
        step = Step(self.answered, planned, said, unheard, before, self.state)
        self.steps.append(step)
        self.planned = None

    # docs/decisions/018-cut-clause-unheard.md: a question nobody heard is asked again
    def break_off(self) -> None:
        """End a reply during which the process died: the clause that it had begun last may not have
        arrived."""
        if self.planned is None:
            return
        greeting = self.planned.act == Act.GREET and bool(self.clauses)
        self.end(" ".join(self.clauses[:-1]), " ".join(self.clauses[-1:]))
        if greeting and not self.state.progress.greeted:
            progress = replace(self.state.progress, greeted=True, cut=True)
            self.state = replace(self.state, progress=progress)

    def leave_unanswered(self) -> None:
        if not self.turns:
            return
        turns, self.turns = tuple(self.turns), []
        before = self.state
        words = joined(before.unanswered, _text(turns))
        self.state = replace(before, unanswered=words, broken_off=turns[-1].broken_off)
        self.steps.append(Step(turns, None, "", "", before, self.state))


def _read(plan: Plan, entries: Iterable[AnyEntry]) -> _Reading:
    reading = _Reading(plan, begin(plan))
    for entry in whole(entries):
        reading.take(entry)
    reading.break_off()
    reading.leave_unanswered()
    return reading


def _move(plan: Plan, state: InterviewState, planned: ReplyPlanned) -> Move:
    act, question = Act(planned.act), planned.question
    closing = "" if question is None else wording.question_text(plan, question)
    after = advanced(state.progress, act, question, closing, planned.reason)
    return Move(
        act,
        planned.note,
        question=question,
        closing=closing,
        after=after,
        language=language_of(plan.language),
    )


def _text(turns: Sequence[CandidateSpoke]) -> str | None:
    return joined(*(turn.text for turn in turns)) if turns else None
