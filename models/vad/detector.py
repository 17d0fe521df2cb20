"""Voice activity from two detectors: a quick one that fires at any sound, and a slow one that
confirms."""

from collections import deque

from ..contracts import FRAME, HEARING_RATE, Samples, Vad, VadKind, VadStream
from .silero import SileroVad
from .webrtc import WebrtcVad

TRIGGER_MODE = 1
"""webrtcvad's mode when it acts as the trigger: it may fire at anything, but must not drop out
within a word."""
REST = HEARING_RATE // 2 // FRAME
"""Frames (500 ms) without a trigger after which the confirming detector is dismissed."""
LEAD = 2
"""Frames before the trigger (40 ms) that a new confirming detector hears first, since it needs 32
ms to form an opinion."""


class ConfirmedStream:
    """A detector of one session that reports voice only where both detectors do.

    The confirming detector is opened when the trigger fires and dismissed when it rests: it costs
    nothing in silence, and a fresh one recognizes the beginning of speech 10 to 40 ms sooner than
    one that has been listening to silence.
    """

    def __init__(self, trigger: VadStream, judge: Vad) -> None:
        self._trigger = trigger
        self._judges = judge
        self._judge: VadStream | None = None
        self._lead: deque[Samples] = deque(maxlen=LEAD)
        self._quiet = 0

    def probability(self, frame: Samples) -> float:
        triggered = self._trigger.probability(frame)
        self._quiet = 0 if triggered >= 0.5 else self._quiet + 1
        if self._quiet > REST:
            self._judge = None
        elif self._judge is None and not self._quiet:
            self._judge = self._judges.open()
            for before in self._lead:
                self._judge.probability(before)
        self._lead.append(frame)
        return min(triggered, self._judge.probability(frame)) if self._judge else 0.0


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
            return ConfirmedVad(WebrtcVad(TRIGGER_MODE), SileroVad())
