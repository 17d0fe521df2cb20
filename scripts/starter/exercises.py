"""Exercises in the small tasks that the service gives every language model, with the right choice.

The service's own functions put the task and find what there is to choose from; made up here is only
what candidates say, so that it is known which of the choices tells most. Where an answer leaves no
choice, nothing is to be learnt, and another one is made up.
"""

from collections.abc import Callable
from dataclasses import dataclass

from models.contracts import Message
from pipeline.assessment import weighing
from pipeline.conversation.agent import LlmTask
from pipeline.interview import tasks
from pipeline.interview.plan import Plan, Question
from pipeline.matching import words
from scripts.starter.answers import Answer, Topic, as_heard, sentence
from scripts.starter.language import is_clean
from scripts.starter.phrases import phrase
from scripts.starter.terms import TABLES, Terms

NAMED = frozenset({"thing", "phrase", "skill", "place"})
"""Kinds of topics that are worth more than a general word."""
SIDE = ("salary", "team", "hours", "where", "boss", "tools", "start", "remote")
"""Facts beside which there may be another one of the same subject."""
KINDS = ("action", "result", "number", "example", "reason", "people", "method", "fault", "free")
"""Kinds of criteria."""
TELLING = {
    "telling deed": {"action", "example"},
    "telling result": {"result", "example"},
    "figure answer": {"result", "number"},
    "telling reason": {"reason", "example"},
    "telling people": {"people", "action", "example"},
    "telling method": {"method", "action"},
    "telling fault": {"fault", "example"},
    "telling amount": {"number", "example"},
}
"""Sentences that say something, and the kinds of criteria that they meet."""
VAGUE = ("vague sentence", "vague sentence", "general answer", "vague answer", "short answer")
OTHERWISE = 0.35
"""Share of the telling sentences that are taken to meet a criterion of another kind, too."""


@dataclass(frozen=True, slots=True)
class Exercise:
    head: tuple[Message, ...]
    """The messages that all exercises of a kind begin with."""
    asked: Message
    choices: tuple[str, ...]
    wanted: str


def exercise(terms: Terms, kind: str) -> Exercise:
    """Return an exercise of one of the `MAKERS`."""
    terms.new_theme()
    while not (found := MAKERS[kind](terms)):
        pass
    return found


def noting(terms: Terms) -> Exercise | None:
    """Name something of an answer."""
    said, telling = _said(terms, _among_others if terms.chance(0.6) else _telling)
    return _chosen(tasks.acknowledge(_plan(terms), said, ()), telling)


def asking(terms: Terms) -> Exercise | None:
    """Ask about something of an answer."""
    ways = (_deed, _among_others, _telling)
    said, telling = _said(terms, terms.random.choices(ways, (0.6, 0.25, 0.15))[0])
    return _chosen(tasks.follow_up(_plan(terms), said, ()), telling)


def answering(terms: Terms) -> Exercise | None:
    """Find the fact that answers a question."""
    subject, near = terms.random.choice(SIDE), terms.chance(0.5)
    facts = {name: terms.grammar.one(f"{name} {subject}") for name in ("fact", "near")}
    others = [terms.grammar.one("job note") for _ in range(terms.random.randint(0, 2))]
    told = [*facts.values(), *others]
    terms.random.shuffle(told)
    asked = terms.grammar.one(f"asks near {subject}" if near else f"ask {subject}")
    task = tasks.answer_question(_plan(terms, " ".join(told)), asked, ())
    return _chosen(task, facts["near" if near else "fact"], exactly=True)


def weighed(terms: Terms) -> Exercise:
    """Find whether a sentence meets a criterion."""
    wanted = terms.random.choice(KINDS)
    criterion = terms.grammar.one(f"criterion {wanted}")
    if terms.chance(0.45):
        text, meets = terms.grammar.one(terms.random.choice(VAGUE)), False
    else:
        fits = [slot for slot, kinds in TELLING.items() if wanted in kinds]
        slot = terms.random.choice(fits if fits and terms.chance(0.6) else list(TELLING))
        text = terms.with_topic(slot, phrase(terms)[0])
        meets = wanted in TELLING[slot] or terms.chance(OTHERWISE)
    if wanted == "free" and meets and terms.chance(0.7):
        thing = terms.noun()
        criterion = f"{criterion.split()[0]} {thing}"
        text = terms.with_topic("telling deed", f"the {thing}")
    said = as_heard(terms, Answer(text[0].upper() + text[1:], None)).text
    asked = weighing.asked_about(criterion, said)
    return Exercise(weighing.HEAD, asked, weighing.OPTIONS, weighing.OPTIONS[0 if meets else 1])


MAKERS: dict[str, Callable[[Terms], Exercise | None]] = {
    "note": noting,
    "ask": asking,
    "answer": answering,
    "weigh": weighed,
}


def _plan(terms: Terms, summary: str = "") -> Plan:
    """Return a plan; tasks draw their sentences by the candidate's name."""
    return Plan((Question("Why?"),), candidate=terms.full_name(), job_summary=summary)


def _said(terms: Terms, telling: Callable[[Terms], Answer]) -> tuple[str, str]:
    """Return an answer in which one sentence tells something, and what that names."""
    given = telling(terms)
    general = [terms.grammar.one("general answer") for _ in range(terms.random.randint(0, 3))]
    if terms.chance(0.15):
        general.append(terms.grammar.one("filler"))
    parts = [given.text, *general]
    terms.random.shuffle(parts)
    if terms.chance(0.2):
        parts.insert(0, terms.any("opener"))
    topic = given.topic.said if given.topic else ""
    return as_heard(terms, Answer(" ".join(parts), given.topic)).text, topic


def _telling(terms: Terms) -> Answer:
    while True:
        text, topic = sentence(terms)
        if topic.kind in NAMED and is_clean(text):
            return Answer(text, topic)


def _deed(terms: Terms) -> Answer:
    said, referred = phrase(terms)
    return Answer(terms.with_topic("telling deed", said), Topic(said, referred, "phrase"))


def _among_others(terms: Terms) -> Answer:
    """Something in particular, next to who was there, and where."""
    name = terms.grammar.one("something told")
    return Answer(terms.with_topic("told among others", name), Topic(name, name, "phrase"))


def _chosen(task: LlmTask | None, telling: str, *, exactly: bool = False) -> Exercise | None:
    """Return the exercise of choosing what has most words of what is telling, with what belongs to
    it; None where there is no choice, or no right one."""
    if task is None or len(task.choices) < 2:
        return None
    wanted = set(words(telling))

    def worth(choice: str) -> tuple[int, int]:
        said = set(words(choice))
        return len(said & wanted), len(said - wanted)

    best = max(task.choices, key=worth)
    if len(set(words(best)) & wanted) < (len(wanted) if exactly else min(2, len(wanted))):
        return None
    *head, asked = task.messages
    return Exercise(tuple(head), asked, tuple(task.choices), best)


assert set(SIDE) <= {name.removeprefix("fact ") for name in TABLES if name.startswith("fact ")}
