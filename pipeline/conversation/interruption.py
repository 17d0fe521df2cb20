"""Does voice over a reply want the floor? Its words decide, by partial transcripts of the voice so
far. Pure.

How long somebody has been making a sound says little: "yeah", "okay" and "I see" last as long as
"wait" or "stop".
"""

from dataclasses import dataclass

from ..language.english import ENGLISH
from ..language.language import Language
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


def wanting(text: str, language: Language = ENGLISH) -> frozenset[str]:
    """The words that are no backchannels."""
    known = language.backchannels
    said = known.phrases.sub(" ", " ".join(words(text))).split()
    return frozenset(w for w in said if w not in known.words and not known.hums.fullmatch(w))


def interrupts(text: str, language: Language = ENGLISH) -> bool:
    """Whether these words, said over a reply, want the floor. A lone "mm-hm" does not."""
    return bool(wanting(text, language))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the recognizer has said so far of the voice over a reply."""

    seen: frozenset[str] | None = None
    """The words that want the floor in its partial transcripts; None before the first."""

    def also(self, found: frozenset[str]) -> "Evidence":
        return Evidence(found | (self.seen or frozenset()))

    def confirms(self, found: frozenset[str]) -> bool:
        """Whether a partial transcript with these words that want the floor shows an interruption:
        by two of them, or by one that stood in an earlier one too. The beginning of "okay, I see"
        may look like "okay, ice" once."""
        return len(found) > 1 or bool(found & (self.seen or frozenset()))

    def missing(self, voiced: int) -> bool:
        """Whether there has been voice for so long that the recognizer cannot be waited for."""
        return self.seen is None and voiced >= UNANSWERED
