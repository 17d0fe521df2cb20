"""Rate limits for one client. Pure; the caller gives the time in seconds, of any one clock."""

from dataclasses import dataclass, field

AUDIO_RATE = 2.2
"""Seconds of audio a second: a client sends live, catches up after a stall, or sends 48 kHz for
24."""
AUDIO_BURST = 10.0
"""Seconds of audio at once: what a browser has collected while the network stalled."""
MESSAGE_RATE = 150.0
"""Messages a second; a client that sends audio in 20 ms frames needs 50."""
MESSAGE_BURST = 600.0
"""Messages at once, such as what was held up while the network stalled."""
REFUSED_RATE = 5.0
REFUSED_BURST = 300.0
"""Refused messages that count as abuse: so many at once, or `REFUSED_RATE` a second for long."""


class Allowance:
    """A token bucket: `burst` at once, `rate` a second in the long run."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    def take(self, amount: float, now: float) -> bool:
        """Return whether `amount` may pass now; what may not pass costs nothing."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if amount > self._left:
            return False
        self._left -= amount
        return True


@dataclass
class ClientLimits:
    """All rate limits of one connection."""

    messages: Allowance = field(default_factory=lambda: Allowance(MESSAGE_RATE, MESSAGE_BURST))
    audio: Allowance = field(default_factory=lambda: Allowance(AUDIO_RATE, AUDIO_BURST))
    """Audio, in seconds."""
    refusals: Allowance = field(default_factory=lambda: Allowance(REFUSED_RATE, REFUSED_BURST))
    notices: Allowance = field(default_factory=lambda: Allowance(1.0, 1.0))
    """Messages that tell a client that it sends too much."""
