"""Compute how far a reply has been heard, and when its next piece is due. Pure; time is passed in.

The client plays audio in order and as soon as it arrives, and need not report its position. So the
position is computed: playback starts when audio arrives and stops when everything has been played.
"""

from itertools import accumulate

from models.contracts import SPEAKING_RATE

from ..matching import pieces

LEAD = 0.15
"""Seconds of unplayed audio at which the client is sent more: enough to hide a hiccup of the
network. With a piece that has just been sent it has 0.35 s, which it plays on after a pause."""
FIRST_PIECE = SPEAKING_RATE // 10
"""Samples of a reply's first piece: short, so that it can be heard soon."""
PIECE = SPEAKING_RATE // 5
"""Samples of every other piece: long, because the client may leave a gap at each border."""


# docs/decisions/001-two-clocks.md: the client's buffer drains in real time, whatever arrives here
class Playout:
    """The playback of one reply at the client. Positions are samples of the reply at 24 kHz, times
    are seconds of any steady clock."""

    def __init__(self) -> None:
        self.sent = 0
        """Samples sent so far."""
        self._dry_at = 0.0

    def due(self) -> float:
        """Return when the next piece should be sent."""
        return self._dry_at - LEAD

    def send(self, samples: int, now: float) -> None:
        self._dry_at = max(self._dry_at, now) + samples / SPEAKING_RATE
        self.sent += samples

    def played(self, now: float) -> int:
        """Return how many samples the client has played by now."""
        return self.sent - round(max(0.0, self._dry_at - now) * SPEAKING_RATE)

    def dry_at(self) -> float:
        """Return when the client will have played everything that was sent."""
        return self._dry_at


def words_heard(text: str, samples: int, played: int) -> tuple[str, str]:
    """Split a clause of `samples` after the last word whose end was within the first `played`.

    The time of each word is estimated from its share of the characters.
    """
    if played >= samples:
        return text, ""
    reached = len(text) * played / samples if samples else 0.0
    ends = accumulate(map(len, pieces(text)))
    cut = max((end for end in ends if end <= reached), default=0)
    return text[:cut].rstrip(), text[cut:].lstrip()
