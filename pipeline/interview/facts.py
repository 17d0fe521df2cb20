"""Find the facts about the job that a candidate's question is about. Pure."""

from itertools import zip_longest

from ..language.known import language_of
from ..language.language import Language, Topics
from ..matching import sentences_in, words
from .meaning import asked_in
from .parts_of_speech import tokens_of
from .plan import Plan
from .topics import content

STEM = 4
"""Letters, at least, that two forms of a word have in common at their start."""
SUBJECT = 2
"""A subject that both speak of counts as so many words."""


def facts_about(plan: Plan, asked: str) -> tuple[str, ...]:
    """Return the sentences about the job that have most in common with a question; none if that is
    too little to answer it."""
    language = language_of(plan.language)
    question = asked_in(asked, language) or asked  # there may be an answer before it
    facts = sentences_in(plan.job_summary)
    shared = [_in_common(question, fact, language) for fact in facts]
    most = max(shared, default=0)
    return tuple(f for f, n in zip(facts, shared, strict=True) if n and n == most)


def _in_common(asked: str, fact: str, language: Language) -> int:
    """Return how much a question and a fact share; 0 if the fact has not what such a question asks
    for, or if most of the question's words are neither in it nor of a subject that both speak of:
    "We are a clinic" does not answer "Is the clinic open to dogs?"."""
    known = language.topics
    wants = [want for want in known.wants if want.asks.search(asked)]
    if not all(want.needs.search(fact) for want in wants):
        return 0
    question, told = set(words(asked)), set(_heads(fact, known))
    own, facts = content(question, language) - known.asked, content(words(fact), language)
    shared = {word for word in own if any(alike(word, each) for each in facts)}
    subjects = [each for each in known.subjects if each & question and each & told]
    meant = shared | {word for word in own if any(word in subject for subject in subjects)}
    vague = not wants and bool(known.closed.match(asked))  # the fact may speak of something else
    if any(want.enough for want in wants):
        subjects.append(frozenset())
    elif 2 * len(meant) < len(own) + (not subjects or vague):
        return 0
    return len(shared) + SUBJECT * len(subjects)


def _heads(fact: str, known: Topics) -> list[str]:
    """Return the words of a fact that it may be about: not "staff" of "a staff room"."""
    if not known.grammar.model:
        return words(fact)
    said = tokens_of(fact, known.grammar)
    return [
        token.key
        for token, after in zip_longest(said, said[1:])
        if not (after and token.kind == after.kind == known.grammar.noun)
    ]


def alike(one: str, other: str) -> bool:
    """Return True if the two may be forms of the same word: "renovated", "renovation"."""
    if one == other:
        return True
    shorter, longer = sorted((len(one), len(other)))
    pairs = enumerate(zip(one, other, strict=False))
    common = next((n for n, (a, b) in pairs if a != b), shorter)
    return common >= STEM and (common == shorter or common >= 0.65 * longer - 0.01)
