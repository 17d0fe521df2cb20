"""Decide how long a pause has to be to end the turn. Pure.

A sentence that looks complete is answered after a short delay, any other after a long one. The
short delay grows with the pauses that the candidate makes between complete sentences of a turn.
"""

import re
from dataclasses import dataclass, replace

from models.contracts import HEARING_RATE

from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import SENTENCE_ENDS, words

_FINISHED = re.compile(rf"[{SENTENCE_ENDS}][\"')\u201d\u2019」』）]*$")
"""The end of a sentence, with the quotes and brackets that may close behind it."""
MARGIN = 1.25
"""Ratio of the endpoint delay to the candidate's usual pause."""
LIKELY = 0.5
"""Probability, given by an engine, from which a turn is taken to be over."""
MEMORY = 0.7
"""Weight of earlier pauses in the moving average."""


def looks_complete(text: str, language: Language = ENGLISH) -> bool:
    """Return True if a sentence may end here: it has closing punctuation, and its last word does
    not want another one."""
    if not _FINISHED.search(text) or text.endswith(("...", "…")):
        return False
    said = words(text)
    return bool(said) and said[-1] not in language.unfinished


def samples(ms: int) -> int:
    return ms * HEARING_RATE // 1000


@dataclass(frozen=True, slots=True)
class EndpointingPolicy:
    """The endpoint delays, in samples of silence after the last voice."""

    shortest: int = samples(600)
    longest: int = samples(2000)
    usual_pause: float = 0.0
    language: Language = ENGLISH

    def is_over(self, text: str, judged: float | None = None) -> bool:
        """Return True if the turn may end here, by the judgement of an engine if there is one, else
        by the words."""
        return looks_complete(text, self.language) if judged is None else judged >= LIKELY

    def delay(self, text: str, judged: float | None = None) -> int:
        if not self.is_over(text, judged):
            return self.longest
        return round(min(max(self.shortest, self.usual_pause * MARGIN), self.longest))

    def paused(self, text: str, pause: int) -> "EndpointingPolicy":
        """Return the policy after the candidate went on: they had paused for `pause` samples after
        `text`."""
        if not looks_complete(text, self.language):
            return self
        usual = MEMORY * self.usual_pause + (1 - MEMORY) * pause if self.usual_pause else pause
        return replace(self, usual_pause=float(usual))
