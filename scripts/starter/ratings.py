"""The simple rule by which a generated answer is rated, and which the interviewer learns."""

import json
import re
from collections.abc import Sequence

from pipeline.matching import words
from scripts.starter.terms import TABLES

NOTHING = 5  # score of an answer that only declines
QUOTED = 12  # words of evidence
SHORTEST = 4  # words of evidence, where the answer has so many

_FIGURE = re.compile(r"\b(\d+|half|third|quarter|" + "|".join(TABLES["number word"]) + r")\b", re.I)
_ACTIONS = [verb for slot in ("did", "do", "acted", "act") for verb in TABLES[slot]]
_ACTION = re.compile(r"\b(i|we) (" + "|".join(_ACTIONS) + r")\b")

_DECLINING = {word for text in TABLES["short answer"] for word in words(text)}
_VAGUE = _DECLINING | {word for text in TABLES["vague answer"] for word in words(text)}


def rating(answer: str, keywords: Sequence[str]) -> str:
    """The rating as JSON: score, strengths, improvements and the words that it rests on."""
    text, length = answer.lower(), len(answer.split())
    hits = [word for word in keywords if word.lower() in text]
    missed = [word for word in keywords if word not in hits]
    figure, action = bool(_FIGURE.search(text)), bool(_ACTION.search(text))
    strengths = [
        *(f"Talks about {word}" for word in hits[:1]),
        *(["Gives a measurable result"] if figure else []),
        *(["Describes own actions"] if action else []),
        *(["Good level of detail"] if length >= 30 else []),
    ]
    improvements = [
        *(f"Say more about {word}" for word in missed[:1]),
        *([] if figure else ["Add a measurable result"]),
        *([] if action or length <= 6 else ["Describe what you did yourself"]),
        *(["Give more detail"] if length < 12 else []),
    ]
    found = {
        "score": _score(answer, len(hits) / len(keywords) if keywords else 0.5, figure, action),
        "strengths": strengths[:2],
        "improvements": improvements[:2],
        "evidence": evidence(answer),
    }
    return json.dumps(found, ensure_ascii=False)


def _score(answer: str, covered: float, figure: bool, action: bool) -> int:
    said = set(words(answer))
    if said <= _DECLINING:
        return NOTHING
    if said <= _VAGUE:
        covered = 0.0
    score = 10 + min(len(answer.split()), 40) * 0.5 + 30 * covered + 20 * figure + 15 * action
    return min(95, round(score / 5) * 5)


def evidence(answer: str) -> str:
    """The first sentence that says something, up to a pause, its first words at most.

    It begins with a space: the same word has another token after a quotation mark than after a
    space, so that without it the first word could not be copied.
    """
    sentences = [part for part in re.split(r"(?<=[.?!])\s+", answer) if part]
    telling = next((part for part in sentences if len(part.split()) > 3), answer)
    quoted: list[str] = []
    for word in telling.split()[:QUOTED]:
        quoted.append(word)
        if len(quoted) >= SHORTEST and word[-1] in ".?!,;:":
            break
    return " " + " ".join(quoted).rstrip(".?!,;:")
