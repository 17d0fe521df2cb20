"""Say an answer in other words: does any verdict on it change?

    python -m scripts.measure.check_paraphrases                         # the starter interviewer
    python -m scripts.measure.check_paraphrases --llm qwen2.5-coder-0.5b-iq4_nl --models-dir models

The answers are those of the interviews that models are evaluated with (held_out.py) which are there
in other words, and those of paraphrases.toml, whose jobs no rule was chosen with. Of the latter it
is also told whether the better of two answers has the higher score.
"""

import argparse
import asyncio
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models import load, manifest
from models.choice import Choice
from models.contracts import Llm
from pipeline.assessment.assessor import Assessor, assessor_of
from pipeline.assessment.judgement import AnswerAssessment, judge
from pipeline.assessment.remembering import Remembering
from pipeline.assessment.transcript import Answered
from pipeline.interview.plan import Plan, Question
from pipeline.matching import words

from .held_out import jobs

FILE = Path(__file__).with_name("paraphrases.toml")
BAR = 0.05
"""Share of the verdicts that other words may change."""


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers of three grades to one question, two of them in other words too."""

    job: str
    text: str
    rubric: str
    good: str
    medium: str
    empty: str
    good_again: str
    medium_again: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    question: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """An answer to a question, and the same one in other words."""

    text: str
    rubric: str
    answer: str
    again: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The judgements of both."""

    pair: Pair
    one: AnswerAssessment
    other: AnswerAssessment

    @property
    def changed(self) -> list[bool]:
        """Return for each criterion whether its verdict changed."""
        both = zip(self.one.criteria, self.other.criteria, strict=True)
        return [a.met != b.met for a, b in both]

    @property
    def moved(self) -> int:
        """A score that is missing is no score that moved."""
        one, other = self.one.score, self.other.score
        return 0 if one is None or other is None else abs(one - other)


def fresh() -> tuple[Said, ...]:
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), _File).question


def of_interviews() -> Iterator[Pair]:
    for asked in (asked for job in jobs() for asked in job.question if asked.paraphrase):
        same = min((asked.good, asked.medium), key=lambda each: _longer(each, asked.paraphrase))
        yield Pair(asked.text, asked.rubric, same, asked.paraphrase)


def _longer(one: str, other: str) -> int:
    return abs(len(words(one)) - len(words(other)))


def of_others() -> Iterator[Pair]:
    for said in fresh():
        yield Pair(said.text, said.rubric, said.good, said.good_again)
        yield Pair(said.text, said.rubric, said.medium, said.medium_again)


async def compared(llm: Llm, pairs: Sequence[Pair], assessor: Assessor) -> list[Compared]:
    return [
        Compared(
            pair,
            await _judged(llm, pair.text, pair.rubric, pair.answer, assessor),
            await _judged(llm, pair.text, pair.rubric, pair.again, assessor),
        )
        for pair in pairs
    ]


async def ordered(llm: Llm, questions: Sequence[Said], assessor: Assessor) -> list[bool]:
    """Return for each two grades of an answer whether the better one has the higher score."""
    found = []
    for said in questions:
        answers = (said.good, said.medium, said.empty)
        judged = [await _judged(llm, said.text, said.rubric, each, assessor) for each in answers]
        good, medium, empty = (-1 if each.score is None else each.score for each in judged)
        found += [good > medium, medium > empty, good > empty]
    return found


async def _judged(
    llm: Llm, text: str, rubric: str, answer: str, assessor: Assessor
) -> AnswerAssessment:
    plan = Plan((Question(text, rubric=rubric),))
    answered = Answered(question=0, said=text, answer=answer, asked_ms=0, answered_ms=1)
    return await judge(llm, plan, answered, assessor)


def report(name: str, found: Sequence[Compared]) -> bool:
    """Print what changed; return whether it is little enough."""
    for each in found:
        if any(each.changed):
            print(f"{each.one.score} -> {each.other.score}  {each.pair.again}")
    changed = [verdict for each in found for verdict in each.changed]
    moved = [each.moved for each in found]
    print(
        f"{name}: {sum(changed)} of {len(changed)} verdicts ({sum(changed) / len(changed):.1%})"
        f" changed by other words; scores moved by {sum(moved) / len(moved):.1f} points on average,"
        f" at most by {max(moved)}."
    )
    return sum(changed) <= BAR * len(changed)


async def main() -> bool:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--llm", default="starter-interviewer", help="id of a language model")
    parser.add_argument("--models-dir", type=Path, default=Path("models"))
    args = parser.parse_args()
    assessor = assessor_of(args.llm, manifest.read())
    choice = Choice(models_dir=args.models_dir, language_model=args.llm)
    async with load.language_model(choice) as loaded:
        llm = Remembering(loaded)
        others = report("other jobs", await compared(llm, list(of_others()), assessor))
        order = await ordered(llm, fresh(), assessor)
        print(f"better of two answers scored higher: {sum(order)} of {len(order)}")
        known = report("interviews", await compared(llm, list(of_interviews()), assessor))
    return others and known


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(main()) else 1)
