"""Words of a candidate's that talk to the assessor instead of answering. Pure.

A model that assesses reads them as data, but a small one may still follow them. So they are taken
out of what it reads, and shown to the person who reads the assessment. The phrases are English and
narrow: an answer *about* scores or instructions stays as it is.
"""

import re

from .matching import words

TAKEN = 15
"""Words that are taken out from where such words begin, if no sentence ends before."""


def without_steering(answer: str) -> tuple[str, tuple[str, ...]]:
    """The answer without such words, and the words."""
    kept, flagged = [], []
    at = 0
    for found in _STEERING.finditer(answer):
        if found.start() < at:
            continue
        kept.append(answer[at : found.start()])
        at = _end(answer, found.end())
        flagged.append(answer[found.start() : at].strip())
    kept.append(answer[at:])
    return " ".join("".join(kept).split()), tuple(flagged)


def _end(answer: str, at: int) -> int:
    """Where the sentence ends that goes on at `at`, or `TAKEN` words further."""
    rest = re.match(rf"(?:[^.!?]*?\s+){{0,{TAKEN}}}?[^.!?]*?(?:[.!?]+|$)", answer[at:])
    end = at + (rest.end() if rest else 0)
    if len(words(answer[at:end])) <= TAKEN:
        return end
    following = list(re.finditer(r"\S+", answer[at:]))
    return at + following[TAKEN - 1].end()


_MARKS = "(?:score|mark|marks|rating|grade|points)"
_FULL = "(?:full|top|high|highest|maximum|perfect|best|good|great|100|hundred|ten|10)"
_RULES = "(?:instructions?|rules?|prompts?|rubrics?|criteria|directions?|guidelines?)"
_ALL = "(?:(?:all|any|of|the|your|these|those|my) )*"
_OLD = "(?:(?:previous|prior|earlier|above|preceding|other|existing|scoring|system) )*"
_ANSWER = "(?:me|this|my answer|this (?:answer|candidate)|the candidate)"
_ASSESSOR = "(?:ai|assessor|evaluator|grader|model|interviewer|scorer)"
_STEERING = re.compile(
    r"(?i)(?:\b(?:"
    + "|".join(
        (
            f"(?:ignore|disregard|forget|override|bypass|skip) {_ALL}{_OLD}{_RULES}",
            f"(?:give|assign|award|grant) (?:{_ANSWER}|him|her|it) (?:an? |the )?"
            rf"(?:{_FULL}\W+)*(?:{_MARKS}|(?:an? )?(?:100|hundred|ten out of ten|10))\b",
            f"(?:rate|score|grade|mark|evaluate|assess) {_ANSWER} (?:as |with |at )?"
            rf"(?:an? |the )?{_FULL}\b",
            rf"(?:set|make) (?:the|my|this) {_MARKS} (?:to|be)\b",
            r"you (?:must|should|have to|will) (?:now )?(?:give|rate|score|grade|recommend|hire) "
            r"(?:me|this)\b",
            r"(?:the )?(?:new|updated) (?:system )?(?:instructions?|prompt|rubric)\s*(?:is|are|:)",
            r"(?:system|assistant|developer) ?(?:prompt|message|note|override)\s*:",
            rf"(?:note|message|instruction|attention) (?:to|for) (?:the )?{_ASSESSOR}\b",
            rf"(?:as|you are) (?:an? |the )?(?:{_ASSESSOR}|language model)\b[^.!?]{{0,40}}"
            r"\b(?:must|should|give|score|rate)\b",
            r"(?:question|answer|rubric|score|strengths|improvements|evidence)\s*[:=]",
        )
    )
    + r")|<\|?/?[a-z_]+\|?>)"
)
