"""Hold an interview in text: the product's own agent and its way of wording a reply, without ears,
voice and waiting."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import msgspec

from models.contracts import Form, LlmStream, Reasoning
from models.errors import EngineError
from pipeline.conversation import llm_words
from pipeline.conversation.agent import LlmTask
from pipeline.conversation.checked_words import checked
from pipeline.conversation.llm_speech import LlmSpeech
from pipeline.interview.agent import Interviewer
from pipeline.interview.state import Move
from pipeline.matching import joined

from .held_out import HeldOut, Said

TURN_MS = 30_000
"""Time on the conversation's clock from one turn of the candidate to the next."""
TURNS = 9
READ_AHEAD = 0.75
"""Share of an answer's words that the model has read when the candidate stops speaking."""


class Exchange(msgspec.Struct, frozen=True):
    """A turn of the candidate and the reply to it."""

    interview: int
    turn: int
    said: Said | None
    """None: the interview begins."""
    answer: str
    """Everything that the candidate has said to the plan's question that was pending."""
    pending: str
    """The plan's question that was pending."""
    act: str
    question: str
    """The plan's question that the reply has to ask; empty if none."""
    heard: str
    """All words of the reply."""
    own: str
    """Those that the language model wrote and that were let through."""
    asked_llm: bool
    first_s: float | None
    """Seconds until the language model's first word."""
    whole_s: float | None
    failed: str = ""
    """The engine's error, if it had one."""
    known: str = ""
    """What the interviewer knows of job and candidate."""
    written: str = ""
    """All that the language model wrote, as far as it was read."""


@dataclass(slots=True)
class _Words:
    """The words of a reply, and how long they took."""

    heard: str = ""
    own: str = ""
    written: str = ""
    asked_llm: bool = False
    first_s: float | None = None
    whole_s: float | None = None
    failed: str = ""


@dataclass(slots=True)
class _Pending:
    """What the candidate is being asked."""

    question: int = 0
    follow_up: bool = False
    answers: list[str] = field(default_factory=list)

    def ask(self, question: int | None, act: str) -> None:
        if question is not None and question != self.question:
            self.question, self.follow_up, self.answers = question, False, []
        self.follow_up = self.follow_up or act == "follow_up"


async def hold(
    interview: HeldOut,
    stream: LlmStream,
    reasoning: Reasoning,
    form: Form = "tasks",
    *,
    turns: int = TURNS,
) -> list[Exchange]:
    """Hold the interview to its end, or to so many replies; return every turn."""
    agent, pending, found = Interviewer(interview.plan, form=form), _Pending(), []
    move, said = agent.open(), None
    for turn in range(turns):
        words = await _words_of(move, agent, stream, reasoning)
        planned = move.planned(0, "", "")
        found.append(_exchange(interview, turn, said, pending, words, planned))
        agent.heard(move, words.heard, said.text if said else None)
        if move.last:
            break
        pending.ask(planned.question, planned.act)
        said = interview.says(pending.question, follow_up=pending.follow_up)
        pending.answers.append(said.text)
        await stream.warm(agent.anticipate(_begun(said.text)))
        move = agent.answer(said.text, (turn + 1) * TURN_MS)
    return found


def _begun(text: str) -> str:
    """Return the part of an answer that the model can have read before its end."""
    spoken = text.split()
    return " ".join(spoken[: round(READ_AHEAD * len(spoken))])


def _exchange(
    interview: HeldOut, turn: int, said: Said | None, pending: _Pending, words: _Words, planned
) -> Exchange:
    plan, questions = interview.plan, interview.plan.questions
    return Exchange(
        interview.number,
        turn,
        said,
        joined(*pending.answers),
        questions[pending.question].text,
        planned.act,
        "" if planned.question is None else questions[planned.question].text,
        words.heard,
        words.own,
        words.asked_llm,
        words.first_s,
        words.whole_s,
        words.failed,
        joined(plan.job_title, plan.job_summary, plan.candidate_summary, plan.candidate),
        words.written,
    )


async def _words_of(
    move: Move, agent: Interviewer, stream: LlmStream, reasoning: Reasoning
) -> _Words:
    """Return the words of the reply as a candidate would hear them."""
    words = _Words()
    if move.task:
        await _ask(move.task, agent, stream, reasoning, words)
    words.heard = joined(move.opening, words.own or joined(move.lead, move.instead), move.closing)
    return words


async def _ask(
    task: LlmTask, agent: Interviewer, stream: LlmStream, reasoning: Reasoning, words: _Words
) -> None:
    def check(text: str) -> str:
        words.written = joined(words.written, text)
        return task.check(text)

    speech = LlmSpeech(*agent.names, agent.language)
    words.asked_llm, began = True, time.perf_counter()
    pieces = llm_words.read(
        stream,
        task.messages,
        speech,
        reasoning,
        max_tokens=task.max_tokens,
        choices=task.choices,
    )
    try:
        async for text in checked(_timed(pieces, words, began), replace(task, check=check)):
            words.own = "" if text is None else joined(words.own, text)
    except (EngineError, TimeoutError) as exc:
        words.failed = type(exc).__name__
    words.whole_s = time.perf_counter() - began


async def _timed(
    pieces: AsyncGenerator[str | None, None], words: _Words, began: float
) -> AsyncGenerator[str | None, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            words.first_s = words.first_s or time.perf_counter() - began
            yield piece
