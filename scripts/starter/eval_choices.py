"""Measures of the interviewer in the small tasks of the service, by the service's own engine: does
it take up what an answer is about, and does it tell sentences that say something from those that
say nothing?"""

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path

from models import load
from models.choice import Choice
from models.contracts import Llm
from models.device import Machine
from pipeline.assessment import weighing
from pipeline.assessment.criteria import DEFAULT_RUBRIC, criteria
from pipeline.assessment.sentences import sentences
from pipeline.interview import tasks
from pipeline.interview.llm_part import warm_up
from pipeline.interview.plan import Plan, Question
from scripts.starter.heldout_plans import source
from scripts.starter.measure import Measure

BESIDE = Path(__file__).with_name("heldout") / "beside.toml"
NOTHING_SAID = (
    "I would leave that to somebody else.",
    "There is not much to say about it.",
    "You know how it is in such places.",
    "It went the way such things go.",
    "I suppose anybody would do the same.",
    "One gets through it in one way or another.",
)


def measure(path: Path) -> list[Measure]:
    return asyncio.run(_measure(path))


async def _measure(path: Path) -> list[Measure]:
    choice = Choice(path.parent, language_model=path.name, machine=Machine(sessions=1))
    async with load.language_model(choice) as llm:
        await warm_up(llm, "tasks")
        beside, chance = await _beside(llm)
        told = await _told(llm)
    return [
        Measure("names what an answer is about", 100 - beside, "%"),
        Measure("… if it chose by chance", 100 - chance, "%"),
        Measure("finds a sentence that says something likelier", told, "%"),
    ]


async def _beside(llm: Llm) -> tuple[float, float]:
    """Percentage of answers of which something beside the point is named, and by chance."""
    plan, stream = Plan((Question("Why?"),)), llm.open()
    wrong, chance = [], []
    for each in tomllib.loads(BESIDE.read_text(encoding="utf-8"))["answer"]:
        task = tasks.acknowledge(plan, each["text"], ())
        assert task, each["text"]
        pieces = stream.reply(task.messages, max_tokens=task.max_tokens, choices=task.choices)
        wrong.append("".join([piece async for piece in pieces]) in each["beside"])
        others = [choice for choice in task.choices if choice in each["beside"]]
        chance.append(len(others) / len(task.choices))
    stream.close()
    return _mean(wrong), _mean(chance)


async def _told(llm: Llm) -> float:
    """Percentage of the pairs of a sentence from an answer and one that says nothing in which the
    first is found likelier to meet a criterion of the default rubric."""
    answers = [answer for job in source()["job"] for _, answer in job["answers"]]
    said = [max(sentences(answer), key=len) for answer in answers]
    likelier = []
    for criterion in criteria(DEFAULT_RUBRIC):
        full = [await _share(llm, criterion, sentence) for sentence in said]
        empty = [await _share(llm, criterion, sentence) for sentence in NOTHING_SAID]
        likelier += [one > other for one in full for other in empty]
    return _mean(likelier)


async def _share(llm: Llm, criterion: str, sentence: str) -> float:
    asked = [*weighing.HEAD, weighing.asked_about(criterion, sentence)]
    return (await llm.weigh(asked, weighing.OPTIONS))[0]


def _mean(values: Sequence[float]) -> float:
    return 100 * sum(values) / len(values)
