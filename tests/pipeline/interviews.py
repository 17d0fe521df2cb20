"""Scripted interviews for tests: a candidate's turns in, the moves and the record out."""

from dataclasses import dataclass, field, replace

from models.contracts import Form
from pipeline.interview import interviewer
from pipeline.interview.agent import Interviewer
from pipeline.interview.interviewer import Act, InterviewState, Move
from pipeline.interview.llm_part import with_llm
from pipeline.interview.plan import Plan, Question
from pipeline.journal import (
    AnyEntry,
    CandidateSpoke,
    ClauseSaid,
    Connected,
    Disconnected,
    ReplyEnded,
)
from pipeline.journal import InterviewEnded as Ended
from pipeline.matching import joined

LONG = (
    "In my last job at Siemens I rebuilt the billing service with three colleagues, because it "
    "failed every month, and after that we had no outage for a year and saved 40 percent."
)
SILENCE = None
ALL = 10_000
"""More words than any reply has: it was heard to its end."""


def plan(*texts: str, follow_ups: int = 1, minutes: int = 30) -> Plan:
    texts = texts or (
        "What did you do in your last job?",
        "How do you find the cause of a fault?",
        "Why do you want to work with us?",
    )
    questions = tuple(Question(text, follow_ups, f"Covers {text}") for text in texts)
    return Plan(questions, candidate="Maria Silva", job_title="Engineer", minutes=minutes)


def worded(move: Move) -> str:
    """What is said of the words of a model that obeys the note."""
    return "Could you tell me more about that?" if move.act is Act.FOLLOW_UP else "Thank you."


@dataclass
class Interview:
    """Plays both sides as a session does; every reply obeys its note."""

    plan: Plan
    state: InterviewState = field(init=False)
    entries: list[AnyEntry] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    at_ms: int = 0
    form: Form = "dialogue"
    recording: int | None = None
    """Number of the recording of the connections from now on."""

    def __post_init__(self) -> None:
        self.state = interviewer.begin(self.plan)

    def open(self, hears: int = ALL) -> Move:
        self.entries.append(Connected(self.at_ms, self.recording))
        if self.recording is not None:
            self.state = replace(self.state, recorded=True)
        return self._reply(interviewer.open_floor(self.plan, self.state), None, hears)

    def reopen(self, hears: int = ALL) -> Move:
        """The socket dropped and came back in another process."""
        self.entries.append(Disconnected(self.at_ms))
        self.state = interviewer.resume(self.plan, self.entries)
        return self.open(hears)

    def say(self, text: str | None, hears: int = ALL, *, ms: int = 5000) -> Move:
        """The candidate says this, or nothing, and hears so many words of the reply."""
        started = self.at_ms
        self.at_ms += ms
        if text is SILENCE:
            move = interviewer.silence(self.plan, self._now())
        else:
            self.listen(text, started)
            move = interviewer.answer(self.plan, self._now(), text)
        return self._reply(move, text, hears)

    def _now(self) -> InterviewState:
        return replace(self.state, elapsed_ms=self.at_ms)

    def listen(self, text: str, started: int) -> None:
        """The candidate's turn is on record; the reply to it is still to come."""
        item = f"item_{len(self.entries)}"
        self.entries.append(CandidateSpoke(self.at_ms, item, text, started, self.at_ms))

    def _reply(self, move: Move, user: str | None, hears: int) -> Move:
        move = with_llm(self.form, self.plan, self.state, move, user)
        words = worded(move) if move.task else joined(move.lead, move.instead)
        said = joined(move.opening, words, move.closing)
        spoken = said.split()
        heard, unheard = " ".join(spoken[:hears]), " ".join(spoken[hears:])
        response = f"resp_{len(self.moves)}"
        self.entries.append(move.planned(self.at_ms, response, f"{response}_item"))
        if heard:
            self.entries.append(ClauseSaid(self.at_ms, response, said))
        self.at_ms += 300 * min(hears, len(spoken))
        status = "cancelled" if unheard else "completed"
        notices = move.notices_heard(heard)
        self.entries.append(ReplyEnded(self.at_ms, response, status, heard, unheard, notices))
        self.state = interviewer.heard(self.state, move, heard, user)
        self.moves.append(move)
        if move.act is Act.CLOSE and not unheard:
            self.entries.append(Ended(self.at_ms, self.state.progress.reason))
        return move

    @property
    def agent(self) -> Interviewer:
        """The agent of a session that goes on from here."""
        return Interviewer(self.plan, self.state, self.form)

    @property
    def over(self) -> bool:
        return isinstance(self.entries[-1], Ended)

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(message.role, message.content) for message in self.state.messages]
