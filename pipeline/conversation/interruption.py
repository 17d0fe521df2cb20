"""Decide whether voice over a reply wants the floor, by the words in partial transcripts of the
voice so far. Pure.

The length of a sound says little: "yeah", "okay" and "I see" last as long as "wait" or "stop".
"""

from dataclasses import dataclass

from ..language.english import ENGLISH
from ..language.language import Language
from ..matching import words
from .endpointing import samples

# docs/decisions/003-words-decide-barge-in.md: "okay" lasts as long as "wait"
FIRST_LOOK = samples(300)
"""Amount of voice from which a recognizer can make words."""
LOOK_EVERY = samples(100)
"""Time between two partial transcripts of voice over a reply."""
SHORTEST = samples(300)
"""Voice over a reply that is shorter than this is no interruption, and is not transcribed."""
UNANSWERED = samples(1000)
"""Voiced time after which the voice gets the floor although the recognizer has not answered yet. A
backchannel is shorter than that."""
GIVE_UP = samples(2000)
"""Time without a word that wants the floor after which the reply goes on under the voice."""
WATCHED = samples(5000)
"""Amount that is watched of voice that goes on under a reply."""


def wanting(text: str, language: Language = ENGLISH) -> frozenset[str]:
    """Return the words that are not backchannels."""
    known = language.backchannels
    said = known.phrases.sub(" ", " ".join(words(text))).split()
    return frozenset(w for w in said if w not in known.words and not known.hums.fullmatch(w))


def interrupts(text: str, language: Language = ENGLISH) -> bool:
    """Return True if these words, said over a reply, want the floor. A lone "mm-hm" does not."""
    return bool(wanting(text, language))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence so far about the voice over a reply."""

    seen: frozenset[str] | None = None
    """The words in its partial transcripts that want the floor; None before the first."""

    def also(self, found: frozenset[str]) -> "Evidence":
        return Evidence(found | (self.seen or frozenset()))

    def confirms(self, found: frozenset[str]) -> bool:
        """Return True if a partial transcript in which these words want the floor shows an
        interruption: by two of them, or by one that an earlier transcript had too. The beginning of
        "okay, I see" may look like "okay, ice" once."""
        return len(found) > 1 or bool(found & (self.seen or frozenset()))

    def missing(self, voiced: int) -> bool:
        """Return True if there has been voice for so long that the recognizer cannot be waited
        for."""
        return self.seen is None and voiced >= UNANSWERED
