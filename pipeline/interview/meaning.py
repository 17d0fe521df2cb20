"""What the candidate meant, as far as it changes what the interviewer does next. Pure.

The rules are narrow on purpose: what none of them matches as a whole is an answer. To take an
answer for something else costs the candidate the answer; the other way round costs a moment. The
phrases are English; in other languages only an empty turn, a question mark and the length of an
answer count.
"""

import enum
import re

from ..matching import QUESTION_MARKS, words
from . import phrases

SHORT_WORDS = 20
"""An answer with fewer words leaves room for a follow-up question."""
THIN_WORDS = 45
"""So does one with fewer words than this that names nothing particular."""
ANSWER_WORDS = 12
"""This many words before a question of the candidate's are an answer of their own."""
QUESTION_WORDS = 25
"""More words than this are neither a request nor, without a question mark, a question. It also
bounds the work of the patterns below."""


class Meant(enum.StrEnum):
    NOTHING = "nothing"
    """No word was understood."""
    STOP = "stop"
    """End the interview."""
    REPEAT = "repeat"
    """Say the question again."""
    SOUND_CHECK = "sound_check"
    """A greeting, or whether the line works."""
    WAIT = "wait"
    """Time to think."""
    SKIP = "skip"
    QUESTION = "question"
    """A question of the candidate's own and no answer."""
    ANSWER_AND_QUESTION = "answer_and_question"
    SETTLED = "settled"
    """Short, but nothing to ask about: "I don't know", or yes to a yes-or-no question."""
    FILLER = "filler"
    """Words that answer nothing."""
    ANSWER = "answer"


def meaning(text: str, question: str) -> Meant:
    """What the candidate meant by `text`, having been asked `question`."""
    spoken = words(re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", text))
    line = " ".join(spoken)
    if not spoken:
        return Meant.NOTHING
    if len(spoken) <= QUESTION_WORDS:
        for meant, patterns in _PHRASES.items():
            if any(pattern.search(line) for pattern in patterns):
                return meant
    if set(spoken) <= _FILLERS:
        decided = is_yes_or_no(question) and bool(set(spoken) & _YES_OR_NO)
        return Meant.SETTLED if decided else Meant.FILLER
    return _question_or_answer(text, line)


def is_yes_or_no(question: str) -> bool:
    """Whether "yes" or "no" answers it in full: not so for "Can you tell me about …"."""
    line = " ".join(words((_sentences(question) or [""])[-1]))
    return bool(phrases.CLOSED.match(line)) and not phrases.INVITES.match(line)


def is_thin(answer: str) -> bool:
    """Whether a follow-up question is worth its time: the answer is short, or of middling length
    without a number, a name, an example or a reason."""
    count = sum(word not in _HESITATIONS for word in words(answer))
    return count < SHORT_WORDS or (count < THIN_WORDS and not _PARTICULAR.search(answer))


def asked_in(said: str) -> str:
    """The last question in what the interviewer said; empty when there is none."""
    asking = [s for s in _sentences(said) if s.endswith(QUESTION_MARKS) or _REQUEST.match(s)]
    return asking[-1] if asking else ""


def _question_or_answer(text: str, line: str) -> Meant:
    *before, last = _sentences(text) or [text]
    if last.endswith(QUESTION_MARKS):
        asking = " ".join(words(last))
        asks = bool(phrases.QUESTION.match(asking)) and not _TAG.search(asking)
    else:
        asks = not before and len(words(line)) <= QUESTION_WORDS and bool(phrases.ASKS.match(line))
    if not asks:
        return Meant.ANSWER
    answered = [sentence for sentence in before if not sentence.endswith(QUESTION_MARKS)]
    long = len(words(" ".join(answered))) >= ANSWER_WORDS
    return Meant.ANSWER_AND_QUESTION if long else Meant.QUESTION


def _sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?؟।])\s+|(?<=[。！？])", text.strip()) if words(s)]


_HESITATIONS = frozenset("um uh er erm hm hmm mm like well so okay ok".split())
_YES_OR_NO = frozenset("yes yeah yep yup no nope not sure".split())
_FILLERS = (
    _HESITATIONS
    | _YES_OR_NO
    | frozenset(
        "mhm right alright fine good great thanks thank you maybe perhaps really i see of course "
        "got it the a and but oh ah aha cool nice exactly correct true definitely "
        "absolutely".split()
    )
)

_TAG = re.compile(
    r"(?:^|\b)(?:right|okay|ok|you know|you see|know what i mean|make sense|makes sense|"
    r"(?:isn't|wasn't|doesn't|don't|didn't|aren't|won't|can't) (?:it|they|you|he|she|we|that))$"
)
"""Endings that look for agreement, not for an answer."""
_REQUEST = re.compile(
    r"(?i)(?:please )?(?:tell me|describe|explain|walk me|talk me|give me|say a|share|name)\b"
)
_PARTICULAR = re.compile(
    r"\d|\b(?i:for example|for instance|such as|because|in order to|as a result|which meant|"
    r"two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|fifty|hundred|thousand|percent|half|"
    r"last (?:year|month|week|summer|winter))\b|(?<=[a-z,] )(?!I\b|I')[A-Z][a-z]+"
)
_PHRASES = {
    Meant.STOP: phrases.STOP,
    Meant.SKIP: phrases.SKIP,
    Meant.SETTLED: phrases.UNKNOWN,
    Meant.SOUND_CHECK: phrases.SOUND_CHECK,
    Meant.REPEAT: phrases.REPEAT,
    Meant.WAIT: phrases.WAIT,
}
"""In this order: "sorry, I don't know" is no request to say it again."""
