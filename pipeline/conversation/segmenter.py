"""Turn voice probabilities into stretches of speech. Pure; time is counted in samples."""

import enum
from collections import deque

from models.contracts import FRAME, HEARING_RATE

from .events import PossibleSpeech, PossibleSpeechEnded, SpeechBegan, SpeechPaused


def frames(ms: int) -> int:
    return ms * HEARING_RATE // 1000 // FRAME


ENTER = 0.5
"""Probability at which an unvoiced stretch turns voiced."""
STAY = 0.35
"""Probability below which a voiced stretch turns unvoiced."""
# docs/decisions/007-voice-hint-hold.md: less than speech needs, so that nobody is talked over
HINT = (frames(60), frames(100))
"""Possible speech needs this many voiced frames among this many latest ones."""
START = (frames(200), frames(300))
"""Speech needs this many voiced frames among this many latest ones."""
CONTINUE = (frames(100), frames(160))
"""Speech that paused less than `CONTINUE_WITHIN` ago needs only this many voiced frames, and so
does voice over a reply, whose words decide."""
CONTINUE_WITHIN = 2 * HEARING_RATE
"""Samples of pause up to which voice continues the speech before it."""
# docs/decisions/077-known-to-speak.md: soft ends of sentences are not lost
SETTLED = HEARING_RATE
"""Samples of voice (1 s), with pauses shorter than `CONTINUE_WITHIN`, from which somebody is known
to speak, and not to cough. Then their voice counts from `STAY`, also after a pause."""
PAUSE = 200 * HEARING_RATE // 1000
"""Samples of silence after which speech has paused, or possible speech has ended."""

Segment = PossibleSpeech | PossibleSpeechEnded | SpeechBegan | SpeechPaused


class _Phase(enum.Enum):
    QUIET = enum.auto()
    HINTED = enum.auto()
    SPEAKING = enum.auto()


class Segmenter:
    """The speech segments of one connection. Feed it every frame, in order."""

    def __init__(self) -> None:
        self.at = 0
        """Samples heard so far."""
        self.voiced = 0
        """Samples of voice since speech began."""
        self._said = 0
        """The same, and of the speech that it continues."""
        self._phase = _Phase.QUIET
        self._recent: deque[bool] = deque([False] * START[1], maxlen=START[1])
        self._voiced_until = -CONTINUE_WITHIN
        self._spoke_until = -CONTINUE_WITHIN

    @property
    def in_voice(self) -> bool:
        """Return True if there was voice just now, whether or not it is speech."""
        return self._recent[-1] or self._silence() < PAUSE

    def feed(self, probability: float, *, over_reply: bool = False) -> Segment | None:
        """Judge one more frame of `FRAME` samples; at most one event happens in it. `over_reply`:
        the interviewer speaks meanwhile."""
        self.at += FRAME
        before = self._recent[-1]
        voiced = probability >= (STAY if before or self._settled() else ENTER)
        self._recent.append(voiced)
        if voiced and before:  # a single voiced frame is a click
            self._voiced_until = self.at
        match self._phase:
            case _Phase.SPEAKING:
                self.voiced += voiced * FRAME
                self._said += voiced * FRAME
                return self._while_speaking()
            case _ if self._reached(CONTINUE if over_reply or self._continuing() else START):
                before_it = self._said if self._continuing() else 0
                self._phase = _Phase.SPEAKING
                self.voiced = sum(self._recent) * FRAME
                self._said = before_it + self.voiced
                return SpeechBegan(self.at, self._onset())
            case _Phase.QUIET if self._reached(HINT):
                self._phase = _Phase.HINTED
                return PossibleSpeech(self.at, self._onset())
            case _Phase.HINTED if self._silence() >= PAUSE:
                self._phase = _Phase.QUIET
                return PossibleSpeechEnded(self.at)
        return None

    def forget(self) -> None:
        """Start afresh: voice that is going on counts as beginning now."""
        self._phase = _Phase.QUIET
        self._recent.extend([False] * START[1])
        self._voiced_until = self._spoke_until = self.at - CONTINUE_WITHIN

    def unvoiced_since(self, at: int) -> None:
        """Count the voice since then as none."""
        self._voiced_until = min(self._voiced_until, at)

    def _while_speaking(self) -> SpeechPaused | None:
        if self._silence() < PAUSE:
            return None
        self._phase = _Phase.QUIET
        self._spoke_until = self._voiced_until
        return SpeechPaused(self.at, self._voiced_until, self.voiced)

    def _silence(self) -> int:
        return self.at - self._voiced_until

    def _continuing(self) -> bool:
        return self.at - self._spoke_until < CONTINUE_WITHIN

    def _settled(self) -> bool:
        speaking = self._phase is _Phase.SPEAKING or self._continuing()
        return speaking and self._said >= SETTLED

    def _reached(self, threshold: tuple[int, int]) -> bool:
        wanted, window = threshold
        return self._recent[-1] and sum(list(self._recent)[-window:]) >= wanted

    def _onset(self) -> int:
        """Return the first sample of the first voiced frame among the latest ones."""
        back = len(self._recent) - list(self._recent).index(True)
        return max(self._spoke_until, self.at - back * FRAME)
