"""Find the facts about the job that a candidate's question is about. Pure."""

from ..language.known import language_of
from ..language.language import Language
from ..matching import sentences_in, words
from .meaning import asked_in
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
    question = asked_in(asked, language) or asked  # which an answer may stand before
    facts = sentences_in(plan.job_summary)
    shared = [_in_common(question, fact, language) for fact in facts]
    most = max(shared, default=0)
    return tuple(f for f, n in zip(facts, shared, strict=True) if n and n == most)


def _in_common(asked: str, fact: str, language: Language) -> int:
    """Return how much a question and a fact share; 0 if they share no subject, and not half of the
    question's words: "We are a clinic" does not answer "Is the clinic open to dogs?"."""
    question, told = set(words(asked)), set(words(fact))
    own, facts = content(question, language), content(told, language)
    shared = sum(any(alike(word, each) for each in facts) for word in own)
    subjects = sum(
        bool(subject & question and subject & told) for subject in language.topics.subjects
    )
    return shared + SUBJECT * subjects if subjects or 2 * shared >= len(own) else 0


def alike(one: str, other: str) -> bool:
    """Return True if the two may be forms of the same word: "renovated", "renovation"."""
    if one == other:
        return True
    shorter, longer = sorted((len(one), len(other)))
    pairs = enumerate(zip(one, other, strict=False))
    common = next((n for n, (a, b) in pairs if a != b), shorter)
    return common >= STEM and (common == shorter or common >= 0.65 * longer - 0.01)
