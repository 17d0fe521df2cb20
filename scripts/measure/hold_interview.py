"""Hold an interview in text: the product's own agent and its way of wording a reply, without ears,
voice and waiting."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from models.contracts import LlmStream, Reasoning
from models.errors import EngineError
from pipeline.conversation import llm_words
from pipeline.conversation.llm_speech import LlmSpeech
from pipeline.interview.agent import Interviewer
from pipeline.interview.state import Move
from pipeline.matching import joined

from .held_out import HeldOut, Said

TURN_MS = 30_000
"""Time on the conversation's clock from one turn of the candidate to the next."""
TURNS = 9


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
    """Those that the language model wrote."""
    asked_llm: bool
    first_s: float | None
    """Seconds until the language model's first word."""
    whole_s: float | None
    failed: str = ""
    """The engine's error, if it had one."""


@dataclass(slots=True)
class _Words:
    """The words of a reply, and how long they took."""

    heard: str = ""
    own: str = ""
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


async def hold(interview: HeldOut, stream: LlmStream, reasoning: Reasoning) -> list[Exchange]:
    """Hold the interview to its end; return every turn."""
    agent, pending, found = Interviewer(interview.plan), _Pending(), []
    move, said = agent.open(), None
    for turn in range(TURNS):
        words = await _words_of(move, agent, stream, reasoning)
        planned = move.planned(0, "", "")
        found.append(_exchange(interview, turn, said, pending, words, planned))
        agent.heard(move, words.heard, said.text if said else None)
        if move.last:
            break
        pending.ask(planned.question, planned.act)
        said = interview.says(pending.question, follow_up=pending.follow_up)
        pending.answers.append(said.text)
        await _warm(agent, stream)
        move = agent.answer(said.text, (turn + 1) * TURN_MS)
    return found


def _exchange(
    interview: HeldOut, turn: int, said: Said | None, pending: _Pending, words: _Words, planned
) -> Exchange:
    questions = interview.plan.questions
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
    )


async def _warm(agent: Interviewer, stream: LlmStream) -> None:
    """Let the model read ahead, as it does while the candidate speaks."""
    await stream.warm(agent.messages)


async def _words_of(
    move: Move, agent: Interviewer, stream: LlmStream, reasoning: Reasoning
) -> _Words:
    """Return the words of the reply as a candidate would hear them."""
    words = _Words()
    if not move.fixed:
        await _ask(move, agent, stream, reasoning, words)
    words.heard = joined(move.opening, words.own, move.missing(words.own))
    return words


async def _ask(
    move: Move, agent: Interviewer, stream: LlmStream, reasoning: Reasoning, words: _Words
) -> None:
    speech = LlmSpeech(*agent.names, agent.language)
    words.asked_llm, began = True, time.perf_counter()
    try:
        async for piece in llm_words.read(stream, move.messages, speech, reasoning):
            if piece is None:  # what came before was reasoning
                words.own = ""
                continue
            words.first_s = words.first_s or time.perf_counter() - began
            words.own += piece
            if move.is_complete(words.own):
                break
    except (EngineError, TimeoutError) as exc:
        words.failed = type(exc).__name__
    words.whole_s = time.perf_counter() - began


def acts(exchanges: Sequence[Exchange], *wanted: str) -> list[Exchange]:
    return [each for each in exchanges if each.act in wanted]
