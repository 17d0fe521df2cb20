"""Find the words of a growing transcript that are safe to show: those that two hypotheses in a row
agree on (LocalAgreement-2, Macháček et al. 2023, arXiv:2307.14743). Pure."""

import re
import unicodedata

from ..matching import UNSPACED, pieces, words

_UNSPACED = re.compile(f"[{UNSPACED}]")
ENDING = re.compile(r"[.!?…。！？,;:]+$")
FASTEST = 5
"""Words a second that somebody can say; in scripts without spaces twice as many characters."""
FAST_WORDS = 3
"""Extra words allowed on top of that rate, for short bursts."""
KEPT = 0.7
"""Share of the agreed words that a later transcript of the same audio has to contain."""

# docs/decisions/086-shown-words.md: a final transcript may have none of those that were shown
CERTAIN, CHARACTERS = 4, 4
"""Different words on which captions agreed from which somebody did speak; and how many characters
count as one in scripts without spaces."""


def sameness(word: str) -> str:
    """Return the part of a word on which hypotheses must agree: letters with their marks and
    digits, regardless of case."""
    kept = (c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c)[0] in "LMN")
    return "".join(kept).casefold()


def believed(transcript: str, agreed: str, seconds: float) -> str:
    """Return the words to believe for audio that breaks off in the middle of a word. That is the
    transcript, unless it has the faults that recognizers make there, a loop or a lost sentence;
    then it is the words agreed on before."""
    said, shown = words(transcript), len(words(agreed))
    unspaced = sum(bool(_UNSPACED.match(word)) for word in said)
    slow = len(said) - unspaced / 2 <= seconds * FASTEST + FAST_WORDS
    whole = len(said) >= shown * KEPT
    return transcript if (slow and whole) or not shown else agreed


def is_certain(agreed: str) -> bool:
    """Return True if the words agreed on are more than a recognizer makes of a noise ("Thank you.
    Thank you."), so that somebody did speak."""
    different = set(words(agreed))
    unspaced = sum(bool(_UNSPACED.match(word)) for word in different)
    return len(different) - unspaced + unspaced / CHARACTERS >= CERTAIN


class Agreement:
    """The hypotheses of one turn, each about the same audio and more."""

    def __init__(self) -> None:
        self._last: list[str] = []
        self._agreed = 0

    def feed(self, hypothesis: str) -> str:
        """Return the newly agreed words, to be appended to those returned before; often empty. A
        word once returned is never taken back, whatever later hypotheses say."""
        found = pieces(hypothesis.strip())
        keys = [sameness(word) for word in found]
        common = 0
        for before, now in zip(self._last, keys, strict=False):
            if before != now:
                break
            common += 1
        self._last = keys
        if common <= self._agreed:
            return ""
        fresh = found[self._agreed : common]
        if common == len(found):  # a hypothesis ends with a full stop only because the audio ends
            fresh[-1] = ENDING.sub("", fresh[-1])
        self._agreed = common
        return "".join(fresh)
