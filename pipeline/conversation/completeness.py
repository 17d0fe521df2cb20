"""Judge how likely it is that somebody who paused has finished: by their words, by what they were
asked, and by the sound where a model heard it. Pure.

No sign proves anything by itself: recognizers end half-sentences with a full stop, and the model of
the sound does not know the words. So each adds to the others' logit.
"""

import math
import re

from ..language.asking import Asked
from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import SENTENCE_ENDS, sentences_in, words

_FINISHED = re.compile(rf"[{SENTENCE_ENDS}][\"')\u201d\u2019」』）]*$")
"""The end of a sentence, with the quotes and brackets that may close behind it."""
_BROKEN_OFF = ("...", "…", "-", "–", "—")
"""Ends of a transcript by which a recognizer shows that something is missing."""


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


# The weights are fitted to pauses that scripts/eval_hearing.py makes of real recordings, at as many
# ends of turns as places inside sentences; docs/decisions/048-end-of-turn-evidence.md.
_SOUND = 0.4
"""Weight of the logit that the model of the sound gives. More would let it decide alone; 0.03 and
0.97 are about as frequent as its mistakes."""
_WHOLE = 1.2
"""A sentence that looks complete."""
_BROKEN = -0.8
"""A transcript that breaks off."""
_DANGLING = -1.6
"""A last word that wants another one."""
_BIAS = -0.85
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


def likelihood(
    text: str,
    judged: float | None = None,
    asked: Asked = Asked.NOTHING,
    language: Language = ENGLISH,
) -> float:
    """Return the probability that the turn is over. `judged` is the model's, by the sound alone."""
    whole = looks_complete(text, language)
    if judged is None:
        evidence = _RULES_ALONE if whole else _UNHEARD
    else:
        said = words(text)
        evidence = _BIAS + _SOUND * _logit(judged) + _WHOLE * whole
        evidence += _BROKEN * text.endswith(_BROKEN_OFF)
        evidence += _DANGLING * (bool(said) and said[-1] in language.unfinished)
    if asked is Asked.SHORT and whole:
        evidence += _EXPECTED
    elif asked is Asked.EXPLANATION and _only_opens(text, language):
        evidence += _OPENING
    return 1 / (1 + math.exp(-evidence))


def _only_opens(text: str, language: Language) -> bool:
    return set(words(text)) <= language.answers.yes_or_no | language.answers.hesitations


def _logit(probability: float) -> float:
    bounded = min(max(probability, 1 - _SUREST), _SUREST)
    return math.log(bounded / (1 - bounded))
