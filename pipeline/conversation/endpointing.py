"""Decide how long a pause has to be to end the turn. Pure.

The likelier it is that the candidate has finished (`completeness.py`), the sooner they are
answered. The delay grows with the pauses that they make between complete sentences of a turn, and
somebody who asks for time to think gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.contracts import HEARING_RATE

from ..language.asking import Asked
from ..language.english import ENGLISH
from ..language.language import Language
from .completeness import Signs, asks_for_time, likelihood, looks_complete

MARGIN = 1.25
"""Ratio of the endpoint delay to the candidate's usual pause."""
LIKELY = 0.6
"""Likelihood from which a reply is prepared at once."""
MEMORY = 0.7
"""Weight of earlier pauses in the moving average."""
UNSURE = (0.05, 0.75)
"""Likelihoods between which it is of use to know whether a sentence ends: below, the turn is not
over even then, above, it is over soon."""
GRANTED = 2
"""Times the longest delay, for somebody who asks for time."""
QUICKEST = 0.9
"""Times the shortest delay, when sound and words agree that the turn is over."""
# docs/decisions/064-doubt-and-length.md: fitted to pauses of 0.8 and 1.2 s inside sentences
_CURVE = ((0.15, 1.0), (0.35, 0.55), (0.57, 0.48), (0.58, 0.25), (0.72, 0.2), (0.75, 0.0))
"""Likelihoods, each with its delay as a share of the way from the shortest to the longest. Between
0.95 and 1.27 s there is hardly any: most pauses that would be cut off then are at 0.95 s, too."""
_CURVE_IF_READ = (*_CURVE[:2], (0.55, 0.48), (0.56, 0.25), *_CURVE[4:])
"""The same where a language model read the words, too: it makes likelihoods surer."""
_SURE = 0.82
"""Likelihood from which the quickest delay is enough."""


def samples(ms: int) -> int:
    return ms * HEARING_RATE // 1000


@dataclass(frozen=True, slots=True)
class EndpointingPolicy:
    """The endpoint delays, in samples of silence after the last voice."""

    shortest: int = samples(600)
    longest: int = samples(2000)
    usual_pause: float = 0.0
    language: Language = ENGLISH
    asked: Asked = Asked.NOTHING
    """The kind of question that the candidate answers."""

    @property
    def limit(self) -> int:
        """Silence after which any turn is over."""
        return self.longest * GRANTED

    def patient(self, factor: float) -> "EndpointingPolicy":
        """Return the policy with pauses that many times as long."""
        shortest, longest = round(self.shortest * factor), round(self.longest * factor)
        return replace(self, shortest=shortest, longest=longest)

    def is_over(self, signs: Signs) -> bool:
        """Return True if the turn may well end here."""
        return self._likelihood(signs) >= LIKELY and not self._waits(signs)

    def unsure(self, signs: Signs) -> bool:
        """Return True if it is of use to know whether a sentence ends here. Only where a model has
        heard the pause: without its judgement that is no sign."""
        if signs.sound is None or signs.sentence is not None or self._waits(signs):
            return False
        least, most = UNSURE
        return least <= self._likelihood(signs) < most

    def delay(self, signs: Signs) -> int:
        """Return the silence that ends the turn."""
        if self._waits(signs):
            return self.limit
        found = self._likelihood(signs)
        usual = min(self.usual_pause * MARGIN, self.longest)
        if signs.sound is not None and found >= _SURE:
            return round(max(self.shortest * QUICKEST, usual))
        way = self.longest - self.shortest
        curve = _CURVE if signs.sentence is None else _CURVE_IF_READ
        return round(max(self.shortest + way * _share(found, curve), usual))

    def paused(self, text: str, pause: int) -> "EndpointingPolicy":
        """Return the policy after the candidate went on: they had paused for `pause` samples after
        `text`."""
        if not looks_complete(text, self.language):
            return self
        usual = MEMORY * self.usual_pause + (1 - MEMORY) * pause if self.usual_pause else pause
        return replace(self, usual_pause=float(usual))

    def _likelihood(self, signs: Signs) -> float:
        return likelihood(signs, self.asked, self.language)

    def _waits(self, signs: Signs) -> bool:
        return asks_for_time(signs.text, self.language)


def _share(likelihood: float, curve: Sequence[tuple[float, float]]) -> float:
    """Return the value of the curve, a straight line between two points."""
    if likelihood <= curve[0][0]:
        return curve[0][1]
    for (below, longer), (above, shorter) in pairwise(curve):
        if likelihood <= above:
            return longer + (shorter - longer) * (likelihood - below) / (above - below)
    return 0.0
