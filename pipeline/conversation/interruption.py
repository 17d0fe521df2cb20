"""Does voice over a reply want the floor? Its words decide, by partial transcripts of the voice so
far. Pure.

How long somebody has been making a sound says little: "yeah", "okay" and "I see" last as long as
"wait" or "stop".
"""

import re
from dataclasses import dataclass

from ..matching import words
from .endpointing import samples

# docs/decisions/003-words-decide-barge-in.md: "okay" lasts as long as "wait"
FIRST_LOOK = samples(300)
"""Voice from which a recognizer makes words."""
LOOK_EVERY = samples(150)
SHORTEST = samples(300)
"""Voice over a reply that was over sooner than this is no interruption, and is not transcribed."""
UNANSWERED = samples(1000)
"""Voiced time after which the voice has the floor although the recognizer has not said anything
about it yet. A backchannel is shorter than that."""
GIVE_UP = samples(2000)
"""After this long without a word that wants the floor the reply goes on under the voice."""
WATCHED = samples(5000)
"""Of voice that goes on under a reply so much is kept in sight."""

_BACKCHANNELS = frozenset(
    "huh okay ok yeah yes yep yup ya right alright sure i see exactly indeed good great nice cool "
    "fine wow thanks you".split()
)
""""You" is also what Whisper makes of a breath."""
_PHRASES = re.compile(
    r"\b(?:all( right|$)|got( it|$)|of( course|$)|thank( you|$)|that's( right|$)|makes( sense|$)"
    r"|sounds( good|$)|fair( enough|$))\b"
)
"""At the end of a partial transcript also their beginnings."""
_HUM = re.compile(r"a?m+h*m*|h+m*|u[hm]+|ah*a?h*|oh+|eh+|h[aeu]h?")
"""Mm-hm, uh-huh, ah, oh, haha and their spellings; a word splitter cuts them at the hyphen."""


def wanting(text: str) -> frozenset[str]:
    """The words that are no backchannels."""
    said = _PHRASES.sub(" ", " ".join(words(text))).split()
    return frozenset(w for w in said if w not in _BACKCHANNELS and not _HUM.fullmatch(w))


def interrupts(text: str) -> bool:
    """Whether these words, said over a reply, want the floor. A lone "mm-hm" does not."""
    return bool(wanting(text))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the recognizer has said so far of the voice over a reply."""

    seen: frozenset[str] | None = None
    """The words that want the floor in its partial transcripts; None before the first."""

    def also(self, text: str) -> "Evidence":
        return Evidence(wanting(text) | (self.seen or frozenset()))

    def confirms(self, text: str) -> bool:
        """Whether this partial transcript shows an interruption: by two words that want the floor,
        or by one that stood in an earlier one too. The beginning of "okay, I see" may look like
        "okay, ice" once."""
        found = wanting(text)
        return len(found) > 1 or bool(found & (self.seen or frozenset()))

    def missing(self, voiced: int) -> bool:
        """Whether there has been voice for so long that the recognizer cannot be waited for."""
        return self.seen is None and voiced >= UNANSWERED
