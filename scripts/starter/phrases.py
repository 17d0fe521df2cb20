"""Noun phrases of many shapes, each with what an interviewer calls the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scripts.starter.terms import Terms

_ARTICLES = "the the the a a my my our our his her their this every each some another one".split()
_COUNTS = "two three four five six seven eight nine ten twelve twenty fifty".split()


def phrase(terms: Terms) -> tuple[str, str]:
    """As the candidate says it, and as the interviewer takes it up."""
    draw = terms.random.random()
    if draw < 0.55:
        return _with_article(terms, _described(terms))
    if draw < 0.58:
        said, reference = _with_article(terms, terms.noun())
        owner = _with_article(terms, terms.noun())
        return f"{said} of {owner[0]}", f"{reference} of {owner[1]}"
    if draw < 0.7:
        count = terms.random.choice(_COUNTS) if terms.chance(0.8) else terms.number()
        return _bare(f"{count} {plural(_described(terms))}")
    if draw < 0.82:
        return _bare(plural(_described(terms)))
    if draw < 0.88:
        return _bare(terms.noun())
    if draw < 0.94:
        first = plural(terms.noun()) if terms.chance(0.6) else terms.noun()
        return _bare(f"{first} and {plural(terms.noun())}")
    if draw < 0.97:
        said, reference = _with_article(terms, terms.any("family"))
        name = f" {terms.first()}" if terms.chance(0.4) else ""
        return said + name, reference + name
    name = terms.first() if terms.chance(0.5) else terms.name()
    return name, name


def _bare(name: str) -> tuple[str, str]:
    return name, f"the {name}"


def _described(terms: Terms) -> str:
    """A noun, at times with an adjective or a noun before it."""
    draw = terms.random.random()
    if draw < 0.45:
        return terms.noun()
    if draw < 0.72:
        return f"{terms.any('describing')} {terms.noun()}"
    return f"{terms.noun()} {terms.noun()}"


def _with_article(terms: Terms, name: str) -> tuple[str, str]:
    article = terms.random.choice(_ARTICLES)
    if article == "a" and name[0].lower() in "aeiou":
        article = "an"
    return f"{article} {name}", f"{referred(article)} {name}"


def plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in tuple("aeiou"):
        return name[:-1] + "ies"
    return name + "s"


def referred(article: str) -> str:
    """The article with which the other person speaks of the same thing."""
    return {
        "our": "your",
        "my": "your",
        "a": "the",
        "an": "the",
        "one": "the",
        "some": "the",
        "this": "the",
        "another": "the other",
        "a new": "the new",
        "a small": "the small",
    }.get(article, article)
