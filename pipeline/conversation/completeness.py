"""Judge how likely it is that somebody who paused has finished: by their words, by what they were
asked, and by the sound where a model heard it. Pure.

No sign proves anything by itself: recognizers end half-sentences with a full stop, and the model of
the sound does not know the words. So each adds to the others' logit.
"""

import math
import re
from dataclasses import dataclass
from itertools import takewhile

from ..language.asking import Asked
from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import SENTENCE_ENDS, sentences_in, words

_FINISHED = re.compile(rf"[{SENTENCE_ENDS}][\"')\u201d\u2019」』）]*$")
"""The end of a sentence, with the quotes and brackets that may close behind it."""
_BROKEN_OFF = ("...", "…", "-", "–", "—")
"""Ends of a transcript by which a recognizer shows that something is missing."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs at a pause that tell whether the turn is over."""

    text: str
    sound: float | None = None
    """Probability that the turn is over, by a model that heard it; None where none has yet."""
    confidence: float = 0.0
    """The recognizer's confidence in the text; 0 if it gives none."""
    sentence: float | None = None
    """Probability that a sentence ends with this text, by a language model; None where none read
    it."""


def looks_complete(text: str, language: Language = ENGLISH) -> bool:
    """Return True if a sentence may end here: it has closing punctuation, and its last word does
    not want another one."""
    if not _FINISHED.search(text) or text.endswith(_BROKEN_OFF):
        return False
    said = words(text)
    return bool(said) and said[-1] not in language.unfinished


def asks_for_time(text: str, language: Language = ENGLISH) -> bool:
    """Return True if the last sentence asks for time to think: "Let me think."."""
    line = " ".join(words((sentences_in(text) or [""])[-1]))
    return any(pattern.search(line) for pattern in language.intents.wait)


# docs/decisions/048-end-of-turn-evidence.md: each sign adds to it. The weights fit pauses that
# scripts/eval_hearing.py makes of real recordings, at as many ends of turns as places inside
# sentences; docs/decisions/064-doubt-and-length.md.
_SOUND = 0.35
"""Weight of the logit that the model of the sound gives. More would let it decide alone; 0.03 and
0.97 are about as frequent as its mistakes."""
_DEAFEST = 0.02
"""The least that the model of the sound is believed: below, its mistakes do not become fewer."""
_WHOLE = 0.2
"""A sentence that looks complete. Recognizers make one of half a sentence, too."""
_BROKEN = -2.0
"""A transcript that breaks off."""
_DANGLING = -3.0
"""A last word that wants another one."""
_SURENESS = 5.0
"""Confidence above what is usual for so many words: a recognizer doubts a sentence that it has to
end too soon."""
_USUAL, _USUALLY_LESS = 0.82, 0.8
"""The confidence that is usual for many words, and how much less, divided by the words, for few."""
_MOST_SURE = 0.15
"""Confidence above or below the usual one that is believed: the rest is the microphone's or the
speaker's."""
SHORTEST_USUAL = 6
"""Words from which an answer is not a short one."""
_MISSING = -0.42
"""Each word that a short answer lacks, unless a short one is expected."""
_SENTENCE = 0.3
"""Weight of the logit that a language model gives to the end of a sentence."""
_SELDOM = 2.3
"""That logit where a turn is as often over as not: a sentence may nearly always go on."""
# docs/decisions/079-short-answers.md
_DICTATED = 5
"""Digits in a row from which a number is read out, such as that of a telephone. A quantity has
fewer, and what it counts may follow."""
_BIAS = 0.3
_EXPECTED = 0.7
"""A whole sentence after a question that one answers in full."""
_OPENING = -1.5
"""Nothing but "Yes.", "Sure." or "Well," after a question that calls for an explanation."""
_RULES_ALONE = 1.2
"""A whole sentence, where no model has heard it."""
_UNHEARD = -4.0
"""No whole sentence, where no model has heard it."""
_SUREST = 0.999
"""The most that a model is believed, and 1 minus the least."""


def likelihood(signs: Signs, asked: Asked = Asked.NOTHING, language: Language = ENGLISH) -> float:
    """Return the probability that the turn is over."""
    text = signs.text
    whole = looks_complete(text, language)
    if signs.sound is None:
        evidence = _RULES_ALONE if whole else _UNHEARD
    else:
        evidence = _BIAS + _SOUND * _logit(max(signs.sound, _DEAFEST)) + _WHOLE * whole
        evidence += _of_words(text, asked, language) + _of_models(signs)
    if asked is Asked.SHORT and whole:
        evidence += _EXPECTED
    elif asked is Asked.EXPLANATION and _only_opens(text, language):
        evidence += _OPENING
    return 1 / (1 + math.exp(-evidence))


def _of_words(text: str, asked: Asked, language: Language) -> float:
    said = words(text)
    evidence = _BROKEN * text.endswith(_BROKEN_OFF)
    evidence += _DANGLING * (bool(said) and said[-1] in language.unfinished)
    if asked is not Asked.SHORT:
        evidence += _MISSING * max(0, SHORTEST_USUAL - len(said))
    return evidence


def _of_models(signs: Signs) -> float:
    """Return what the recognizer's confidence and the language model say. In a number that is
    dictated both mean something else: how to write it, and that another digit may always come."""
    found = _of_doubt(signs.text, signs.confidence), _of_sentence(signs.sentence)
    return sum(max(each, 0.0) for each in found) if _is_dictated(signs.text) else sum(found)


def _is_dictated(text: str) -> bool:
    """Return True if digits are read out at the end: five in a row, however they are grouped."""
    return len("".join(takewhile(str.isdigit, reversed(words(text))))) >= _DICTATED


def _of_doubt(text: str, confidence: float) -> float:
    said = len(words(text))
    if not said or not confidence:
        return 0.0
    unusual = confidence - (_USUAL - _USUALLY_LESS / said)
    return _SURENESS * min(max(unusual, -_MOST_SURE), _MOST_SURE)


def _of_sentence(probability: float | None) -> float:
    return 0.0 if probability is None else _SENTENCE * (_logit(probability) + _SELDOM)


def _only_opens(text: str, language: Language) -> bool:
    return set(words(text)) <= language.answers.yes_or_no | language.answers.hesitations


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1 - _SUREST), _SUREST)
    return math.log(bounded / (1 - bounded))
