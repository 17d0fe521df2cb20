"""Classify what the candidate meant, as far as it changes what the interviewer does next. Pure.

The rules are narrow on purpose: text that none of them matches as a whole is an answer. Taking an
answer for something else costs the candidate the answer; the opposite mistake costs a moment. A
language without its own phrases has the English ones; what then counts in practice is an empty
turn, a question mark and the length of an answer.
"""

import enum
import re

from ..language.asking import is_yes_or_no
from ..language.english import ENGLISH
from ..language.language import Intents, Language, Patterns
from ..matching import QUESTION_MARKS, sentences_in, words

SHORT_WORDS = 20
"""An answer with fewer words leaves room for a follow-up question."""
THIN_WORDS = 45
"""An answer with fewer words than this does so too, if it names nothing specific."""
ANSWER_WORDS = 12
"""This many words before a question of the candidate make an answer by themselves."""
QUESTION_WORDS = 25
"""Text with more words than this is neither a request nor, without a question mark, a question. The
limit also bounds the work of the patterns below."""


class Meant(enum.StrEnum):
    NOTHING = "nothing"
    """No word was understood."""
    STOP = "stop"
    """End the interview."""
    REPEAT = "repeat"
    """Say the question again."""
    SOUND_CHECK = "sound_check"
    """A greeting, or a question such as "can you hear me?"."""
    GREETS = "greets"
    """A greeting with a name, or "I am ready"."""
    WHO_ASKS = "who_asks"
    """A question whether a person or a machine asks."""
    WHETHER_RECORDED = "whether_recorded"
    """A question whether the conversation is recorded."""
    HOW_FAR = "how_far"
    """A question how many questions, or how much time, there is."""
    WHO_DECIDES = "who_decides"
    """A question who decides about the candidate, or who reads the answers."""
    OTHER_LANGUAGE = "other_language"
    """A question whether another language may be spoken."""
    GO_BACK = "go_back"
    """A request to return to an earlier question."""
    MUST_ANSWER = "must_answer"
    """A question whether this has to be answered."""
    HOW_TO_STOP = "how_to_stop"
    """A question how the interview can be ended."""
    TYPE_INSTEAD = "type_instead"
    """A question whether answers may be typed."""
    WAIT = "wait"
    """A request for time to think."""
    SKIP = "skip"
    QUESTION = "question"
    """The candidate's own question, without an answer."""
    ANSWER_AND_QUESTION = "answer_and_question"
    SETTLED = "settled"
    """Short, but nothing to ask about: "I don't know", or yes to a yes-or-no question."""
    FILLER = "filler"
    """Words that answer nothing."""
    ANSWER = "answer"


def meaning(text: str, question: str, language: Language = ENGLISH) -> Meant:
    """Return what the candidate meant by `text` when asked `question`."""
    spoken = words(re.sub(r"\[[^\]]*\]|\([^)]*\)", " ", text))
    line = " ".join(spoken)
    if not spoken:
        return Meant.NOTHING
    if len(spoken) <= QUESTION_WORDS:
        for meant, patterns in _phrases(language.intents):
            if any(pattern.search(line) for pattern in patterns):
                return meant
    if set(spoken) <= language.answers.fillers:
        said = set(spoken) & language.answers.yes_or_no
        decided = is_yes_or_no(question, language) and bool(said)
        return Meant.SETTLED if decided else Meant.FILLER
    return _question_or_answer(text, line, language)


def is_thin(answer: str, language: Language = ENGLISH) -> bool:
    """Return True if a follow-up question is worth its time: the answer is short, or of middling
    length without a number, a name, an example or a reason."""
    known = language.answers
    count = sum(word not in known.hesitations for word in words(answer))
    return count < SHORT_WORDS or (count < THIN_WORDS and not known.particular.search(answer))


def asked_in(said: str, language: Language = ENGLISH) -> str:
    """Return the last question in what the interviewer said; empty when there is none."""
    request = language.questions.request
    asking = [s for s in sentences_in(said) if s.endswith(QUESTION_MARKS) or request.match(s)]
    return asking[-1] if asking else ""


def _question_or_answer(text: str, line: str, language: Language) -> Meant:
    known = language.questions
    *before, last = sentences_in(text) or [text]
    if last.endswith(QUESTION_MARKS):
        asking = " ".join(words(last))
        begins = known.question.match(asking) or known.asks.match(asking)
        asks = bool(begins) and not known.tag.search(asking)
    else:
        asks = not before and len(words(line)) <= QUESTION_WORDS and bool(known.asks.match(line))
    if not asks:
        return Meant.ANSWER
    answered = [sentence for sentence in before if not sentence.endswith(QUESTION_MARKS)]
    long = len(words(" ".join(answered))) >= ANSWER_WORDS
    return Meant.ANSWER_AND_QUESTION if long else Meant.QUESTION


def _phrases(intents: Intents) -> tuple[tuple[Meant, Patterns], ...]:
    """Return the patterns of each meaning, in the order in which they are tried: "sorry, I don't
    know" must not be taken for a request to repeat."""
    return (
        (Meant.STOP, intents.stop),
        (Meant.SKIP, intents.skip),
        (Meant.SETTLED, intents.unknown),
        (Meant.SOUND_CHECK, intents.sound_check),
        (Meant.GREETS, intents.greets),
        (Meant.WHETHER_RECORDED, intents.whether_recorded),
        (Meant.WHO_ASKS, intents.who_asks),
        (Meant.HOW_FAR, intents.how_far),
        (Meant.WHO_DECIDES, intents.who_decides),
        (Meant.OTHER_LANGUAGE, intents.other_language),
        (Meant.GO_BACK, intents.go_back),
        (Meant.MUST_ANSWER, intents.must_answer),
        (Meant.HOW_TO_STOP, intents.how_to_stop),
        (Meant.TYPE_INSTEAD, intents.type_instead),
        (Meant.REPEAT, intents.repeat),
        (Meant.WAIT, intents.wait),
    )
