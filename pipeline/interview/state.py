"""The state of an interview, and how a finished reply changes it. Pure.

`interviewer.py` decides from it what comes next; `replay.py` restores it from the record.
"""

import enum
from dataclasses import dataclass, replace

from models.contracts import Message

from ..conversation.agent import LlmTask
from ..conversation.microphone import Trouble
from ..journal import ReplyPlanned
from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import joined, quotes, was_heard, words
from . import wording
from .meaning import asked_in
from .notices import Notice, outstanding
from .plan import Plan


class Act(enum.StrEnum):
    GREET = "greet"
    WELCOME_BACK = "welcome_back"
    ASK = "ask"
    FOLLOW_UP = "follow_up"
    ANSWER = "answer"
    ASK_AGAIN = "ask_again"
    NUDGE = "nudge"
    CLOSE = "close"


class Wanted(enum.StrEnum):
    """Parts of replies that an LLM can word."""

    GREETING = "greeting"
    ACKNOWLEDGEMENT = "acknowledgement"
    FOLLOW_UP = "follow_up"
    ANSWER = "answer"
    """The answer to the candidate's own question."""


class Ending(enum.StrEnum):
    """Reasons for closing an interview."""

    COMPLETED = "completed"
    TIME = "time"
    CANDIDATE_LEFT = "candidate_left"
    """The candidate asked to stop."""
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of an interview through its plan."""

    greeted: bool = False
    asked: int = 0
    """Number of the plan's questions that the candidate has heard, which is also the next one's
    index."""
    cut: bool = False
    """True if the next question was begun but not enough of it was heard: it is due without further
    ado."""
    cut_short: bool = False
    """True if a follow-up was begun but its question was not heard: the answer before it stands."""
    asking: str = ""
    """The question that waits for an answer, as it was said: the plan's or a follow-up."""
    follow_ups: int = 0
    """Number of follow-ups asked about the plan's latest question."""
    nudges: int = 0
    """Number of nudges about the pending question."""
    repeats: int = 0
    """Times in a row that the pending question was put off or said again, unless the candidate
    asked something."""
    silences: int = 0
    """Number of questions in a row that were left without a word."""
    closed: bool = False
    reason: str = ""
    """One of `Ending`, once closed."""


@dataclass(frozen=True, slots=True)
class Move:
    """A reply of the interviewer; see `conversation/agent.py` for the order of its parts."""

    act: Act
    note: str = ""
    """The director's note: what this reply does, in words for a language model."""
    question: int | None = None
    """Index of the plan's question that this move asks; None also for a repeated follow-up."""
    wanted: Wanted | None = None
    """The part that the LLM words; None if all is said in the plan's words."""
    opening: str = ""
    lead: str = ""
    task: LlmTask | None = None
    instead: str = ""
    closing: str = ""
    """The question that the reply asks in the plan's words, or the goodbye."""
    notices: tuple[tuple[Notice, str], ...] = ()
    """The notices in the opening, each with its words."""
    after: Progress = Progress()
    """Progress of the interview once this move was heard."""
    language: Language = ENGLISH

    @property
    def last(self) -> bool:
        return self.act is Act.CLOSE

    @property
    def reason(self) -> str:
        """Return the reason why the interview ends, one of `Ending`; empty if it does not."""
        return self.after.reason if self.last else ""

    def notices_heard(self, said: str) -> tuple[Notice, ...]:
        """Return the notices of the reply that were heard to the last word. The share of words that
        suffices for a question would accept a notice without "is recorded"."""
        return tuple(notice for notice, text in self.notices if quotes(text, said))

    def planned(self, at_ms: int, response: str, item: str) -> ReplyPlanned:
        """Return the move's entry in the journal."""
        return ReplyPlanned(
            at_ms, response, item, self.act, self.note, self.question, reason=self.reason
        )


@dataclass(frozen=True, slots=True)
class InterviewState:
    """Everything needed to go on with an interview: at the start, after a reconnect, after a
    restart."""

    progress: Progress = Progress()
    messages: tuple[Message, ...] = ()
    """The dialogue as the LLM sees it: system prompt, then user, note and assistant messages; only
    what was heard. It only ever grows at its end."""
    elapsed_ms: int = 0
    """The session's clock: at the end of the record that the state was made from, or at the move
    that is made in it."""
    unanswered: str = ""
    """The candidate's words to which no reply was heard; they are not in `messages` yet."""
    broken_off: bool = False
    """True if the connection ended while the candidate was saying them."""
    incomplete: bool = False
    """True if more of them may have been said than is on record."""
    recorded: bool = False
    """True if the conversation, or a part of it, is recorded."""
    told: tuple[Notice, ...] = ()
    """The notices that were heard."""

    spoken: str = ""
    """Code of the language that the candidate speaks, if it is not the plan's."""
    troubles: tuple[Trouble, ...] = ()
    """Troubles with the candidate's microphone that are still to be spoken of."""
    advised: frozenset[Trouble] = frozenset()
    """Troubles that were spoken of: nobody is told twice."""

    @property
    def said(self) -> list[str]:
        """Return what was heard of the interviewer's replies, oldest first."""
        return [message.content for message in self.messages if message.role == "assistant"]

    @property
    def outstanding(self) -> tuple[Notice, ...]:
        """Return the notices that the candidate has not heard yet."""
        return outstanding(self.told, recorded=self.recorded)


def begin(plan: Plan) -> InterviewState:
    """Return the state before the first word."""
    return InterviewState(messages=(Message("system", wording.system_prompt(plan)),))


def troubled(state: InterviewState, trouble: Trouble | None) -> InterviewState:
    """Return the state in which this is wrong with the candidate's microphone; None: nothing is,
    so that nothing is said about it."""
    if trouble is None:
        return replace(state, troubles=())
    if trouble in state.advised or trouble in state.troubles:
        return state
    return replace(state, troubles=(*state.troubles, trouble))


def speaks(plan: Plan, state: InterviewState, language: str) -> InterviewState:
    """Return the state in which the candidate speaks this language; empty: the plan's. Where they
    are not understood in it, they are told so."""
    others = tuple(each for each in state.troubles if each is not Trouble.LANGUAGE)
    state = replace(state, spoken=language, troubles=others)
    misunderstood = bool(language) and not plan.any_language
    return troubled(state, Trouble.LANGUAGE) if misunderstood else state


def prompt(state: InterviewState, move: Move, user: str | None) -> tuple[Message, ...]:
    """Return the messages from which the LLM makes this move: the dialogue, the candidate's turn
    (`None`: there was none; empty: not understood) and the director's note."""
    return (*beginning(state, user), Message("system", move.note))


def beginning(state: InterviewState, user: str | None) -> tuple[Message, ...]:
    """Return the dialogue so far, with what the candidate is saying."""
    return state.messages + _turn(state, user)


def heard(state: InterviewState, move: Move, said: str, user: str | None) -> InterviewState:
    """Return the state after a reply; `said` is what was heard of it, `user` the candidate's turn
    that it answered.

    If no word of the reply was heard, only the candidate's words remain.
    """
    if not words(said):
        unanswered = joined(state.unanswered, user)
        broken_off = state.broken_off and user is None
        return replace(state, unanswered=unanswered, broken_off=broken_off)
    spoke = bool(words(joined(state.unanswered, user)))
    progress = _progress(state.progress, move, said)
    advice = move.language.sentences.advice
    advised = {each for each in state.troubles if each in advice and quotes(advice[each], said)}
    left_unsaid = user is None and not spoke and move.act is Act.ASK
    silences = 0 if spoke else progress.silences + left_unsaid
    return replace(
        state,
        progress=replace(progress, silences=silences),
        messages=(*prompt(state, move, user), Message("assistant", said)),
        unanswered="",
        told=(*state.told, *move.notices_heard(said)),
        troubles=tuple(trouble for trouble in state.troubles if trouble not in advised),
        advised=state.advised | advised,
        broken_off=False,
    )


def advanced(
    progress: Progress, act: Act, question: int | None, closing: str, reason: str
) -> Progress:
    """Return the progress once a reply of this kind was heard."""
    progress = replace(progress, cut_short=False)
    if question is not None and question >= progress.asked:
        return Progress(
            greeted=True, asked=question + 1, asking=closing, silences=progress.silences
        )
    match act:
        case Act.CLOSE:
            return replace(progress, closed=True, reason=reason)
        case Act.FOLLOW_UP:
            return replace(progress, follow_ups=progress.follow_ups + 1, nudges=0, repeats=0)
        case Act.NUDGE:
            return replace(progress, nudges=progress.nudges + 1)
        case Act.WELCOME_BACK | Act.ANSWER:
            return replace(progress, nudges=0, repeats=0)
    return replace(progress, repeats=progress.repeats + 1)


def _turn(state: InterviewState, user: str | None) -> tuple[Message, ...]:
    if user is None and not state.unanswered:
        return ()
    text = joined(state.unanswered, user)
    return (Message("user", text or wording.UNHEARD_TURN),)


def _progress(before: Progress, move: Move, said: str) -> Progress:
    if move.question is not None and not was_heard(move.closing, said):
        return replace(before, greeted=True, cut=before.cut or move.question >= before.asked)
    if move.act is Act.FOLLOW_UP:
        asked = asked_in(said, move.language)
        return replace(move.after, asking=asked or before.asking, cut_short=not asked)
    return move.after
