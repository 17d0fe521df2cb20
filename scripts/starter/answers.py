"""What candidates say: answers of a few sentences, each with the topic that it is about."""

import re
from dataclasses import dataclass

from scripts.starter.phrases import phrase, referred
from scripts.starter.terms import Terms

_FIGURES = ["half", "a third", "a quarter", "two thirds"]
_ADJECTIVES = ["new", "old", "broken", "big", "small", "spare", "red", "second", "heavy", "cheap"]
_FILLED_PAUSES = ["um", "uh", "er", "like", "you know", "so", "well"]


@dataclass(frozen=True, slots=True)
class Topic:
    said: str
    """As it stands in the answer."""
    referred: str
    """As the interviewer takes it up."""
    kind: str
    """thing, phrase, skill, figure, place, trait or word"""

    def lower(self) -> "Topic":
        return Topic(self.said.lower(), self.referred.lower(), self.kind)


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    topic: Topic | None
    """What an acknowledgement names: the topic of the first sentence that has one."""


def answer(terms: Terms, fewest: int, most: int) -> Answer:
    """An answer of so many sentences, at times as a recognizer would write it down."""
    if terms.chance(0.07):
        return Answer(terms.any("short answer"), None)
    parts, topics = [], []
    for _ in range(terms.random.randint(fewest, most)):
        if parts and terms.chance(0.25):
            parts.append(terms.grammar.one("filler"))
            continue
        text, topic = sentence(terms)
        parts.append(text)
        topics.append(topic)
    if terms.chance(0.3):
        parts.insert(0, terms.any("opener"))
    return as_heard(terms, Answer(" ".join(parts), topics[0]))


def sentence(terms: Terms) -> tuple[str, Topic]:
    """One sentence and its topic."""
    if terms.chance(0.45):
        return _composed(terms)
    draw = terms.random.random()
    if draw < 0.22:
        return _object(terms)
    if draw < 0.28:
        figure = f"{terms.number()} {terms.any('measure')}"
        return terms.with_topic("amount answer", figure), Topic(figure, figure, "figure")
    if draw < 0.54:
        said, reference = terms.thing()
        return terms.with_topic("thing answer", said), Topic(said, reference, "thing")
    if draw < 0.68:
        skill = terms.skill()
        return terms.with_topic("skill answer", skill), Topic(skill, skill, "skill")
    if draw < 0.77:
        return result(terms)
    if draw < 0.84:
        place = terms.organisation()
        reference = re.sub("^an? ", "the ", place)
        return terms.with_topic("place answer", place), Topic(place, reference, "place")
    if draw < 0.93:
        trait = terms.any("trait") if terms.chance(0.7) else terms.word()
        reference = re.sub("^an? ", "the ", trait)
        return terms.with_topic("trait answer", trait), Topic(trait, reference, "trait")
    return free(terms)


def result(terms: Terms) -> tuple[str, Topic]:
    """A sentence with a figure that something was improved by."""
    figure = f"{terms.number()} {terms.any('unit')}"
    if terms.chance(0.2):
        figure = terms.random.choice(_FIGURES)
    return terms.with_topic("figure answer", figure), Topic(figure, figure, "figure")


def _object(terms: Terms) -> tuple[str, Topic]:
    """Everyday speech; the topic may stand anywhere in it."""
    draw = terms.random.random()
    if draw < 0.5:
        name = terms.any("object")
    elif draw < 0.65:
        name = f"{terms.any('object')} {terms.any('object')}"
    else:
        name = terms.word() if draw < 0.85 else terms.matter()
    if terms.chance(0.25):
        name = f"{terms.random.choice([*_ADJECTIVES, terms.any('quality')])} {name}"
    article = terms.random.choice("the the a my our her his their this".split())
    said = terms.grammar.filled(f"{article} {name}")
    reference = f"{referred(article)} {name}"
    return terms.with_topic("object answer", said), Topic(said, reference, "thing")


def _composed(terms: Terms) -> tuple[str, Topic]:
    """Clauses of every shape; the topic is the first thing that is named."""
    said, reference = phrase(terms)
    text = terms.with_topic("composed answer", said)
    if text.startswith(said):
        begun = said[0].upper() + said[1:]  # what is taken up is written as it was said
        said, reference = begun, reference.replace(f"the {said}", f"the {begun}")
    return text[0].upper() + text[1:], Topic(said, reference, "phrase")


def free(terms: Terms) -> tuple[str, Topic]:
    """Any conversational words; the topic is the rarest among them."""
    while True:
        line = terms.random.choice(terms.lines)
        words = [w for w in re.findall("[a-z]{5,}", line) if w in terms.frequency]
        if words:
            rarest = min(words, key=lambda word: terms.frequency[word])
            return line, Topic(rarest, rarest, "word")


def as_heard(terms: Terms, spoken: Answer) -> Answer:
    """With filled pauses, dropped and repeated words, at times without marks and capitals.

    The words of the topic stay as they are.
    """
    kept = set(spoken.topic.said.lower().split()) if spoken.topic else set()
    words = []
    for word in spoken.text.split():
        if word.lower().strip(".,?!") not in kept:
            draw = terms.random.random()
            if draw < 0.012:
                continue
            if draw < 0.02:
                words.append(word)
            elif draw < 0.04:
                words.append(terms.random.choice(_FILLED_PAUSES))
        words.append(word)
    text = " ".join(words)
    if terms.chance(0.2):
        text = re.sub(r"[.,?!](?=\s|$)", "", text).lower()
        return Answer(text, spoken.topic.lower() if spoken.topic else None)
    return Answer(text, spoken.topic)
