"""Have a small model judge an answer: one sentence and one criterion at a time, yes or no.

A model of half a billion parameters cannot weigh a whole answer by a rubric, and whatever it is
asked, it says the same word nearly always. How likely it finds "Yes" for a single sentence still
tells sentences that say something from those that do not. So the model is not asked which word it
says, but how likely each is, and the verdict is computed. A sentence is judged without the others,
so nothing else in the answer, such as a demand for full marks, moves its verdict.
"""

import math
from collections.abc import Sequence

from models.contracts import Llm, Message

from ..language.language import Language
from .details import details, substance
from .opinion import Opinion, opinion, verdict

OPTIONS = ("Yes", "No")
SYSTEM = "You check sentences of interview answers against criteria."
EXAMPLES = (
    ("Gives an example", "When our server failed on a Friday, I wrote down the five steps.", "Yes"),
    ("States the result", "I like to work with people.", "No"),
    ("States the result", "We finished two weeks early and the client ordered again.", "Yes"),
    ("Describes one specific situation", "It is important to stay calm.", "No"),
    ("Names a method", "I make a list every morning and cross things off.", "Yes"),
    ("Gives a reason", "I don't remember.", "No"),
    ("Says what they did themselves", "So I called the supplier and got a later date.", "Yes"),
    ("Names a method", "That depends on the situation.", "No"),
    ("Says what they did themselves", "Everybody should do their best.", "No"),
    ("Is honest about weaknesses", "I am slow at writing reports.", "Yes"),
    ("Refers to own experience", "I worked at a bank for ten years.", "Yes"),
    ("Gives an example", "Usually things work out in the end.", "No"),
)
"""Criteria and sentences with their verdicts, as many of each kind."""
VAGUE = ("I don't know.", "That depends.", "It is very important.")
"""Sentences that meet no criterion. How likely a model says "Yes" differs more between criteria
than between sentences, so the likeliest of these is the zero of each criterion."""
LOW, HIGH = -0.4, 1.2
"""So much more than the vague sentences one has to fit, in natural logarithms of the odds of "Yes",
to add nothing, and to add all. Measured with Qwen2.5-Coder 0.5B in IQ4_NL: good answers 1.6, vague
ones 1.0, empty ones -1.2."""
# docs/decisions/060-details.md: what larger shares did to the same answer in other words
MODELS_SHARE = 0.3
"""Share of a credit that the model decides on; the rest is what the answer tells (`details.py`)."""
OWN_SHARE = 0.5
"""Share of that which the criterion itself decides on; the rest is the mean of all criteria, since
a small model tells sentences apart rather than criteria."""
LEAST = 1e-6
"""Share below which a model is taken to be as sure as it can be."""


def asked_about(criterion: str, sentence: str) -> Message:
    """Return the request for one verdict."""
    return Message("user", f"Criterion: {criterion}\nSentence: {sentence}\nMet?")


HEAD: tuple[Message, ...] = (
    Message("system", SYSTEM),
    *(
        message
        for criterion, sentence, met in EXAMPLES
        for message in (
            asked_about(criterion, sentence),
            Message("assistant", met),
        )
    ),
)
"""The beginning of every request; an engine may keep it."""


# docs/decisions/049-verdict-by-sentence.md: what else was tried, and how well it told answers apart
async def judge_by_sentences(
    llm: Llm, asked: str, criteria: Sequence[str], said: Sequence[str], language: Language
) -> Opinion:
    """Have the model judge an answer of these sentences. Raises `EngineError`."""
    found = [details(sentence, asked, language) for sentence in said]
    told = substance(said, found, language)
    read = [each for each, what in zip(said, found, strict=True) if what] or said
    rows = []
    for criterion in criteria:
        # One after the other: in a batch with others the same words get slightly other odds.
        fits = [await _fit(llm, criterion, sentence) for sentence in (*VAGUE, *read)]
        zero = max(fits[: len(VAGUE)])
        rows.append([fit - zero for fit in fits[len(VAGUE) :]])
    verdicts = [
        verdict(criterion, round(100 * credit), read[fits.index(max(fits))])
        for criterion, fits, credit in zip(criteria, rows, _credits(rows, told), strict=True)
    ]
    return opinion(verdicts, _most_fitting(rows, read))


async def _fit(llm: Llm, criterion: str, sentence: str) -> float:
    """Return the logarithm of the odds that the sentence meets the criterion."""
    messages = [*HEAD, asked_about(criterion, sentence)]
    yes, no = (max(share, LEAST) for share in await llm.weigh(messages, OPTIONS))
    return math.log(yes / no)


def _credits(rows: Sequence[Sequence[float]], told: float | None) -> list[float]:
    """Return the credit, 0 to 1, of each criterion, by how well the best sentence fits it and by
    the share that the answer has told; by the fit alone where that share is not known."""
    found = [min(max((max(fits) - LOW) / (HIGH - LOW), 0.0), 1.0) for fits in rows]
    if told is None:
        return found
    mean = sum(found) / len(found)
    shared = [OWN_SHARE * fit + (1 - OWN_SHARE) * mean for fit in found]
    return [told * (1 - MODELS_SHARE + MODELS_SHARE * fit) for fit in shared]


def _most_fitting(rows: Sequence[Sequence[float]], said: Sequence[str]) -> str:
    """Return the sentence that fits the criteria best, all together."""
    return max(zip(zip(*rows, strict=True), said, strict=True), key=lambda each: sum(each[0]))[1]
