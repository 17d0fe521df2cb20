"""Notice that the words of a turn do not become more although there is voice: it is not the
candidate's. Pure."""

from dataclasses import dataclass

from ..matching import words
from .endpointing import samples

# docs/decisions/068-stalled-turns.md: partial transcripts of real answers stall for up to 5 s
STALLED = samples(5000)
"""Time without another word after which a turn may be over, though there is voice."""

# docs/decisions/075-quieter-voice.md: two partial transcripts
QUIETER = samples(1400)
"""The same in voice that is quieter than the candidate all the time."""


@dataclass(frozen=True, slots=True)
class Words:
    """The number of words in the partial transcripts of a stretch."""

    most: int = 0
    since: int | None = None
    """Time at which they became so many; None before the first transcript."""

    def also(self, text: str, at: int) -> "Words":
        """Return this with one more partial transcript, which came at that time."""
        said = len(words(text))
        return Words(said, at) if self.since is None or said > self.most else self

    def stalled(self, at: int) -> bool:
        """Return True if there have been no more for so long that nobody speaks who is meant."""
        return self.since is not None and at >= self.since + STALLED

    def left_to_others(self, at: int, quieter_since: int | None) -> bool:
        """Return True if voice that has been quieter than the candidate since then has no more
        words either: it is not theirs."""
        if self.since is None or quieter_since is None:
            return False
        return at >= max(self.since, quieter_since) + QUIETER

    def exceeded(self, text: str) -> bool:
        """Return True if the final transcript shows that somebody did speak: a partial one may lose
        all words after a sentence for seconds, which is noticed in a final one."""
        return len(words(text)) > self.most + 1
