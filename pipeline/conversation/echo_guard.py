"""Keep the interviewer from hearing itself: while its voice comes back, that is no voice. Pure;
time is passed in. Positions are samples at 16 kHz of the incoming audio."""

from collections.abc import Callable

from models.contracts import FRAME, HEARING_RATE, SPEAKING_RATE, Samples

from .echo import LONGEST_DELAY, Return, Sent, compare
from .endpointing import samples
from .output import AudioDelta, Output, SpeechStarted
from .resample import Resampler

LONGEST = samples(1000)
"""Longest sound that is compared."""
LOOK_FIRST, LOOK_EVERY = samples(300), samples(200)
"""Voice over a reply before the first comparison, and the time between two."""
BEFORE = samples(200)
"""Sound before the onset that is compared, too."""
CHECK_EVERY = samples(500)
"""Time between two comparisons while an echo is known."""
GONE = 10
"""Comparisons without an echo after which there is none any more."""
EARLY, TAIL = samples(80), samples(300)
"""Time by which an echo may come earlier than it did, and for which a room goes on sounding."""


# docs/decisions/065-echo.md: half-duplex while there is an echo, and only then
class EchoGuard:
    def __init__(self, heard: Callable[[int, int], Samples]) -> None:
        """Make a guard. `heard` returns the audio between two positions, as it came."""
        self.known: Return | None = None
        """The echo that there is; None if there is none."""
        self.testing = False
        """True while a sound is played that may come back."""
        self.sent = Sent()
        self._heard = heard
        self._arrived: tuple[int, float] | None = None
        """Position of what came last, and when it came. Before anything has come, 0 and when
        something was sent first."""
        self._assumed = False
        self._to_hearing = Resampler(SPEAKING_RATE, HEARING_RATE)
        self._began: int | None = None
        """Onset of the voice over a reply; None while there is none."""
        self._next = 0
        """Position of the next comparison."""
        self._last: Return | None = None
        """Result of the last one."""
        self._misses = 0

    def arrived(self, at: int, now: float) -> None:
        """Take in that audio up to `at` has come just now."""
        if self._assumed:  # where on its clock what was sent before lies is known only now
            self.sent.move(at - self._position(now))
            self._assumed = False
        self._arrived = at, now

    def told(self, output: Output, now: float) -> None:
        """Take what is sent to the client, at the moment at which it is sent."""
        if self._arrived is None:
            self._arrived, self._assumed = (0, now), True
        at = self._position(now)
        match output:
            case AudioDelta(audio=audio):
                self.sent.add(self._to_hearing.convert(audio), at)
            case SpeechStarted():
                self.sent.cut(at)

    def _position(self, now: float) -> int:
        at, arrived = self._arrived or (0, now)
        return at + round((now - arrived) * HEARING_RATE)

    def drowns(self, at: int) -> bool:
        """Return True if what is heard at this position is, or may be, an echo."""
        if self.known is None:
            return self.testing
        sent = at - self.known.delay
        return self.sent.sounds(sent - TAIL, sent + EARLY + FRAME)

    def watch(self, at: int, *, in_voice: bool) -> bool | None:
        """Return True if it is certain now that there is an echo, False if there is none any more,
        and None if nothing has changed. Called with every frame."""
        if self.known:
            return self._watch_known(self.known, at)
        if not in_voice or not self.sent.sounds(at - LONGEST_DELAY, at):
            self._began = self._last = None
            return None
        if self._began is None:
            self._began = at
        if at < max(self._began + LOOK_FIRST, self._next):
            return None
        self._next = at + LOOK_EVERY
        found, before = self._compare(self._began - BEFORE, at), self._last
        self._last = found
        if not found.certain and not (before and found.confirms(before)):
            return None
        self.begin(found)
        return True

    def begin(self, found: Return) -> None:
        """Take it from now on that there is this echo."""
        self.known, self._misses = found, 0

    def measure(self, start: int, end: int) -> Return:
        """Return how what was sent came back between these positions."""
        return compare(self._heard(start, end), self.sent.between(start - LONGEST_DELAY, end))

    def _watch_known(self, known: Return, at: int) -> bool | None:
        sent = at - known.delay
        if at < self._next or not self.sent.sounds(sent - CHECK_EVERY, sent):
            return None
        self._next = at + CHECK_EVERY
        found = self._compare(at - LONGEST, at)
        if found.likely:
            self.begin(found)
            return None
        self._misses += 1
        if self._misses < GONE:
            return None
        self.known = self._began = self._last = None
        return False

    def _compare(self, start: int, end: int) -> Return:
        return self.measure(max(start, end - LONGEST, 0), end)
