"""Have a language model assess answers of which a person knows how good they are."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from models import manifest
from models.contracts import Llm
from pipeline.assessment.assessor import assessor_of
from pipeline.assessment.judgement import AnswerAssessment, judge
from pipeline.assessment.transcript import Answered
from pipeline.interview.plan import Plan, Question
from pipeline.matching import quotes

from .held_out import Asked, Job, everyday, jobs

GRADES = ("good", "medium", "empty")
SPREAD = ("rerun", "one name", "other name", "paraphrase")
QUESTIONS_OF_JOB = 2
MODELS_FAULT = frozenset({"model_failed", "unusable", "no_evidence"})
"""Reasons for an answer without a score that lie with the model."""
STEADY = 3
"""Points by which the score of the same answer may differ."""


class Graded(msgspec.Struct, frozen=True):
    """The assessment of one answer."""

    question: str
    what: str
    """One of `GRADES` or of `SPREAD`."""
    answer: str
    score: int | None
    reason: str
    evidence: tuple[str, ...]
    verdicts: tuple[str, ...]
    """What was found of each criterion; empty where the model gives a score alone."""
    seconds: float

    @property
    def at_fault(self) -> bool:
        return self.reason in MODELS_FAULT

    @property
    def verbatim(self) -> bool:
        return all(quotes(each, self.answer) for each in self.evidence)


@dataclass(frozen=True, slots=True)
class Task:
    """A question whose answers are to be assessed, in which versions."""

    job: Job
    asked: Asked
    spread: bool

    def answers(self) -> Iterator[tuple[str, str]]:
        for grade in GRADES:
            yield grade, getattr(self.asked, grade)
        if not self.spread:
            return
        names = everyday()
        yield "rerun", self.asked.good
        yield "one name", f"My name is {names.candidates[0]}. {self.asked.good}"
        yield "other name", f"My name is {names.others[2]}. {self.asked.good}"
        if self.asked.paraphrase:
            yield "paraphrase", self.asked.paraphrase


def tasks(few: int | None = None) -> list[Task]:
    """Return the questions to assess, each job's first with its spread; or the first few of
    them."""
    found = [
        Task(job, job.question[n], spread=n == 0) for n in range(QUESTIONS_OF_JOB) for job in jobs()
    ]
    return found[:few]


async def graded(llm: Llm, task: Task, model: str) -> list[Graded]:
    assessor = assessor_of(model, manifest.read())
    plan = Plan(
        (Question(task.asked.text, rubric=task.asked.rubric),),
        job_title=task.job.title,
        job_summary=task.job.summary,
    )
    found = []
    for what, answer in task.answers():
        answered = Answered(
            question=0, said=task.asked.text, answer=answer, asked_ms=0, answered_ms=1
        )
        began = time.perf_counter()
        judged = await judge(llm, plan, answered, assessor)
        took = time.perf_counter() - began
        found.append(
            Graded(
                task.asked.text,
                what,
                answer,
                judged.score,
                judged.reason,
                judged.evidence,
                verdicts_of(judged),
                took,
            )
        )
    return found


def verdicts_of(judged: AnswerAssessment) -> tuple[str, ...]:
    return tuple(each.met for each in judged.criteria)


# Figures


def in_order(found: Sequence[Graded]) -> list[bool]:
    """Return for each question, and each two of its three grades, whether the better answer has the
    higher score. An answer that was not taken for one has less than any score."""
    verdicts = []
    for by_grade in _by_question(found):
        good, medium, empty = (_points(by_grade[grade]) for grade in GRADES)
        pairs = ((good, medium), (medium, empty), (good, empty))
        verdicts += [None not in pair and pair[0] > pair[1] for pair in pairs]
    return verdicts


def all_in_order(found: Sequence[Graded]) -> list[bool]:
    """Return for each question whether good, medium and empty are in strict order."""
    verdicts = in_order(found)
    return [all(verdicts[n : n + 3]) for n in range(0, len(verdicts), 3)]


def moved(found: Sequence[Graded], one: str, other: str) -> list[int]:
    """Return by how many points two versions of the same answer differ."""
    return [
        abs(a - b)
        for each in _by_question(found)
        if one in each and other in each
        for a, b in [(each[one].score, each[other].score)]
        if a is not None and b is not None
    ]


def changed(found: Sequence[Graded], one: str, other: str) -> list[bool]:
    """Return for each criterion whether two versions of the same answer changed its verdict."""
    return [
        a != b
        for each in _by_question(found)
        if one in each and other in each
        for a, b in zip(each[one].verdicts, each[other].verdicts, strict=False)
    ]


def _points(each: Graded) -> int | None:
    if each.score is None:
        return None if each.at_fault else -1
    return each.score


def _by_question(found: Sequence[Graded]) -> list[dict[str, Graded]]:
    questions: dict[str, dict[str, Graded]] = {}
    for each in found:
        questions.setdefault(each.question, {})[each.what] = each
    return list(questions.values())
