"""Find the names and terms of a plan that a candidate may say, to hear them right. Pure."""

import re
from collections.abc import Iterator

from .plan import UNNAMED_CANDIDATE, UNNAMED_JOB, Plan

MOST = 80
"""Terms of one plan; names come first."""
LONGEST_ITEM = 3
"""Words of the longest item of a list that is taken for a term."""
NOUNS_ARE_CAPITALIZED = frozenset({"de", "lb"})
"""Languages in which a capital letter is no sign of a name."""
_WORD = re.compile(r"[^\W_](?:[\w.+#&'’-]*[\w+#])?")
_ITEMS = re.compile(r"[,;•|/\n]|\band\b|\bor\b")


def terms_of(plan: Plan) -> tuple[str, ...]:
    """Return the names and terms: of people, of the job, capitalized words, and lists of skills."""
    named = (plan.candidate, UNNAMED_CANDIDATE), (plan.job_title, UNNAMED_JOB)
    titles = [name for name, unnamed in named if name != unnamed] + [plan.interviewer]
    found = [part for title in titles for part in (title, *title.split())]
    texts = [plan.job_summary, plan.candidate_summary]
    texts += [text for question in plan.questions for text in (question.text, question.rubric)]
    for text in texts:
        found += _items(text)
        if plan.language not in NOUNS_ARE_CAPITALIZED:
            found += _names(text)
    return tuple(dict.fromkeys(found))[:MOST]


def _items(text: str) -> Iterator[str]:
    """Yield what looks like items of a list: short, between commas."""
    if text.count(",") < 2:
        return
    for item in _ITEMS.split(text):
        words = item.strip(" .:()").split()
        if 0 < len(words) <= LONGEST_ITEM:
            yield " ".join(words)


def _names(text: str) -> Iterator[str]:
    """Yield the words with a capital letter where no sentence begins, or with one inside."""
    for found in _WORD.finditer(text):
        word, before = found[0], text[: found.start()].rstrip(" \"'“‘(")
        begins = not before or before[-1] in ".!?:\n"
        if any(map(str.isupper, word[1:])) or (word[0].isupper() and not begins):
            yield word
