"""What must hold of an interview whose server was killed: the candidate's view of it, which is all
messages of all connections, against its record. Pure; each fault is a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.interview.plan import Plan
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    InterviewEnded,
    ReplyEnded,
    ReplyPlanned,
    whole,
)
from pipeline.matching import says, words

Message = Mapping[str, Any]

TURN = "conversation.item.input_audio_transcription.completed"
CLAUSE = "response.audio_transcript.delta"
AUDIO = "response.audio.delta"
BEGAN = "input_audio_buffer.speech_started"

MOST_LOST = 5.0
"""Seconds of an answer that a kill in the middle of it may cost."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """An answer in the middle of which the connection broke."""

    text: str
    """All that was to be said."""
    seconds: float
    """How long that takes."""
    said: float
    """How much of it was said when the connection broke, seconds."""
    items: tuple[str, ...]
    """The turns that the candidate saw begin with it."""

    def lost(self, entries: Sequence[AnyEntry]) -> float:
        """Seconds of what was said that are not on record, taking all words for equally long."""
        turns = {e.item: e.text for e in whole(entries) if isinstance(e, CandidateSpoke)}
        kept = " ".join(turns.get(item, "") for item in self.items)
        share = _reached(words(self.text), words(kept)) / len(words(self.text))
        return max(0.0, self.said - share * self.seconds)


def _reached(said: Sequence[str], understood: Sequence[str]) -> int:
    """Up to which word the understood text goes: where it differs least from what was said."""
    row = list(range(len(understood) + 1))
    best, reached = row[-1], 0
    for n, word in enumerate(said, 1):
        last, row = row, [n]
        for at, other in enumerate(understood, 1):
            row.append(min(last[at - 1] + (word != other), last[at] + 1, row[-1] + 1))
        if row[-1] <= best:
            best, reached = row[-1], n
    return reached


@dataclass(frozen=True, slots=True)
class Seen:
    """What a candidate was told."""

    messages: Sequence[Message]
    finalized: bool
    """Whether the analysis was answered."""
    cut_off: Sequence[CutOff] = ()
    told_over: bool = False
    """Whether a socket was closed with 1000, which says what `interview_ended_by_ai` could not when
    the server died between the record and the message."""

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Item and text of each turn of the candidate's that was told to be complete."""
        done = [m for m in self.messages if m["type"] == TURN and m["transcript"]]
        return [(m["item_id"], m["transcript"]) for m in done]

    @property
    def clauses(self) -> dict[str, list[str]]:
        """By response, the clauses of which audio arrived."""
        found: dict[str, list[str]] = {}
        waiting = None
        for message in self.messages:
            if message["type"] == CLAUSE:
                waiting = message
            elif message["type"] == AUDIO and waiting is not None:
                found.setdefault(waiting["response_id"], []).append(waiting["delta"])
                waiting = None
        return found


def faults(plan: Plan, seen: Seen, seqs: Sequence[int], entries: Sequence[AnyEntry]) -> list[str]:
    """Everything that is wrong; `seqs` are the numbers of the entries."""
    return [
        *_numbering(seqs, entries),
        *_turns(seen, entries),
        *_cut_off(seen, entries),
        *_clauses(seen, entries),
        *_openings(whole(entries)),
        *_coverage(plan, seen, entries),
    ]


def _numbering(seqs: Sequence[int], entries: Sequence[AnyEntry]) -> Iterator[str]:
    if list(seqs) != list(range(1, len(seqs) + 1)):
        yield "numbering: the record has a gap"
    times = [entry.at_ms for entry in entries]
    if times != sorted(times):
        yield "clock: the session's clock went back"


def _turns(seen: Seen, entries: Sequence[AnyEntry]) -> Iterator[str]:
    spoken = [entry for entry in entries if isinstance(entry, CandidateSpoke)]
    there = {entry.item: entry.text for entry in spoken}
    for item, times in Counter(entry.item for entry in spoken).items():
        if times > 1:
            yield f"duplicate: turn {item} is in the record {times} times"
    for item, text in seen.turns:
        if there.get(item) != text:
            yield f"lost: turn {item} is not in the record as it was told"


def _cut_off(seen: Seen, entries: Sequence[AnyEntry]) -> Iterator[str]:
    for each in seen.cut_off:
        if (lost := each.lost(entries)) > MOST_LOST:
            yield f"cut off: {lost:.1f} of {each.said:.1f} s of an answer are not on record"


def _clauses(seen: Seen, entries: Sequence[AnyEntry]) -> Iterator[str]:
    """What was heard is the beginning of what is on record; at most one clause was not sent."""
    for response, heard in seen.clauses.items():
        said = [e.text for e in entries if isinstance(e, ClauseSaid) and e.response == response]
        if said[: len(heard)] != heard:
            yield f"lost: a clause of {response} was heard and is not in the record"
        elif len(said) > len(heard) + 1:
            yield f"duplicate: {response} has clauses in the record that were never sent"


def _openings(entries: Sequence[AnyEntry]) -> Iterator[str]:
    """After every reconnect the question that waited comes again, or the next if it was answered;
    a greeting only if not a word of it was heard."""
    asked: int | None = None
    greeting = ""
    answered, follow_up, opening = False, False, False
    begun: ReplyPlanned | None = None
    for entry in entries:
        match entry:
            case Connected():
                opening = asked is not None
            case CandidateSpoke(text=text):
                answered = answered or bool(text)
            case ReplyPlanned():
                if opening and entry.act == "greet":
                    yield f"greeted twice: {entry.response}"
                elif opening and not _due(entry, asked, answered, follow_up):
                    yield f"forgotten: {entry.response} is not about the question that waited"
                begun, opening = entry, False
            case ReplyEnded(response=response, heard="") if response == greeting:
                asked = None
            case ClauseSaid() if begun is not None:
                greeting = begun.response if begun.act == "greet" else greeting
                if begun.question is not None:
                    asked, answered, follow_up = begun.question, False, False
                elif begun.act == "follow_up":
                    answered, follow_up = False, True
                begun = None


def _due(opening: ReplyPlanned, asked: int | None, answered: bool, follow_up: bool) -> bool:
    if asked is None or opening.act == "close":
        return answered or asked is None
    if opening.question is None:
        return follow_up
    return opening.question in ({asked, asked + 1} if answered or follow_up else {asked})


def _coverage(plan: Plan, seen: Seen, entries: Sequence[AnyEntry]) -> Iterator[str]:
    reasons = [entry.reason for entry in entries if isinstance(entry, InterviewEnded)]
    told = seen.told_over or any(m["type"] == "interview_ended_by_ai" for m in seen.messages)
    if not reasons or not told:
        yield "unfinished: the interview was not brought to its end"
    elif not seen.finalized:
        yield "unfinished: the interview was not finalized"
    elif reasons[-1] == "completed":
        heard = [entry.heard for entry in entries if isinstance(entry, ReplyEnded)]
        for number, question in enumerate(plan.questions, start=1):
            if not any(says(text, question.text) for text in heard):
                yield f"forgotten: question {number} was never heard"
    else:
        yield f"ended early: {reasons[-1]}"
