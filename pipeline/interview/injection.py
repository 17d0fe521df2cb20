"""Words of a candidate's that talk to the assessor instead of answering. Pure.

A model that assesses reads them as data, but a small one may still follow them. So they are taken
out of what it reads, and shown to the person who reads the assessment. The phrases are English and
narrow: an answer *about* scores or instructions stays as it is. Around them is a wider net, for
what is said in other words: what it catches may be a good answer too, so a caller that uses it has
to find out what the words do.
"""

import math
import re
from itertools import islice

from ..matching import words

LEAD = 3
"""Words of the same sentence before such words that go with them."""
PIECE = 20
"""The most words that the wider net looks at together."""

TAKEN = 15
"""Words that are taken out from where such words begin, if no sentence ends before."""


def without_steering(answer: str) -> tuple[str, tuple[str, ...]]:
    """The answer without such words, and the words."""
    kept, flagged = [], []
    at = 0
    for found in _STEERING.finditer(answer):
        if found.start() < at:
            continue
        begin = _begin(answer, at, found.start())
        kept.append(answer[at:begin])
        at = _end(answer, found.end())
        flagged.append(answer[begin:at].strip())
    kept.append(answer[at:])
    return " ".join("".join(kept).split()), tuple(flagged)


def without_suspects(answer: str) -> tuple[str, tuple[str, ...]]:
    """The answer without the sentences that may be meant for the assessor, and those: they have
    words from at least three of the four kinds that such sentences are made of, where each measure
    beyond the first counts as one more. Few words before such a sentence go with it."""
    kept: list[str] = []
    suspects: list[str] = []
    for sentence in _sentences(answer):
        if not _is_suspect(sentence):
            kept.append(sentence)
            continue
        if kept and len(words(kept[-1])) <= LEAD:
            suspects.append(kept.pop())
        suspects.append(sentence)
    return " ".join(kept), tuple(suspects)


def honest(profile: str) -> tuple[str, tuple[str, ...]]:
    """What somebody wrote of themselves, without words for a machine, and those. Names of the
    prompt's own parts lose their colon."""
    kept, steering = without_steering(profile)
    kept, suspects = without_suspects(kept)
    return _LABELS.sub(r"\1", kept), (*steering, *suspects)


def _is_suspect(sentence: str) -> bool:
    kinds = sum(bool(kind.search(sentence)) for kind in _KINDS)
    measures = len({found.group().casefold() for found in _KINDS[1].finditer(sentence)})
    return kinds + max(0, measures - 1) >= 3


def _sentences(answer: str) -> list[str]:
    """Those of more than `PIECE` words in equal pieces: speech may have no full stops."""
    sentences = []
    for sentence in re.findall(r"[^.!?]+[.!?]*", answer):
        said = sentence.split()
        size = math.ceil(len(said) / max(1, math.ceil(len(said) / PIECE)))
        sentences += [" ".join(said[at : at + size]) for at in range(0, len(said), size or 1)]
    return sentences


def _begin(answer: str, least: int, at: int) -> int:
    """`at`, or where its sentence begins, if only a few words lead there."""
    begin = max(least, *(answer.rfind(mark, least, at) + 1 for mark in ".!?"))
    return begin if len(words(answer[begin:at])) <= LEAD else at


def _end(answer: str, at: int) -> int:
    """Where the sentence ends that goes on at `at`, or `TAKEN` words further."""
    stop = re.compile(r"[.!?]+").search(answer, at)
    end = stop.end() if stop else len(answer)
    if len(words(answer[at:end])) <= TAKEN:
        return end
    *_, last = islice(re.compile(r"\S+").finditer(answer, at, end), TAKEN)  # "a/b" are two words
    return last.end()


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
_LABELS = re.compile(r"(?i)\b(next|questions?|answer|job|candidate|rubric)\s*:")

_READER = (
    r"ai|assistant|(?:language )?model|computer|machine|reviewers?|evaluators?|assessors?|graders?"
    r"|judges?"
    r"|screeners?|scorer|evaluation|assessment|transcript|system|administrator|developer mode"
    r"|instruct(?:ed|ions?)"
    r"|reads? this|(?:this|my) (?:answer|question|candidate|interview|applicant)|just said"
)
_MEASURE = (
    r"scor(?:e|es|ed|ing)|marks?|points?|rat(?:e|ed|ing)|rank|grad(?:e|ed|ing)|rubric|criteri(?:a|on)"
    r"|credit|evidence|pass|json|number|value|strong|weak|improvements?"
    r"|recommend|hire"
)
_BEST = (
    r"hundred|100|ninety(?: \w+)?|9\d|max(?:imum)?|top|full|fully|perfect(?:ly)?|highest|best"
    r"|outstanding|exceptional|excellent|first|always"
)
_DEMAND = (
    r"you(?:r)?|must|should|please|kindly|ignore|disregard|do not|don't|let us|let's|remember"
    r"|attention|treat|repeat|quote|output|write|translate|correct|order|give|gives|put|reveal|tell"
)
_KINDS = tuple(
    re.compile(rf"(?i)(?<!\w)(?:{kind})(?!\w)") for kind in (_READER, _MEASURE, _BEST, _DEMAND)
)
"""Who is spoken to, what they measure with, how good it shall be, and that they are to do it."""
