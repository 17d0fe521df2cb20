"""Tell how irregularly the client's audio comes, and so how much it should have ahead of what it
plays: a network that delays one direction most often delays the other. Pure; time is passed in."""

from collections import deque

WATCHED = 10.0
"""Seconds of arrivals that count."""
STOPPED = 1.0
"""Seconds of delay from which the client is taken to have stopped sending meanwhile."""


class Jitter:
    def __init__(self) -> None:
        self._sent = 0.0
        self._delays: deque[tuple[float, float]] = deque()
        """Each arrival, with its delay: the time less the length of the audio up to it."""

    @property
    def seconds(self) -> float:
        """Return by how much one of the latest arrivals was later than another."""
        delays = [delay for _, delay in self._delays]
        return max(delays) - min(delays) if delays else 0.0

    def came(self, seconds: float, now: float) -> None:
        """Note that so much audio has come."""
        self._sent += seconds
        delay = now - self._sent
        if self._delays and delay - self._delays[-1][1] > STOPPED:
            self._delays.clear()
        self._delays.append((now, delay))
        while self._delays[0][0] < now - WATCHED:
            self._delays.popleft()
