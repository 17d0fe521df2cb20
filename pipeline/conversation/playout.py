"""Compute how far a reply has been heard, and when its next piece is due. Pure; time is passed in.

The client plays audio in order and as soon as it arrives, and need not report its position. So the
position is computed: playback starts when audio arrives and stops when everything has been played.
"""

from itertools import accumulate

from models.contracts import SPEAKING_RATE

from ..matching import pieces

LEAD = 0.1
"""Seconds of unplayed audio at which the client is sent more, where its audio comes regularly."""
USUAL_JITTER = 0.04
"""Seconds by which a browser's audio comes irregularly on any network."""
LONGEST_LEAD = 0.4
"""Seconds of lead where the network is worst; more would be played on after an interruption."""
QUANTUM = 128
"""Samples that a browser renders at a time. It can begin a buffer of its own only with one of them,
so a piece that ends between two of them always leaves a gap."""
# docs/decisions/063-audio-ahead.md: 80 ms fill both quanta and the 10 ms of a sound card
PIECE = 15 * QUANTUM
"""Samples of a piece."""


def lead_for(jitter: float) -> float:
    """Return the lead for a client whose audio comes that irregularly."""
    return min(LEAD + max(0.0, jitter - USUAL_JITTER), LONGEST_LEAD)


# docs/decisions/001-two-clocks.md: the client's buffer drains in real time, whatever arrives here
class Playout:
    """The playback of one reply at the client. Positions are samples of the reply at 24 kHz, times
    are seconds of any steady clock."""

    def __init__(self, lead: float = LEAD) -> None:
        """`lead`: seconds of unplayed audio at which the client is sent more."""
        self._lead = lead
        self.sent = 0
        """Samples sent so far."""
        self._dry_at = 0.0

    def next_piece(self, left: int) -> int:
        """Return how many of the clause's last `left` samples the next piece has. No short piece is
        left over, since each border may be a gap."""
        return left if left < PIECE * 3 // 2 else PIECE

    def due(self) -> float:
        """Return when the next piece should be sent."""
        return self._dry_at - self._lead

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
