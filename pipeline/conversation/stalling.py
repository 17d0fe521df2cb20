"""Notice that the words of a turn do not become more although there is voice: it is not the
candidate's. Pure."""

from dataclasses import dataclass
from itertools import takewhile

from ..matching import words
from .agreement import sameness
from .endpointing import samples

# docs/decisions/068-stalled-turns.md: partial transcripts of real answers stall for up to 5 s
STALLED = samples(5000)
"""Time without another word after which a turn may be over, though there is voice."""

# docs/decisions/075-quieter-voice.md: two partial transcripts
QUIETER = samples(1400)
"""The same in voice that is quieter than the candidate all the time."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words in the partial transcripts of a stretch: how many there are, and on how many
    letters two in a row agree. A transcript that guesses ahead is longer than those after it."""

    most: int = 0
    since: int | None = None
    """Time at which they became so many, or so many letters; None before the first transcript."""
    # docs/decisions/081-quieter-answers.md: a number that is being said stays one word
    agreed: int = 0
    """The most letters at their beginning that two in a row had in common."""
    last: str = ""
    """The letters of the latest transcript, and when it came."""
    last_at: int = 0

    def also(self, text: str, at: int) -> "Words":
        """Return this with one more partial transcript, which came at that time."""
        said, letters = len(words(text)), sameness(text)
        pairs = zip(self.last, letters, strict=False)
        agreed = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        since = self.since
        if since is None or said > self.most:
            since = at
        elif agreed > self.agreed:
            since = max(since, self.last_at)  # the one before had them, too
        most, agreed = max(said, self.most), max(agreed, self.agreed)
        return Words(most, since, agreed, letters, at)

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
