"""How much one client may send. Pure; the caller tells the time in seconds, of any one clock."""

from dataclasses import dataclass, field

AUDIO_RATE = 1.5
"""Seconds of audio a second: a client plays live, and catches up after a stall."""
AUDIO_BURST = 10.0
"""Seconds of audio at once: what a browser has collected while the network stood still."""
MESSAGE_RATE = 150.0
MESSAGE_BURST = 600.0
REFUSED_RATE = 5.0
REFUSED_BURST = 300.0
"""Messages refused at once, or `REFUSED_RATE` a second for long, are abuse."""


class Allowance:
    """A token bucket: `burst` at once, `rate` a second for ever."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    def take(self, amount: float, now: float) -> bool:
        """Whether `amount` may pass now; what may not pass costs nothing."""
        if self._at is not None:
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if amount > self._left:
            return False
        self._left -= amount
        return True


@dataclass
class ClientLimits:
    """All the allowances of one connection."""

    messages: Allowance = field(default_factory=lambda: Allowance(MESSAGE_RATE, MESSAGE_BURST))
    audio: Allowance = field(default_factory=lambda: Allowance(AUDIO_RATE, AUDIO_BURST))
    """In seconds of audio."""
    refusals: Allowance = field(default_factory=lambda: Allowance(REFUSED_RATE, REFUSED_BURST))
    notices: Allowance = field(default_factory=lambda: Allowance(1.0, 1.0))
    """How often a client is told that it sends too much."""
