"""Voice activity from two detectors: a quick one that fires at any sound, and a slow one that
confirms."""

from collections import deque

from ..contracts import FRAME, HEARING_RATE, Samples, Vad, VadKind, VadStream
from .gain import AmplifiedVad
from .silero import SileroVad
from .webrtc import WebrtcVad

TRIGGER_MODE = 1
"""webrtcvad's mode when it acts as the trigger: it may fire at anything, but must not drop out
within a word."""
REST = HEARING_RATE // 2 // FRAME
"""Frames (500 ms) without a trigger after which a second confirming detector is asked again."""
# docs/decisions/070-words-outside.md: a new one hears little of a voice in noise
KEPT = 2 * HEARING_RATE // FRAME
"""Frames (2 s) without a trigger after which the confirming detector is dismissed."""
LEAD = 12
"""Frames before the trigger (240 ms) that a new confirming detector hears first, because its
opinion of a voice depends on what came before. Measured on recordings of spoken digits: with 40 ms
a quarter of the voiced frames are missed, with 240 ms a sixteenth."""
YOUNG = 2
"""Frames before the trigger that a second one hears: it recognizes some voices up to 200 ms sooner
than one that has heard silence for so long."""
TOGETHER = 15
"""Frames (300 ms) for which both are asked."""

DOUBTED = HEARING_RATE // FRAME
"""Frames (1 s) in a row in which the trigger fires and the confirming detector hears no voice. Then
that is renewed: after half a minute of speech without a pause it may hear none for many seconds.
Noise is none for a new one, either."""
# docs/decisions/074-deaf-trigger.md: WebRTC's detector takes a long noise for silence, and soft
# voice in it too
DEAF = 5
"""Frames (100 ms) in a row in which the confirming detector hears voice and the trigger does not
fire. From then on the confirming one is believed alone, until it hears none. It is shorter than a
pause, so that voice which goes on has none."""
FADED = 0.35
"""Probability of the confirming detector below which that is over."""


class ConfirmedStream:
    """A detector of one session that reports voice only where both detectors do, unless the trigger
    is deaf.

    The confirming detector is opened when the trigger fires and dismissed when it rests: it costs
    nothing in silence. After a rest there are two of it at first, and one that is sure is enough.
    """

    def __init__(self, trigger: VadStream, judge: Vad) -> None:
        self._trigger = trigger
        self._judge = judge
        self._confirming: list[VadStream] = []
        self._asked = 0
        """Frames since they were opened."""
        self._lead: deque[Samples] = deque(maxlen=LEAD)
        self._quiet = 0
        """Frames since the trigger fired."""
        self._doubted = 0
        """Frames in a row in which the trigger fires and the other hears no voice."""
        self._alone = 0
        """Frames in a row in which the other hears voice and the trigger does not fire."""

    def probability(self, frame: Samples) -> float:
        triggered = self._trigger.probability(frame)
        rested = self._quiet > REST
        self._quiet = 0 if triggered >= 0.5 else self._quiet + 1
        if self._doubted == DOUBTED:
            self._confirming, self._doubted = [], 0
        if self._quiet > KEPT and not self._alone:
            self._confirming = []
        elif not self._quiet and (rested or not self._confirming):
            self._asked = 0
            oldest = self._confirming[:1] or [self._opened(LEAD)]
            self._confirming = [*oldest, self._opened(YOUNG)]
        elif self._asked == TOGETHER:
            del self._confirming[1:]
        self._asked += 1
        self._lead.append(frame)
        confirmed = max((stream.probability(frame) for stream in self._confirming), default=0.0)
        self._doubted = self._doubted + 1 if triggered >= 0.5 > confirmed else 0
        least = 0.5 if self._alone < DEAF else FADED
        self._alone = self._alone + 1 if triggered < 0.5 and confirmed >= least else 0
        return confirmed if self._alone >= DEAF else min(triggered, confirmed)

    def _opened(self, lead: int) -> VadStream:
        """Open a confirming detector that has heard so many of the latest frames."""
        stream = self._judge.open()
        for frame in list(self._lead)[-lead:]:
            stream.probability(frame)
        return stream


class ConfirmedVad:
    def __init__(self, trigger: Vad, judge: Vad) -> None:
        self._trigger = trigger
        self._judge = judge

    def open(self) -> ConfirmedStream:
        return ConfirmedStream(self._trigger.open(), self._judge)


def choose(kind: VadKind = "both") -> Vad:
    """Make the detector of that kind. Raises `WeightsMissing` or `WeightsUnusable` where Silero is
    wanted."""
    match kind:
        case "webrtc":
            return WebrtcVad()
        case "silero":
            return SileroVad()
        case "both":
            return ConfirmedVad(AmplifiedVad(WebrtcVad(TRIGGER_MODE)), SileroVad())
