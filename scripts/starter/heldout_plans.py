"""Interviews to measure with: hand-written jobs, questions and answers, mixed anew."""

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pipeline.interview import wording
from pipeline.interview.plan import Plan, Question

SOURCE = Path(__file__).with_name("heldout") / "interviews.toml"
MADE_UP = (
    "Va Ore Thi Que Mbo Xan Yl Dzo Kha Fje Aru Wi".split(),
    "lka ndro the bba rvi ssil gne zou mme phi".split(),
)
INAUDIBLE = ["", "[inaudible]", "uh"]
AFTERTHOUGHTS = [
    "It was mostly the patience that made the difference.",
    "I would say about forty minutes each time.",
    "My colleague Ferdinand helped with the paperwork.",
    "I wrote a short checklist and stuck it on the wall.",
    "Nobody noticed, which was the best result.",
]


@dataclass(frozen=True, slots=True)
class Turn:
    kind: str
    """greet, acknowledge, follow up, answer, again or close"""
    said: str | None
    """What the candidate says before; None at the start of an interview."""
    note: str
    question: str | None
    """What has to be asked, word for word."""


@dataclass(frozen=True, slots=True)
class Interview:
    plan: Plan
    turns: list[Turn]


def source() -> dict:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


def interviews(count: int, seed: int = 4242) -> list[Interview]:
    """So many interviews, the same for the same seed."""
    given, random_ = source(), random.Random(seed)
    return [_interview(given, given["job"][i % len(given["job"])], random_) for i in range(count)]


def _interview(given: dict, job: dict, random_: random.Random) -> Interview:
    pairs = random_.sample(job["answers"], random_.randint(3, 5))
    candidate = random_.choice(given["candidates"])
    if random_.random() < 0.4:
        candidate = "".join(random_.choice(part) for part in MADE_UP)
    plan = Plan(
        questions=tuple(Question(text=question) for question, _ in pairs),
        candidate=candidate,
        interviewer=random_.choice(given["interviewers"]),
        job_title=job["title"],
        job_summary=job["summary"],
        candidate_summary=job["profile"],
    )
    greeting = random_.choice([None, None, "Hello."])
    turns = [Turn("greet", greeting, wording.greet_note(plan, 0), pairs[0][0])]
    for i, (question, answer) in enumerate(pairs):
        turns += _answered(plan, i, question, _as_heard(answer, random_), given, random_)
    return Interview(plan, turns)


def _answered(
    plan: Plan, index: int, question: str, answer: str, given: dict, random_: random.Random
) -> list[Turn]:
    """What happens between a question and the next, or the end."""
    turns = []
    if random_.random() < 0.15:
        turns.append(
            Turn("again", random_.choice(INAUDIBLE), wording.again_note(question), question)
        )
    if random_.random() < 0.3:
        turns.append(Turn("follow up", answer, wording.FOLLOW_UP_NOTE, None))
        answer = random_.choice(AFTERTHOUGHTS)
    if index + 1 == len(plan.questions):
        return [*turns, Turn("close", answer, wording.CLOSE_NOTE, None)]
    following = plan.questions[index + 1].text
    if random_.random() < 0.12:
        asked = random_.choice(given["candidate_questions"])
        return [*turns, Turn("answer", asked, wording.answer_note(plan, index + 1), following)]
    return [*turns, Turn("acknowledge", answer, wording.ask_note(plan, index + 1), following)]


def _as_heard(answer: str, random_: random.Random) -> str:
    """At times without marks and capitals, or with a filler, as a recognizer writes."""
    draw = random_.random()
    if draw < 0.18:
        return re.sub(r"[.,?]", "", answer).lower()
    return f"Um, {answer}" if draw < 0.3 else answer
