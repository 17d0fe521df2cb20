"""Word questions for a module that has none of its own, as a person would ask them, in English.
Pure.

Objectives are written for the interviewer ("Assess the candidate's knowledge of SQL"), so they are
turned to the candidate ("your knowledge of SQL"), or left to the rubric where that cannot be
done.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.interview.plan import summary

INTRODUCTION = "Please tell me about yourself and the work that you have done most recently."
CLOSING = "Is there anything that we have not talked about and that you would like to add?"
PHRASE_CHARACTERS = 110
"""Most characters of a title or topic inside a spoken question."""
NAMED = 3
"""The most topics in one question; a longer list cannot be kept in mind."""

_NUMBERING = re.compile(
    r"(?i)^(?:(?:module|section|part|step|phase)\s*\d+\s*[:.)–-]?\s*|\d+\s*[.):]\s*)"
)
_DURATION = re.compile(r"(?i)\s*\(\s*\d+\s*(?:m|min|mins|minutes)\.?\s*\)\s*$")
_INTRODUCTION = re.compile(
    r"(?i)(?:introductions?|intro|warm[- ]?up|ice[- ]?breakers?|welcome|opening|background)"
    r"(?:\s*(?:and|&|/|,|\+)\s*.*)?"
)
_CLOSING = re.compile(
    r"(?i)(?:closing|wrap[- ]?up|conclusion|q\s*&\s*a|(?:candidate(?:['’]?s)? )?questions"
    r"|next steps)(?:\s*(?:remarks|and|&|/|,|\+)\s*.*)?"
)
_VERB = re.compile(
    r"(?i)^(?:to\s+)?(?:assess|evaluate|understand|explore|determine|gauge|verify|test|check"
    r"|measure|identify|discuss|review|learn about|examine|probe|validate|confirm|discover)\s+"
)
_THEIRS = re.compile(
    r"(?i)\b(?:the\s+)?(?:candidate|applicant|employee|interviewee)['’]?s['’]?(?=\s)"
    r"|\btheir\b|\bhis or her\b|\bhis/her\b"
)
_OF_THEM = re.compile(
    r"(?i)\b(?:candidates?|applicants?|employees?|interviewees?|they|them|he|she)\b"
)
_CLAUSE = re.compile(r"(?i)^(?:whether|if|how|that|why|what|when|where)\b")
_DETERMINED = re.compile(r"(?i)^(?:your|the|an?|this|these)\b")


def asked_of(title: str, topics: Sequence[str], objectives: Sequence[str], most: int) -> list[str]:
    """Return the questions for a module, at least one and at most `most`."""
    spoken = _DURATION.sub("", _NUMBERING.sub("", title)).strip(" .:") or title
    spoken = summary(spoken, PHRASE_CHARACTERS)
    if _INTRODUCTION.fullmatch(spoken):
        return [INTRODUCTION]
    if _CLOSING.fullmatch(spoken):
        return [CLOSING]
    lead = f"Let's talk about {spoken}. " if spoken else ""
    phrases = [summary(topic.strip(" ."), PHRASE_CHARACTERS) for topic in topics]
    phrases = [_topic(phrase) or phrase for phrase in phrases]
    phrases = phrases or [said for text in objectives if (said := _topic(text))]
    if not phrases:
        return [f"Please tell me about your experience with {spoken or 'this'}, with an example."]
    groups = _groups(phrases, min(most, len(phrases)))
    return [(lead if n == 0 else "") + _question(group, n) for n, group in enumerate(groups)]


def _question(phrases: Sequence[str], number: int) -> str:
    question = next((phrase for phrase in phrases if phrase.endswith("?")), "")
    if question:
        return question[0].upper() + question[1:]
    about = _join(phrases[:NAMED])
    if number % 2 == 0:
        return f"Please tell me about {about}, with an example from your own work."
    return f"Please tell me about {about}: what did you do yourself, and what came of it?"


def _topic(objective: str) -> str:
    """Return the topic of an objective, as addressed to the candidate; empty where there is none to
    be found."""
    text = objective.strip(" .")
    verb = _VERB.match(text)
    if not verb:
        return ""
    said = _THEIRS.sub("your", text[verb.end() :])
    if _OF_THEM.search(said) or _CLAUSE.match(said):
        return ""
    return summary(said if _DETERMINED.match(said) else f"your {said}", PHRASE_CHARACTERS)


def _groups(phrases: Sequence[str], number: int) -> list[Sequence[str]]:
    """Split the phrases into `number` groups, in order, of sizes that differ by one at most."""
    bounds = [len(phrases) * n // number for n in range(number + 1)]
    return [phrases[a:b] for a, b in pairwise(bounds)]


def _join(phrases: Sequence[str]) -> str:
    *before, last = phrases
    return f"{', '.join(before)} and {last}" if before else last
