"""Which words of a growing transcript are safe to show: those that two hypotheses in a row agree on
(LocalAgreement-2, Macháček et al. 2023, arXiv:2307.14743). Pure.
"""

import re
import unicodedata

from .matching import pieces

ENDING = re.compile(r"[.!?…。！？,;:]+$")


def sameness(word: str) -> str:
    """What of a word must agree: letters with their marks, and digits, regardless of case."""
    kept = (c for c in unicodedata.normalize("NFKC", word) if unicodedata.category(c)[0] in "LMN")
    return "".join(kept).casefold()


class Agreement:
    """The hypotheses of one turn, each about the same audio and more."""

    def __init__(self) -> None:
        self._last: list[str] = []
        self._agreed = 0

    def feed(self, hypothesis: str) -> str:
        """The newly agreed words, to be appended to those returned before; often empty. A word
        once returned is never taken back, whatever later hypotheses say."""
        words = pieces(hypothesis.strip())
        keys = [sameness(word) for word in words]
        common = 0
        for before, now in zip(self._last, keys, strict=False):
            if before != now:
                break
            common += 1
        self._last = keys
        if common <= self._agreed:
            return ""
        fresh = words[self._agreed : common]
        if common == len(words):  # a hypothesis ends with a full stop only because the audio ends
            fresh[-1] = ENDING.sub("", fresh[-1])
        self._agreed = common
        return "".join(fresh)
