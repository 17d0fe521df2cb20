"""Words that address the assessor instead of answering.

The phrases are narrow: an answer *about* scores or instructions stays as it is. The kinds are a
wider net, for other wordings.
"""

import re

from ..language import Steering

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
STEERING = Steering(_STEERING, _LABELS, _KINDS)
