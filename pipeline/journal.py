"""The journal of a conversation: its entries, in the order in which things happened.

An entry is durable before the audio that it stands for is sent. The entries of a session are the
only source of truth about it: `replay.resume` restores the interview's state from them, and the
transcript and the assessment are made from them.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from .matching import joined


class Entry(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """An entry. `at_ms` is the session's own clock: milliseconds of conversation so far, in all
    connections together, without the pauses between them."""

    at_ms: int


class Connected(Entry, frozen=True, tag="connected"):
    """A client's socket opened; the conversation begins or goes on."""

    recording: int | None = None
    """Number of the recording that begins here; None when nothing is recorded."""


class Disconnected(Entry, frozen=True, tag="disconnected"):
    """The socket closed, for whatever reason."""


class RecordingStopped(Entry, frozen=True, tag="recording_stopped"):
    """The recording of this connection stopped early; there is no audio from here on."""

    reason: str


class CaptionAgreed(Entry, frozen=True, tag="caption_agreed"):
    """The words known so far of one stretch of an unfinished turn, as a rule those that two
    hypotheses agree on. A later entry about the same stretch replaces it; the turn's
    `CandidateSpoke` replaces them all."""

    item: str
    text: str
    started_ms: int
    """Start of the stretch, which also identifies it."""


class CandidateSpoke(Entry, frozen=True, tag="candidate_spoke"):
    """A turn of the candidate, as committed. `text` is empty when the words were not understood."""

    item: str
    text: str
    started_ms: int
    ended_ms: int
    typed: bool = False
    confidence: float = 1.0
    """The recognizer's confidence in the spoken words, 0..1; 0 where no final transcript was
    made."""
    broken_off: bool = False
    """True if the connection ended while the candidate was speaking."""
    language: str = ""
    """Code of the language that the candidate speaks, if it is certainly not the plan's."""
    followed: bool = False
    """True if the words were transcribed in that language; else they may be wrong."""


class ReplyPlanned(Entry, frozen=True, tag="reply_planned"):
    """The interviewer's next move, before a word of it is heard."""

    response: str
    item: str
    act: str
    note: str
    question: int | None
    """Index of the plan's question that this reply asks."""
    reason: str = ""
    """Reason why the interview ends, when this reply closes it."""


class ClauseSaid(Entry, frozen=True, tag="clause_said"):
    """A clause that is about to be sent."""

    response: str
    text: str


class ReplyEnded(Entry, frozen=True, tag="reply_ended"):
    """The end of a reply. Written once more, with fewer words heard, when the client reports that
    it has played less."""

    response: str
    status: Literal["completed", "cancelled"]
    heard: str
    """The words that the candidate can have heard."""
    unheard: str
    """The words after them, generated or sent but cut off."""
    notices: tuple[str, ...] = ()
    """The notices that were heard in this reply: values of `Notice`."""


class InterviewEnded(Entry, frozen=True, tag="interview_ended"):
    reason: str


AnyEntry = (
    Connected
    | Disconnected
    | RecordingStopped
    | CaptionAgreed
    | CandidateSpoke
    | ReplyPlanned
    | ClauseSaid
    | ReplyEnded
    | InterviewEnded
)


class Record(Protocol):
    async def append(self, *entries: AnyEntry) -> None:
        """Write the entries, all or none; they are durable when this returns.

        Raises `RecordUnavailable` when they could not be written now, and `RecordTaken` when
        somebody else has added entries.
        """
        ...


class MemoryRecord:
    """A record in memory, for tests and load tests."""

    def __init__(self, entries: Sequence[AnyEntry] = ()) -> None:
        self.entries = list(entries)

    async def append(self, *entries: AnyEntry) -> None:
        self.entries += entries


def whole(entries: Iterable[AnyEntry]) -> list[AnyEntry]:
    """Return the entries with each turn in one. A finished turn stands alone; for a turn that was
    broken off by a kill, or that still goes on, the words agreed on stand where they were last
    agreed. A reply ends once, where it ended first, with the last report of what was heard."""
    entries = list(entries)
    ends = {entry.response: entry for entry in entries if isinstance(entry, ReplyEnded)}
    finished = {entry.item for entry in entries if isinstance(entry, CandidateSpoke)}
    last: dict[str, CaptionAgreed] = {}
    stretches: dict[str, dict[int, str]] = {}
    for entry in entries:
        if isinstance(entry, CaptionAgreed):
            last[entry.item] = entry
            stretches.setdefault(entry.item, {})[entry.started_ms] = entry.text
    found: list[AnyEntry] = []
    for entry in entries:
        if isinstance(entry, ReplyEnded):
            if end := ends.pop(entry.response, None):
                found.append(msgspec.structs.replace(end, at_ms=entry.at_ms))
        elif not isinstance(entry, CaptionAgreed):
            found.append(entry)
        elif entry is last[entry.item] and entry.item not in finished:
            said = stretches[entry.item]
            if text := joined(*(said[start] for start in sorted(said))):
                at = entry.at_ms
                found.append(CandidateSpoke(at, entry.item, text, min(said), at, broken_off=True))
    return found
