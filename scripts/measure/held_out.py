"""Interviews to measure language models with: jobs, questions and answers of `interviews/`, written
by hand and used for nothing else, and a candidate who gives the answers."""

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from pipeline.interview.plan import Plan, Question

FOLDER = Path(__file__).with_name("interviews")
EVERYDAY = "everyday.toml"
INTERVIEWS = 48
QUESTIONS = 5
"""Questions of the plan of each interview; follow-ups and requests make six to eight turns."""
KINDS = {
    "good": 9,
    "medium": 8,
    "short": 7,
    "empty": 3,
    "evasive": 2,
    "off_topic": 2,
    "good and a question": 2,
    "medium and a question": 1,
    "question": 2,
    "request": 1,
}
"""Kinds of turns, with their shares."""
FLAT, MISHEARD, FILLED = 0.2, 0.2, 0.15
"""Shares of the answers without marks and capitals, with misheard words, and with a filler."""
NO_ANSWER = frozenset({"question", "request"})
SUBSTANTIAL = frozenset({"good", "medium", "short", "more", "off_topic"})
"""Kinds of turns that name something that a reply can take up."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question of a plan, with answers to it in three grades and more."""

    text: str
    rubric: str
    good: str
    medium: str
    short: str
    """A few words with something definite in them."""
    empty: str
    more: str
    """An answer to a follow-up."""
    paraphrase: str = ""
    """The good answer in other words, or the medium one if it is as short."""


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    summary: str
    profile: str
    asks: tuple[tuple[str, tuple[str, ...]], ...]
    """Questions of candidates which the summary answers, each with words of which an answer has
    one."""
    question: tuple[Asked, ...]


class Everyday(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What candidates of every job are called and say."""

    candidates: tuple[str, ...]
    others: tuple[str, ...]
    interviewers: tuple[str, ...]
    evasive: tuple[str, ...]
    off_topic: tuple[str, ...]
    never: tuple[str, ...]
    requests: tuple[str, ...]
    starts: tuple[str, ...]
    misheard: dict[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of the candidate."""

    text: str
    kind: str
    """One of `KINDS`, or "more" for an answer to a follow-up."""
    asked: str = ""
    """The candidate's own question in it."""
    facts: tuple[str, ...] = ()
    """Words of which an answer to that question has one; empty where the job's facts have none."""
    substantial: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What the candidate says to a question of the plan."""

    first: tuple[Said, ...]
    """Said one after the other as long as that question is asked again."""
    more: Said
    """Said to a follow-up."""


@dataclass(slots=True)
class HeldOut:
    """An interview: its plan, and a turn for each question."""

    number: int
    plan: Plan
    turns: tuple[Turn, ...]
    _given: dict[int, int] = field(default_factory=dict)

    def says(self, question: int, *, follow_up: bool) -> Said:
        """Return what the candidate says next to this question of the plan, or to a follow-up."""
        turn = self.turns[question]
        if follow_up:
            return turn.more
        given = self._given.get(question, 0)
        self._given[question] = given + 1
        return turn.first[min(given, len(turn.first) - 1)]


@cache
def jobs() -> tuple[Job, ...]:
    paths = sorted(path for path in FOLDER.glob("*.toml") if path.name != EVERYDAY)
    return tuple(msgspec.toml.decode(path.read_bytes(), type=Job) for path in paths)


@cache
def everyday() -> Everyday:
    return msgspec.convert(tomllib.loads((FOLDER / EVERYDAY).read_text()), Everyday)


def texts() -> Iterator[str]:
    """Yield every sentence of candidates, and every question."""
    for job in jobs():
        for asked in job.question:
            yield asked.text
            yield from (asked.good, asked.medium, asked.short, asked.empty, asked.more)
            yield asked.paraphrase
    yield from (*everyday().evasive, *everyday().off_topic)


def interviews(count: int = INTERVIEWS) -> list[HeldOut]:
    """Return so many interviews, the same ones each time; the first few are those of a smaller
    count."""
    kinds = _deck()
    return [_interview(number, kinds) for number in range(count)]


def _deck() -> Iterator[str]:
    random_ = random.Random(17)
    while True:
        deck = [kind for kind, share in KINDS.items() for _ in range(share)]
        random_.shuffle(deck)
        yield from deck


def _interview(number: int, kinds: Iterator[str]) -> HeldOut:
    known, random_ = everyday(), random.Random(number)
    job = jobs()[number % len(jobs())]
    asked = random_.sample(job.question, QUESTIONS)
    plan = Plan(
        tuple(Question(each.text, rubric=each.rubric) for each in asked),
        candidate=known.candidates[number % len(known.candidates)],
        interviewer=known.interviewers[number % len(known.interviewers)],
        job_title=job.title,
        job_summary=job.summary,
        candidate_summary=job.profile,
    )
    turns = tuple(_turn(job, each, next(kinds), random_) for each in asked)
    return HeldOut(number, plan, turns)


def _turn(job: Job, asked: Asked, kind: str, random_: random.Random) -> Turn:
    known = everyday()
    more = Said(_as_heard(asked.more, random_), "more", substantial=True)
    main, _, with_question = kind.partition(" and ")
    if kind in NO_ANSWER:
        answer = Said(_as_heard(asked.medium, random_), "medium", substantial=True)
        request = Said(random_.choice(known.requests), kind)
        return Turn((request if kind == "request" else _question(job, random_), answer), more)
    texts = {"evasive": random_.choice(known.evasive), "off_topic": random_.choice(known.off_topic)}
    text = texts.get(main) or getattr(asked, main)
    if not with_question:
        text = _as_heard(text, random_)
        return Turn((Said(text, main, substantial=main in SUBSTANTIAL),), more)
    own = _question(job, random_)
    said = Said(f"{text} {own.text}", main, own.asked, own.facts, substantial=True)
    return Turn((said,), more)


def _question(job: Job, random_: random.Random) -> Said:
    """Return a question of the candidate; the job's facts answer two of three."""
    unknown = [(text, ()) for text in everyday().never]
    text, facts = random_.choice([*job.asks, random_.choice(unknown)])
    return Said(text, "question", text, tuple(facts))


def _as_heard(text: str, random_: random.Random) -> str:
    """Return the text as a recognizer may write it."""
    known = everyday()
    if random_.random() < FILLED:
        text = f"{random_.choice(known.starts)} {text[0].lower()}{text[1:]}"
    draw = random_.random()
    if draw < FLAT:
        return re.sub(r"[.,:?!]", "", text).lower()
    if draw < FLAT + MISHEARD:
        return _misheard(text, known.misheard)
    return text


def _misheard(text: str, misheard: dict[str, str]) -> str:
    def word(found: re.Match[str]) -> str:
        heard = misheard.get(found[0].lower(), found[0])
        return heard[0].upper() + heard[1:] if found[0][0].isupper() else heard

    return re.sub(r"\w+", word, text)


def distinct(chosen: Sequence[HeldOut]) -> int:
    """Return the number of different texts that candidates say in these interviews."""
    turns = [turn for interview in chosen for turn in interview.turns]
    return len({said.text for turn in turns for said in (*turn.first, turn.more)})
